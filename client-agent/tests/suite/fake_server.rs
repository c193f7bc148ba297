//! A server of one process: welcomes agents, pushes desired sets, answers wants, keeps and acknowledges updates.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use model::codec::{decode, encode};
use model::{AllocId, AllocUpdate, Allocation, ClientStatus, DesiredStatus, Job, Node, NodeId, TaskState};
use proto::v1::agent_message::Body as AgentBody;
use proto::v1::node_agent_server::{NodeAgent, NodeAgentServer};
use proto::v1::server_message::Body as ServerBody;
use proto::v1::{self, AgentMessage, ServerMessage};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};

pub(crate) const CLUSTER: &str = "11111111-2222-3333-4444-555555555555";

#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) index: u64,
    pub(crate) allocs: BTreeMap<AllocId, Allocation>,
    /// Every update, oldest first.
    pub(crate) updates: BTreeMap<AllocId, Vec<AllocUpdate>>,
    pub(crate) nodes: BTreeMap<NodeId, Node>,
    pub(crate) secrets: BTreeSet<String>,
    pub(crate) wants: Vec<v1::Want>,
    pub(crate) sessions: u64,
    pub(crate) heartbeats: u64,
    pub(crate) jobs_sent: u64,
    pub(crate) http: BTreeMap<u64, (u32, String, Vec<u8>, bool)>,
    /// Updates are answered with this error instead of being kept.
    pub(crate) ack_error: String,
    pub(crate) refuse: Option<v1::Refused>,
    pub(crate) cluster: String,
    to_agent: Option<mpsc::Sender<Result<ServerMessage, Status>>>,
}

/// The server; it ends when dropped.
pub(crate) struct FakeServer {
    pub(crate) address: SocketAddr,
    pub(crate) inner: Arc<Mutex<Inner>>,
    changed: watch::Sender<u64>,
    _end: DropGuard,
}

struct Service {
    inner: Arc<Mutex<Inner>>,
    changed: watch::Sender<u64>,
}

pub(crate) fn server_message(body: ServerBody) -> ServerMessage {
    ServerMessage { traceparent: String::new(), body: Some(body) }
}

impl Inner {
    fn set(&self) -> v1::DesiredSet {
        let refs = self.allocs.values().map(|alloc| v1::AllocRef {
            id: alloc.id.to_string(),
            alloc_modify_index: alloc.alloc_modify_index,
            desired_status: alloc.desired_status.as_str().to_owned(),
            no_shutdown_delay: alloc.desired_transition.skips_shutdown_delay(),
        });
        v1::DesiredSet { index: self.index, allocs: refs.collect() }
    }

    fn bodies(&mut self, want: &v1::Want, sent: &mut BTreeSet<(String, u64)>) -> v1::Bodies {
        let mut bodies = v1::Bodies::default();
        for id in &want.alloc_ids {
            let Some(alloc) = self.allocs.get(&id.parse().unwrap()) else {
                continue;
            };
            bodies.allocs.push(encode(alloc).into());
            if sent.insert((alloc.job_id.clone(), alloc.job_version)) {
                bodies.jobs.push(encode(&*alloc.job).into());
            }
        }
        for wanted in &want.jobs {
            let job = self.allocs.values().map(|alloc| &alloc.job).find(|job| job.id == wanted.job_id);
            bodies.jobs.extend(job.map(|job| encode(&**job).into()));
        }
        self.jobs_sent += bodies.jobs.len() as u64;
        bodies
    }

    fn take_status(&mut self, batch: v1::StatusBatch) -> v1::StatusAck {
        if self.ack_error.is_empty() {
            for bytes in &batch.updates {
                let update: AllocUpdate = decode(bytes).unwrap();
                self.updates.entry(update.id).or_default().push(update);
            }
        }
        v1::StatusAck { batch: batch.batch, index: self.index, error: self.ack_error.clone() }
    }

