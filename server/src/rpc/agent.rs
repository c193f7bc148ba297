//! The session of a client agent: who it is, what it should run, what it reports.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt};
use model::codec::{decode, encode};
use model::id::{AllocId, JobKey, NodeId};
use model::{AllocUpdate, Node};
use proto::v1::agent_message::Body as FromAgent;
use proto::v1::node_agent_server::NodeAgent;
use proto::v1::server_message::Body as ToAgent;
use proto::v1::{
    AgentMessage, AllocRef, Bodies, DesiredSet, Hello, Refused, ServerMessage, StatusAck, StatusBatch, Want,
    Welcome,
};
use state::State;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument;

use super::peer::malformed;
use crate::app::nodes::secret_hash;
use crate::app::{App, CommandError};
use crate::sessions::{Seat, Sessions};

/// Messages that may wait for an agent.
const QUEUE: usize = 64;
/// How long a new session may take to say who it is.
const HELLO_LIMIT: Duration = Duration::from_secs(10);
/// Bytes of bodies in one message; the rest comes in further ones.
const BODIES_BYTES: usize = 2 << 20;
/// A session without any message for this many heartbeat times is over.
const SILENCE_TTLS: u32 = 10;

pub(super) struct AgentService {
    app: Arc<App>,
    cancel: CancellationToken,
}

impl AgentService {
    pub(super) fn new(app: Arc<App>, cancel: CancellationToken) -> Self {
        AgentService { app, cancel }
    }
}

type ToAgentStream = Pin<Box<dyn Stream<Item = Result<ServerMessage, Status>> + Send>>;

#[tonic::async_trait]
impl NodeAgent for AgentService {
    type SessionStream = ToAgentStream;

    async fn session(
        &self,
        request: Request<Streaming<AgentMessage>>,
    ) -> Result<Response<ToAgentStream>, Status> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (app, cancel) = (self.app.clone(), self.cancel.clone());
        let messages = request.into_inner();
        tokio::spawn(async move {
            let ended = tokio::select! {
                () = cancel.cancelled() => Ok(()),
                ended = hold(app, messages, sender) => ended,
            };
            if let Err(status) = ended {
                tracing::debug!(%status, "an agent's session ended");
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver).map(Ok).boxed()))
    }
}

/// One session from hello to its end.
async fn hold(
    app: Arc<App>,
    mut messages: Streaming<AgentMessage>,
    to_agent: mpsc::Sender<ServerMessage>,
) -> Result<(), Status> {
    let first = tokio::time::timeout(HELLO_LIMIT, messages.message()).await;
    let hello = match first.map_err(|_| Status::deadline_exceeded("no hello"))?? {
        Some(AgentMessage { body: Some(FromAgent::Hello(hello)), .. }) => hello,
        _ => return Err(Status::invalid_argument("a session begins with hello")),
    };
    let epoch = app.state().epoch();
    let agent = match admit(&app, hello).await {
        Ok(agent) => agent,
        Err(refused) => {
            tracing::warn!(reason = %refused.reason, "an agent was refused");
            return send(&to_agent, ToAgent::Refused(refused)).await;
        }
    };
    let welcome = Welcome {
        cluster_id: app.raft.cluster_id().unwrap_or_default(),
        heartbeat_ttl_ms: app.options.heartbeats.ttl_ms,
        index: app.state().index(),
        servers: app.raft.members().into_iter().map(|member| member.rpc_addr).collect(),
    };
    send(&to_agent, ToAgent::Welcome(welcome)).await?;
    let seat = Sessions::enter(&app, agent.node_id, to_agent.clone());
    if app.state().epoch() != epoch {
        return Err(Status::unavailable("a snapshot was restored meanwhile"));
    }
    tracing::info!(node = %agent.node_id, "an agent's session begins");
    let pushing = push_desired(&app, &agent, &seat, &to_agent);
    let reading = read(&app, &agent, &mut messages, &to_agent);
    let ended = tokio::select! {
        ended = pushing => ended,
        ended = reading => ended,
        () = seat.ended.cancelled() => Err(Status::unavailable("a snapshot was restored")),
    };
    tracing::info!(node = %agent.node_id, "an agent's session ends");
    ended
}

