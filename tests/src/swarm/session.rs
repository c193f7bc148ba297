//! One agent's sessions, one after the other, for as long as it runs.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::codec::{decode, encode};
use model::{AllocId, AllocUpdate, Allocation, Job};
use proto::v1;
use proto::v1::agent_message::Body as FromAgent;
use proto::v1::node_agent_client::NodeAgentClient;
use proto::v1::server_message::Body as FromServer;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

use super::Shared;
use super::books::Counters;
use super::memory::Memory;

const CONNECT_LIMIT: Duration = Duration::from_secs(1);
const HELLO_LIMIT: Duration = Duration::from_secs(3);
const PROBE_EVERY: Duration = Duration::from_secs(1);
const PROBE_LIMIT: Duration = Duration::from_secs(3);
/// Between two attempts.
const PAUSE_MS: u64 = 200;
/// Reports are gathered for so long.
const GATHER: Duration = Duration::from_millis(20);
/// Reports that nobody acknowledges are sent again.
const ACK_LIMIT: Duration = Duration::from_secs(5);
const BATCH_MAX: usize = 256;
const OUTGOING_MAX: usize = 64;

pub(super) async fn run(shared: Arc<Shared>, memory: Arc<Mutex<Memory>>, number: usize) {
    let mut known: BTreeSet<String> = shared.options.servers.iter().cloned().collect();
    loop {
        let choice = shared.mint.below(known.len() as u64);
        if let Some(server) = known.iter().nth(usize::try_from(choice).unwrap_or(0)).cloned()
            && let Some(session) = Session::open(&shared, &memory, &server, number).await
        {
            known.extend(session.servers.iter().cloned());
            session.converse().await;
        }
        sleep(Duration::from_millis(PAUSE_MS / 4 + shared.mint.below(PAUSE_MS))).await;
    }
}

struct Session<'a> {
    shared: &'a Arc<Shared>,
    memory: &'a Arc<Mutex<Memory>>,
    servers: Vec<String>,
    ttl: Duration,
    outgoing: mpsc::Sender<v1::AgentMessage>,
    incoming: Streaming<v1::ServerMessage>,
    /// Reports that are on their way, and since when.
    under_way: Option<(u64, Vec<AllocUpdate>, Instant)>,
    batches: u64,
}

