//! The client agents that hold a session with this server: how to wake them, ask them, and say that they live.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::NodeId;
use proto::v1::{
    AliveBatch, HttpChunkFrame, HttpInputAck, HttpInputFrame, HttpRequestFrame, ServerMessage, server_message,
};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// How often the leader is told who lives (decision 16).
const ALIVE_INTERVAL: Duration = Duration::from_millis(250);
/// Frames of one answer that may wait for a slow reader; a faster agent is held back.
const FRAMES: usize = 64;

/// Sessions by node, and what is under way on them.
#[derive(Default)]
pub(crate) struct Sessions {
    inner: Mutex<Inner>,
    next: AtomicU64,
}

#[derive(Default)]
struct Inner {
    by_node: BTreeMap<NodeId, Session>,
    heard: BTreeSet<NodeId>,
    reset: BTreeSet<NodeId>,
    answers: BTreeMap<u64, Asked>,
}

/// A question that an agent is answering.
struct Asked {
    node: NodeId,
    frames: mpsc::Sender<HttpChunkFrame>,
    /// How many messages of a conversation the agent may still be sent.
    window: Arc<Semaphore>,
}

#[derive(Clone)]
struct Session {
    number: u64,
    wake: Arc<Notify>,
    ended: CancellationToken,
    to_agent: mpsc::Sender<ServerMessage>,
}

/// One session's own end; dropping it ends the session in the books.
pub(crate) struct Seat {
    app: Arc<App>,
    node: NodeId,
    number: u64,
    /// Told when the node's desired set may have changed.
    pub(crate) wake: Arc<Notify>,
    /// Cancelled when the agent has to begin another session.
    pub(crate) ended: CancellationToken,
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a session; an older one of the same node is forgotten.
    pub(crate) fn enter(app: &Arc<App>, node: NodeId, to_agent: mpsc::Sender<ServerMessage>) -> Seat {
        let number = app.sessions.next.fetch_add(1, Ordering::Relaxed);
        let wake = Arc::new(Notify::new());
        let mut inner = app.sessions.lock();
        let ended = CancellationToken::new();
        let session = Session { number, wake: wake.clone(), ended: ended.clone(), to_agent };
        inner.by_node.insert(node, session);
        inner.heard.insert(node);
        Seat { app: app.clone(), node, number, wake, ended }
    }

    /// A sign of life.
    pub(crate) fn heard(&self, node: NodeId) {
        self.lock().heard.insert(node);
    }

    pub(crate) fn wake(&self, node: NodeId) {
        if let Some(session) = self.lock().by_node.get(&node) {
            session.wake.notify_one();
        }
    }

    pub(crate) fn wake_all(&self) {
        for session in self.lock().by_node.values() {
            session.wake.notify_one();
        }
    }

    /// Has every agent begin another session, and register anew with it.
    pub(crate) fn end_all(&self) {
        for session in self.lock().by_node.values() {
            session.ended.cancel();
        }
    }

    /// True when the node's session is with this server.
    pub(crate) fn holds(&self, node: NodeId) -> bool {
        self.lock().by_node.contains_key(&node)
    }

    /// How many sessions there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().by_node.len()
    }

    /// Asks a node's agent for one of its own paths; the answer comes in frames.
    pub(crate) async fn ask(&self, node: NodeId, question: Question<'_>) -> Option<Answer<'_>> {
        let request = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, frames) = mpsc::channel(FRAMES);
        let window = Arc::new(Semaphore::new(proto::INPUT_WINDOW));
        let to_agent = {
            let mut inner = self.lock();
            let to_agent = inner.by_node.get(&node)?.to_agent.clone();
            inner.answers.insert(request, Asked { node, frames: sender, window: window.clone() });
            to_agent
        };
        let frame = HttpRequestFrame {
            request,
            method: question.method.to_owned(),
            target: question.target.to_owned(),
            body: question.body,
            cancel: false,
            conversation: question.conversation,
        };
        let answer = Answer { sessions: self, request, frames, window, to_agent: to_agent.clone() };
        to_agent.send(message(server_message::Body::Http(frame))).await.ok()?;
        Some(answer)
    }

    /// An agent has taken part of what was said in a conversation.
    pub(crate) fn acknowledged(&self, node: NodeId, ack: &HttpInputAck) {
        let inner = self.lock();
        if let Some(asked) = inner.answers.get(&ack.request).filter(|asked| asked.node == node) {
            let room = proto::INPUT_WINDOW.saturating_sub(asked.window.available_permits());
            asked.window.add_permits(room.min(ack.frames as usize));
        }
    }

    /// A frame came from an agent. A reader that went away makes it be dropped.
    pub(crate) async fn frame(&self, node: NodeId, frame: HttpChunkFrame) {
        let sender = {
            let mut inner = self.lock();
            let found = inner.answers.get(&frame.request).filter(|asked| asked.node == node);
            let sender = found.map(|asked| asked.frames.clone());
            if frame.end {
                inner.answers.remove(&frame.request);
            }
            sender
        };
        if let Some(sender) = sender {
            // A reader that is gone has asked the agent to stop already.
            let _ = sender.send(frame).await;
        }
    }
}