/// The agent of a session, once its secret has been checked.
struct Agent {
    node_id: NodeId,
    secret_hash: String,
}

async fn admit(app: &Arc<App>, hello: Hello) -> Result<Agent, Refused> {
    let refuse = |reason: String, fatal: bool| Refused { reason, fatal };
    let mine = app.raft.cluster_id().unwrap_or_default();
    if !hello.cluster_id.is_empty() && !mine.is_empty() && hello.cluster_id != mine {
        let reason = format!("this is cluster {mine}, the agent's state is of cluster {}", hello.cluster_id);
        return Err(refuse(reason, true));
    }
    let node_id: NodeId = hello.node_id.parse().map_err(|error| refuse(format!("node id: {error}"), true))?;
    if hello.secret.len() < 16 {
        return Err(refuse("a node's secret has at least 16 characters".to_owned(), true));
    }
    let secret_hash = secret_hash(&hello.secret);
    let node: Node = decode(&hello.node).map_err(|error| refuse(error.to_string(), true))?;
    let node = Node { id: node_id, secret_hash: secret_hash.clone(), ..node };
    match app.register_node(node).await {
        Ok(_) => Ok(Agent { node_id, secret_hash }),
        Err(CommandError::Refused(reason)) => Err(refuse(reason, true)),
        Err(error) => Err(refuse(error.to_string(), false)),
    }
}

/// Sends the desired set whenever it changes. The first one is read linearizably, so that a session with a lagging
/// server never stops what another has just started.
async fn push_desired(
    app: &Arc<App>,
    agent: &Agent,
    seat: &Seat,
    to_agent: &mpsc::Sender<ServerMessage>,
) -> Result<(), Status> {
    app.raft.read_barrier().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let mut last: Option<Vec<AllocRef>> = None;
    loop {
        let woken = seat.wake.notified();
        let state = app.state();
        let (allocs, traceparent) = desired(&state, agent.node_id);
        if last.as_ref() != Some(&allocs) {
            let span =
                tracing::info_span!("rpc.push_allocs", node = %agent.node_id.short(), allocs = allocs.len());
            runtime::trace::set_parent(&span, &traceparent);
            let set = DesiredSet { index: state.index(), allocs: allocs.clone() };
            send(to_agent, ToAgent::Desired(set)).instrument(span).await?;
            last = Some(allocs);
        }
        woken.await;
    }
}

/// A node's allocations that its agent has to know, and the trace of the newest.
fn desired(state: &State, node: NodeId) -> (Vec<AllocRef>, String) {
    let allocs: Vec<_> = state.allocs_of_node(node).collect();
    let trace = allocs.iter().max_by_key(|alloc| alloc.alloc_modify_index).map(|alloc| alloc.trace.clone());
    let reference = |alloc: &&std::sync::Arc<model::Allocation>| AllocRef {
        id: alloc.id.to_string(),
        alloc_modify_index: alloc.alloc_modify_index,
        desired_status: alloc.desired_status.as_str().to_owned(),
        no_shutdown_delay: alloc.desired_transition.skips_shutdown_delay(),
    };
    (allocs.iter().map(reference).collect(), trace.unwrap_or_default())
}