fn lock(memory: &Mutex<Memory>) -> MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection of its own, or that of its group.
async fn channel(shared: &Shared, server: &str, number: usize) -> Option<Channel> {
    let group = number / shared.options.per_connection.max(1);
    let alone = shared.options.per_connection <= 1;
    let made = || shared.channels.lock().unwrap_or_else(PoisonError::into_inner);
    if !alone && let Some(channel) = made().get(&(group, server.to_owned())) {
        return Some(channel.clone());
    }
    let endpoint = Endpoint::from_shared(format!("http://{server}")).ok()?;
    let endpoint = endpoint
        .connect_timeout(CONNECT_LIMIT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(PROBE_EVERY)
        .keep_alive_timeout(PROBE_LIMIT)
        .keep_alive_while_idle(true);
    if alone {
        return endpoint.connect().await.ok();
    }
    let channel = endpoint.connect_lazy();
    made().insert((group, server.to_owned()), channel.clone());
    Some(channel)
}

impl<'a> Session<'a> {
    async fn open(
        shared: &'a Arc<Shared>,
        memory: &'a Arc<Mutex<Memory>>,
        server: &str,
        number: usize,
    ) -> Option<Session<'a>> {
        let channel = channel(shared, server, number).await?;
        let hello = {
            let memory = lock(memory);
            v1::Hello {
                node_id: memory.node.id.to_string(),
                secret: memory.secret.clone(),
                node: encode(&memory.node).into(),
                cluster_id: memory.cluster_id.clone(),
            }
        };
        let (outgoing, messages) = mpsc::channel(OUTGOING_MAX);
        outgoing.try_send(message(FromAgent::Hello(hello))).ok()?;
        let mut client = NodeAgentClient::new(channel)
            .max_decoding_message_size(proto::MESSAGE_MAX)
            .max_encoding_message_size(proto::MESSAGE_MAX);
        let welcomed = timeout(HELLO_LIMIT, async {
            let mut incoming = client.session(ReceiverStream::new(messages)).await.ok()?.into_inner();
            match incoming.message().await.ok()??.body? {
                FromServer::Welcome(welcome) => Some((welcome, incoming)),
                _ => None,
            }
        });
        let (welcome, incoming) = welcomed.await.ok()??;
        Counters::count(&shared.books.counters.sessions, 1);
        lock(memory).cluster_id = welcome.cluster_id;
        Some(Session {
            shared,
            memory,
            servers: welcome.servers,
            ttl: Duration::from_millis(welcome.heartbeat_ttl_ms.max(60)),
            outgoing,
            incoming,
            under_way: None,
            batches: 0,
        })
    }

    /// Talks until the stream ends.
    async fn converse(mut self) {
        let mut heartbeat = interval(self.ttl / 3);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut gather = interval(GATHER);
        gather.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sequence = 0;
        loop {
            let going_on = tokio::select! {
                message = self.incoming.message() => match message {
                    Ok(Some(v1::ServerMessage { body: Some(body), .. })) => self.take(body).await,
                    Ok(Some(_)) => true,
                    Ok(None) | Err(_) => false,
                },
                _ = heartbeat.tick() => {
                    sequence += 1;
                    self.say(FromAgent::Heartbeat(v1::Heartbeat { sequence })).await
                }
                _ = gather.tick(), if self.something_to_report() => self.report().await,
            };
            if !going_on {
                return;
            }
        }
    }

    async fn say(&self, body: FromAgent) -> bool {
        matches!(timeout(HELLO_LIMIT, self.outgoing.send(message(body))).await, Ok(Ok(())))
    }

    async fn take(&mut self, body: FromServer) -> bool {
        let now_ns = self.shared.clock.now_ns();
        match body {
            FromServer::Desired(set) => {
                let wanted = lock(self.memory).desired(&set, &self.shared.books, now_ns);
                for ids in wanted.chunks(BATCH_MAX) {
                    let want = v1::Want { alloc_ids: ids.to_vec(), jobs: Vec::new() };
                    if !self.say(FromAgent::Want(want)).await {
                        return false;
                    }
                }
            }
            FromServer::Bodies(bodies) => self.bodies(&bodies, now_ns),
            FromServer::StatusAck(ack) if ack.error.is_empty() => {
                if let Some((_, updates, _)) = self.under_way.take_if(|(batch, ..)| *batch == ack.batch) {
                    Counters::count(&self.shared.books.counters.acknowledged, updates.len());
                    lock(self.memory).acknowledged(&updates);
                }
            }
            FromServer::Refused(_) => return false,
            // Nothing is asked of a simulated agent; an error is answered by sending again.
            FromServer::StatusAck(_)
            | FromServer::Welcome(_)
            | FromServer::Http(_)
            | FromServer::Input(_) => {}
        }
        true
    }

    fn bodies(&self, bodies: &v1::Bodies, now_ns: i64) {
        let mut memory = lock(self.memory);
        for job in bodies.jobs.iter().filter_map(|bytes| decode::<Job>(bytes).ok()) {
            memory.job(job);
        }
        let node = memory.node.id;
        for alloc in bodies.allocs.iter().filter_map(|bytes| decode::<Allocation>(bytes).ok()) {
            if memory.body(&alloc, node, &self.shared.books, now_ns) {
                // It ends by itself, whatever becomes of the session or of its agent.
                tokio::spawn(end_later(self.shared.clone(), self.memory.clone(), alloc.id));
            }
        }
    }

    fn something_to_report(&self) -> bool {
        let waiting = self.under_way.as_ref().is_some_and(|(.., sent)| sent.elapsed() < ACK_LIMIT);
        !waiting && !lock(self.memory).outbox.is_empty()
    }

    async fn report(&mut self) -> bool {
        let updates: Vec<AllocUpdate> = lock(self.memory).outbox.values().take(BATCH_MAX).cloned().collect();
        self.batches += 1;
        let batch = v1::StatusBatch {
            batch: self.batches,
            updates: updates.iter().map(|one| encode(one).into()).collect(),
        };
        self.under_way = Some((self.batches, updates, Instant::now()));
        self.say(FromAgent::Status(batch)).await
    }
}

async fn end_later(shared: Arc<Shared>, memory: Arc<Mutex<Memory>>, id: AllocId) {
    sleep(Duration::from_millis(shared.options.batch_ms)).await;
    lock(&memory).end(id, &shared.books, shared.clock.now_ns());
}

fn message(body: FromAgent) -> v1::AgentMessage {
    v1::AgentMessage { traceparent: String::new(), body: Some(body) }
}