/// What an agent is asked.
pub(crate) struct Question<'a> {
    pub(crate) method: &'a str,
    /// Path and query.
    pub(crate) target: &'a str,
    pub(crate) body: bytes::Bytes,
    /// More is said later.
    pub(crate) conversation: bool,
}

fn message(body: server_message::Body) -> ServerMessage {
    ServerMessage { traceparent: runtime::trace::current_traceparent(), body: Some(body) }
}

/// An agent's answer under way; dropping it tells the agent to stop.
pub(crate) struct Answer<'a> {
    sessions: &'a Sessions,
    request: u64,
    pub(crate) frames: mpsc::Receiver<HttpChunkFrame>,
    window: Arc<Semaphore>,
    to_agent: mpsc::Sender<ServerMessage>,
}

impl Answer<'_> {
    /// How to go on with a conversation.
    pub(crate) fn voice(&self) -> Voice {
        Voice { request: self.request, window: self.window.clone(), to_agent: self.to_agent.clone() }
    }
}

/// The asking side of a conversation.
pub(crate) struct Voice {
    request: u64,
    window: Arc<Semaphore>,
    to_agent: mpsc::Sender<ServerMessage>,
}

impl Voice {
    /// Says something, once the agent has taken enough of what was said before; false when it is gone.
    pub(crate) async fn say(&self, body: bytes::Bytes) -> bool {
        let Ok(place) = self.window.acquire().await else { return false };
        // The agent's acknowledgement gives the place back.
        place.forget();
        let frame = HttpInputFrame { request: self.request, body };
        self.to_agent.send(message(server_message::Body::Input(frame))).await.is_ok()
    }
}

impl Drop for Answer<'_> {
    fn drop(&mut self) {
        let open = self.sessions.lock().answers.remove(&self.request).is_some();
        if open {
            let cancel =
                HttpRequestFrame { request: self.request, cancel: true, ..HttpRequestFrame::default() };
            // A full queue means that the agent is slow to read; it ends with its session at the latest.
            let _ = self.to_agent.try_send(message(server_message::Body::Http(cancel)));
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inner = self.app.sessions.lock();
        if inner.by_node.get(&self.node).is_some_and(|session| session.number == self.number) {
            inner.by_node.remove(&self.node);
            inner.reset.insert(self.node);
        }
        inner.answers.retain(|_, asked| asked.node != self.node);
    }
}

/// Tells the leader who lives, four times a second, until the server stops.
pub(crate) async fn report_alive(app: Arc<App>, cancel: CancellationToken) {
    let mut interval = tokio::time::interval(ALIVE_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = interval.tick() => {}
        }
        let (heard, reset) = {
            let mut inner = app.sessions.lock();
            (std::mem::take(&mut inner.heard), std::mem::take(&mut inner.reset))
        };
        if heard.is_empty() && reset.is_empty() {
            continue;
        }
        if !told(&app, &heard, &reset).await {
            // Nobody took it: say it again with the next batch, unless something newer is known.
            let mut inner = app.sessions.lock();
            inner.heard.extend(heard);
            inner.reset.extend(reset);
        }
    }
}

async fn told(app: &App, heard: &BTreeSet<NodeId>, reset: &BTreeSet<NodeId>) -> bool {
    let texts = |nodes: &BTreeSet<NodeId>| nodes.iter().map(NodeId::to_string).collect();
    let server_id = app.raft.server_id();
    if app.leads() {
        app.liveness.note(server_id, heard.iter().copied(), reset.iter().copied());
        return true;
    }
    let Some(mut leader) = app.leader_client() else {
        return false;
    };
    let batch = AliveBatch { server_id, node_ids: texts(heard), reset_node_ids: texts(reset) };
    match tokio::time::timeout(ALIVE_INTERVAL * 4, leader.alive(batch)).await {
        Ok(Ok(reply)) => reply.into_inner().accepted,
        _ => false,
    }
}