async fn read(
    app: &Arc<App>,
    agent: &Agent,
    messages: &mut Streaming<AgentMessage>,
    to_agent: &mpsc::Sender<ServerMessage>,
) -> Result<(), Status> {
    let silence = Duration::from_millis(app.options.heartbeats.ttl_ms) * SILENCE_TTLS;
    loop {
        let next = tokio::time::timeout(silence, messages.message()).await;
        let Some(message) = next.map_err(|_| Status::deadline_exceeded("the agent fell silent"))?? else {
            return Ok(());
        };
        app.sessions.heard(agent.node_id);
        match message.body {
            Some(FromAgent::Want(want)) => send_bodies(app, agent, want, to_agent).await?,
            Some(FromAgent::Status(batch)) => {
                let span = tracing::info_span!("rpc.alloc_status", node = %agent.node_id.short());
                runtime::trace::set_parent(&span, &message.traceparent);
                let ack = take_status(app, agent, batch).instrument(span).await?;
                send(to_agent, ToAgent::StatusAck(ack)).await?;
            }
            Some(FromAgent::InputAck(ack)) => app.sessions.acknowledged(agent.node_id, &ack),
            Some(FromAgent::Node(update)) => re_register(app, agent, &update.node).await?,
            Some(FromAgent::Http(frame)) => app.sessions.frame(agent.node_id, frame).await,
            Some(FromAgent::Heartbeat(_) | FromAgent::Hello(_)) | None => {}
        }
    }
}

/// Registers what the node has become since its session began.
async fn re_register(app: &Arc<App>, agent: &Agent, node: &[u8]) -> Result<(), Status> {
    let node: Node = decode(node).map_err(malformed("node"))?;
    let node = Node { id: agent.node_id, secret_hash: agent.secret_hash.clone(), ..node };
    let registered = app.register_node(node).await;
    registered.map(drop).map_err(|error| Status::unavailable(error.to_string()))
}

async fn take_status(app: &Arc<App>, agent: &Agent, batch: StatusBatch) -> Result<StatusAck, Status> {
    let updates: Result<Vec<AllocUpdate>, _> = batch.updates.iter().map(|update| decode(update)).collect();
    let updates = updates.map_err(malformed("update"))?;
    let ack = StatusAck { batch: batch.batch, ..StatusAck::default() };
    Ok(match app.update_allocs(agent.node_id, &agent.secret_hash, updates).await {
        Ok(index) => StatusAck { index, ..ack },
        Err(error) => StatusAck { error: error.to_string(), ..ack },
    })
}

/// Answers with the bodies asked for, as far as they are this node's.
async fn send_bodies(
    app: &Arc<App>,
    agent: &Agent,
    want: Want,
    to_agent: &mpsc::Sender<ServerMessage>,
) -> Result<(), Status> {
    let state = app.state();
    let mut parts = Vec::new();
    for job in &want.jobs {
        let key = JobKey::new(&job.namespace, &job.job_id);
        if let Some(job) = state.job_version(&key, job.create_index, job.version) {
            parts.push((true, encode(&**job)));
        }
    }
    for id in want.alloc_ids.iter().filter_map(|id| id.parse::<AllocId>().ok()) {
        if let Some(alloc) = state.alloc(id).filter(|alloc| alloc.node_id == agent.node_id) {
            if !want.jobs.iter().any(|job| job.job_id == alloc.job_id && job.version == alloc.job_version) {
                parts.push((true, encode(&*alloc.job)));
            }
            parts.push((false, encode(&**alloc)));
        }
    }
    let mut bodies = Bodies::default();
    let mut bytes = 0;
    for (is_job, part) in parts {
        bytes += part.len();
        let list = if is_job { &mut bodies.jobs } else { &mut bodies.allocs };
        if !list.iter().any(|known| known == &part) {
            list.push(part.into());
        }
        if bytes >= BODIES_BYTES {
            send(to_agent, ToAgent::Bodies(std::mem::take(&mut bodies))).await?;
            bytes = 0;
        }
    }
    send(to_agent, ToAgent::Bodies(bodies)).await
}

async fn send(to_agent: &mpsc::Sender<ServerMessage>, body: ToAgent) -> Result<(), Status> {
    let traceparent = runtime::trace::current_traceparent();
    let message = ServerMessage { traceparent, body: Some(body) };
    to_agent.send(message).await.map_err(|_| Status::cancelled("the agent went away"))
}