    fn take_http(&mut self, frame: v1::HttpChunkFrame) {
        let answer = self.http.entry(frame.request).or_default();
        if frame.status != 0 {
            answer.0 = frame.status;
            answer.1 = frame.content_type;
        }
        answer.2.extend_from_slice(&frame.body);
        answer.3 |= frame.end;
    }
}

#[tonic::async_trait]
impl NodeAgent for Service {
    type SessionStream = ReceiverStream<Result<ServerMessage, Status>>;

    async fn session(
        &self,
        request: Request<Streaming<AgentMessage>>,
    ) -> Result<Response<Self::SessionStream>, Status> {
        let mut incoming = request.into_inner();
        let (to_agent, stream) = mpsc::channel(64);
        let (inner, mut changed) = (Arc::clone(&self.inner), self.changed.subscribe());
        tokio::spawn(async move {
            let Ok(Some(AgentMessage { body: Some(AgentBody::Hello(hello)), .. })) = incoming.message().await
            else {
                return;
            };
            let answer = {
                let mut inner = inner.lock().unwrap();
                inner.sessions += 1;
                inner.secrets.insert(hello.secret);
                let node: Node = decode(&hello.node).unwrap();
                inner.nodes.insert(node.id, node);
                inner.to_agent = Some(to_agent.clone());
                match inner.refuse.clone() {
                    Some(refused) => ServerBody::Refused(refused),
                    None => ServerBody::Welcome(v1::Welcome {
                        cluster_id: inner.cluster.clone(),
                        heartbeat_ttl_ms: 150,
                        index: inner.index,
                        servers: Vec::new(),
                    }),
                }
            };
            to_agent.send(Ok(server_message(answer))).await.ok();
            let mut sent = BTreeSet::new();
            changed.mark_changed();
            loop {
                let answer = tokio::select! {
                    message = incoming.message() => {
                        let Ok(Some(message)) = message else { return };
                        let mut inner = inner.lock().unwrap();
                        match message.body {
                            Some(AgentBody::Want(want)) => {
                                inner.wants.push(want.clone());
                                Some(ServerBody::Bodies(inner.bodies(&want, &mut sent)))
                            }
                            Some(AgentBody::Status(batch)) => Some(ServerBody::StatusAck(inner.take_status(batch))),
                            Some(AgentBody::Http(frame)) => { inner.take_http(frame); None }
                            Some(AgentBody::Heartbeat(_)) => { inner.heartbeats += 1; None }
                            Some(AgentBody::InputAck(_) | AgentBody::Node(_) | AgentBody::Hello(_)) | None => None,
                        }
                    }
                    Ok(()) = changed.changed() => Some(ServerBody::Desired(inner.lock().unwrap().set())),
                };
                if let Some(answer) = answer
                    && to_agent.send(Ok(server_message(answer))).await.is_err()
                {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }
}

impl FakeServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Mutex::new(Inner { cluster: CLUSTER.to_owned(), ..Inner::default() }));
        let changed = watch::Sender::new(0);
        let end = CancellationToken::new();
        let service = NodeAgentServer::new(Service { inner: Arc::clone(&inner), changed: changed.clone() });
        let stop = end.clone().cancelled_owned();
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), stop),
        );
        FakeServer { address, inner, changed, _end: end.drop_guard() }
    }

    /// Changes what the server knows and pushes the new set.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = self.inner.lock().unwrap();
        inner.index += 1;
        let result = change(&mut inner);
        drop(inner);
        self.changed.send_modify(|count| *count += 1);
        result
    }

    /// Looks without pushing anything.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Inner) -> T) -> T {
        look(&self.inner.lock().unwrap())
    }

    /// Sends one message to the agent as it is.
    pub(crate) async fn send(&self, body: ServerBody) {
        let to_agent = self.inner.lock().unwrap().to_agent.clone().unwrap();
        to_agent.send(Ok(server_message(body))).await.unwrap();
    }

    /// Ends the present session.
    pub(crate) async fn cut(&self) {
        let to_agent = self.inner.lock().unwrap().to_agent.take().unwrap();
        to_agent.send(Err(Status::unavailable("cut"))).await.ok();
    }

    /// Takes no session any more and ends the present one.
    pub(crate) async fn vanish(self) {
        let present = self.inner.lock().unwrap().to_agent.take().unwrap();
        drop(self);
        present.send(Err(Status::unavailable("gone"))).await.ok();
    }

    /// Waits for the node to introduce itself.
    pub(crate) async fn node_id(&self) -> NodeId {
        crate::eventually("the node registers", || self.look(|inner| inner.nodes.keys().next().copied()))
            .await
    }

    /// Places an allocation of the job's only group.
    pub(crate) async fn place(&self, job: &Arc<Job>) -> AllocId {
        self.place_with(job, |_| {}).await
    }

    /// Places a job's allocation as `adjust` leaves it.
    pub(crate) async fn place_with(&self, job: &Arc<Job>, adjust: impl FnOnce(&mut Allocation)) -> AllocId {
        let node_id = self.node_id().await;
        self.change(|inner| {
            let id = inner.add(job, node_id);
            inner.allocs.get_mut(&id).map(adjust);
            id
        })
    }

    pub(crate) fn stop(&self, id: AllocId) {
        self.change(|inner| {
            let index = inner.index;
            let alloc = inner.allocs.get_mut(&id).unwrap();
            alloc.desired_status = DesiredStatus::Stop;
            alloc.alloc_modify_index = index;
        });
    }

    pub(crate) fn remove(&self, id: AllocId) {
        self.change(|inner| inner.allocs.remove(&id));
    }

    pub(crate) fn status(&self, id: AllocId) -> Option<ClientStatus> {
        self.look(|inner| Some(inner.updates.get(&id)?.last()?.client_status))
    }

    pub(crate) fn task(&self, id: AllocId, task: &str) -> Option<TaskState> {
        self.look(|inner| inner.updates.get(&id)?.last()?.task_states.get(task).cloned())
    }

    /// Waits until the agent reports a status.
    pub(crate) async fn until(&self, id: AllocId, status: ClientStatus) -> AllocUpdate {
        let what = format!("{id} is {status:?}");
        crate::eventually(&what, || {
            self.look(|inner| {
                inner.updates.get(&id)?.last().filter(|update| update.client_status == status).cloned()
            })
        })
        .await
    }

    /// Asks the agent over its session.
    pub(crate) async fn http(
        &self,
        request: u64,
        method: &str,
        target: &str,
        body: &str,
    ) -> (u32, String, String) {
        let frame = v1::HttpRequestFrame {
            request,
            method: method.to_owned(),
            target: target.to_owned(),
            body: body.as_bytes().to_vec().into(),
            cancel: false,
            conversation: false,
        };
        self.send(ServerBody::Http(frame)).await;
        let what = format!("an answer to {target}");
        let answer = crate::eventually(&what, || {
            self.look(|inner| inner.http.get(&request).filter(|answer| answer.3).cloned())
        });
        let (status, content_type, body, _) = answer.await;
        (status, content_type, String::from_utf8(body).unwrap())
    }
}

impl Inner {
    pub(crate) fn add(&mut self, job: &Arc<Job>, node_id: NodeId) -> AllocId {
        let id = AllocId(runtime::Mint::random().uuid());
        let group = &job.task_groups[0];
        let alloc = Allocation {
            id,
            name: model::alloc::alloc_name(&job.id, &group.name, 0),
            node_id,
            namespace: job.namespace.clone(),
            job_id: job.id.clone(),
            job_create_index: job.create_index,
            job_version: job.version,
            job: Arc::clone(job),
            task_group: group.name.clone(),
            resources: model::AllocatedResources::of_group(group, &model::resources::Given::default()),
            create_index: self.index,
            modify_index: self.index,
            alloc_modify_index: self.index,
            ..Allocation::default()
        };
        self.allocs.insert(id, alloc);
        id
    }
}
