//! The session with a server: one stream to any of them, made anew for as long as the agent lives. tonic ends here.
//!
//! It decides nothing about allocations: sets and bodies go to the roster, updates come from the outbox.

mod allocs;
mod connect;
mod hello;
mod http;
mod status;

use std::sync::Arc;
use std::time::Duration;

use model::codec::encode;
use proto::v1;
use proto::v1::agent_message::Body as AgentBody;
use proto::v1::server_message::Body as ServerBody;
use runtime::Backoff;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::clock::now_ns;
use crate::context::Context;
use crate::roster;
use connect::Servers;
use hello::{Established, HelloError};
use status::StatusSender;

/// A server that does not read for this long is left.
const SEND_PATIENCE: Duration = Duration::from_secs(5);
/// Pause after a refusal that another server cannot lift.
const FATAL_PAUSE: Duration = Duration::from_secs(30);

/// Messages on their way to the server.
type Outgoing = mpsc::Sender<v1::AgentMessage>;

/// The node, and word of its changes.
type NodeWatch = tokio::sync::watch::Receiver<Arc<model::Node>>;

/// What a session needs beside the context.
pub(crate) struct Session {
    pub(crate) context: Arc<Context>,
    pub(crate) secret: String,
    /// The cluster that this node belongs to; empty before the first session.
    pub(crate) cluster_id: String,
    pub(crate) roster: mpsc::Sender<roster::Message>,
}

impl Session {
    /// Keeps a session up until the agent ends.
    pub(crate) async fn run(mut self) {
        let options = &self.context.options;
        let (min, max) = (options.reconnect_min_ms.max(1), options.reconnect_max_ms.max(1));
        let mut backoff = Backoff::new(Duration::from_millis(min), Duration::from_millis(max));
        let mut servers = Servers::new(&options.servers, self.context.mint.clone());
        let cancel = self.context.cancel.clone();
        loop {
            let pause = tokio::select! {
                () = cancel.cancelled() => return,
                pause = self.round(&mut servers, &mut backoff) => pause,
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Tries every server once and stays with the first that takes the node. Says how long to pause after that.
    async fn round(&mut self, servers: &mut Servers, backoff: &mut Backoff) -> Duration {
        for address in servers.addresses().await {
            // Before hello: what changes after it is told to the same server.
            let node = self.context.node.subscribe();
            match self.enter(address).await {
                Ok(established) => {
                    backoff.reset();
                    servers.learn(&established.welcome.servers);
                    tracing::info!(server = %address, "session established");
                    self.context.contact.send_replace(None);
                    let why = self.converse(established, node).await;
                    self.context.contact.send_replace(Some(now_ns()));
                    tracing::warn!(server = %address, why, "session ended");
                    // Another server is tried at once: the servers' patience with a silent node is short.
                    return Duration::from_millis(1);
                }
                Err(error) if error.fatal() => {
                    tracing::error!(server = %address, %error, "this node is refused; an operator has to act");
                    return FATAL_PAUSE;
                }
                Err(error) => tracing::warn!(server = %address, %error, "no session with this server"),
            }
        }
        backoff.next_delay()
    }

    async fn enter(&mut self, address: std::net::SocketAddr) -> Result<Established, HelloError> {
        let channel = connect::open(address).await?;
        let established =
            hello::greet(channel, &self.context.node.now(), &self.secret, &self.cluster_id).await?;
        if self.cluster_id.is_empty() {
            let id = &established.welcome.cluster_id;
            self.context.store.put_cluster_id(id).map_err(|error| HelloError::Store(error.to_string()))?;
            self.context.store.flush().await.map_err(|error| HelloError::Store(error.to_string()))?;
            self.cluster_id = id.clone();
        }
        Ok(established)
    }

    /// Talks until the stream ends; says why it did.
    async fn converse(&self, established: Established, mut node: NodeWatch) -> &'static str {
        let Established { welcome, outgoing, mut incoming } = established;
        let _heartbeat =
            AbortOnDropHandle::new(tokio::spawn(heartbeat(outgoing.clone(), welcome.heartbeat_ttl_ms)));
        let mut status = StatusSender::new(self.context.options.status_gather_ms);
        let requests = http::Requests::new(&self.context, &outgoing);
        loop {
            tokio::select! {
                message = incoming.message() => {
                    let message = match message {
                        Ok(Some(message)) => message,
                        Ok(None) => return "the server closed it",
                        Err(status) => {
                            tracing::debug!(%status, "session stream failed");
                            return "the connection failed";
                        }
                    };
                    match message.body {
                        Some(ServerBody::StatusAck(ack)) => status.acknowledged(&self.context, &ack),
                        Some(ServerBody::Http(frame)) => requests.take(frame),
                        Some(ServerBody::Input(frame)) => requests.input(frame),
                        Some(ServerBody::Refused(refused)) => {
                            tracing::error!(reason = refused.reason, "the server ended the session");
                            return "the server refused the node";
                        }
                        Some(ServerBody::Welcome(_)) | None => {}
                        Some(ServerBody::Desired(set)) => {
                            if !allocs::desired(&self.roster, set, &outgoing).await {
                                return "the agent ends";
                            }
                        }
                        Some(ServerBody::Bodies(bodies)) => {
                            if !allocs::bodies(&self.roster, bodies, &outgoing).await {
                                return "the agent ends";
                            }
                        }
                    }
                }
                Ok(()) = node.changed() => {
                    let update = v1::NodeUpdate { node: encode(&**node.borrow_and_update()).into() };
                    if !send(&outgoing, message(AgentBody::Node(update))).await {
                        return "the server does not read";
                    }
                }
                () = status.ready(&self.context.outbox) => {
                    if let Some(message) = status.next(&self.context.outbox)
                        && !send(&outgoing, message).await
                    {
                        return "the server does not read";
                    }
                }
            }
        }
    }
}

/// Sends one message; false when the stream is gone or stuck.
async fn send(outgoing: &Outgoing, message: v1::AgentMessage) -> bool {
    matches!(timeout(SEND_PATIENCE, outgoing.send(message)).await, Ok(Ok(())))
}

fn message(body: AgentBody) -> v1::AgentMessage {
    v1::AgentMessage { traceparent: String::new(), body: Some(body) }
}

/// Heartbeats come from a task of their own, so that nothing that the session is busy with can delay them.
async fn heartbeat(outgoing: Outgoing, ttl_ms: u64) {
    let mut ticks = interval(Duration::from_millis((ttl_ms / 3).clamp(20, 20_000)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sequence = 0;
    loop {
        ticks.tick().await;
        sequence += 1;
        if outgoing.send(message(AgentBody::Heartbeat(v1::Heartbeat { sequence }))).await.is_err() {
            return;
        }
    }
}
