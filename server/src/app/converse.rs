//! Conversations with the agent of a node: over its session here, or through the server that holds it.

use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use model::NodeId;
use proto::v1::{ConverseInput, HttpChunk};
use raft::Member;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::App;
use super::forward::{HOPS_MAX, wire};
use super::peers::Peers;
use crate::http::error::ApiError;
use crate::http::message::Request;
use crate::sessions::Question;

/// Messages that wait in either direction.
const MESSAGES_MAX: usize = 16;

/// A conversation that has begun, or was refused.
pub(crate) struct Conversation {
    /// HTTP status; other than 200 the first message is the reason and the last.
    pub(crate) status: u16,
    /// Takes what is said; dropping it ends the conversation.
    pub(crate) input: mpsc::Sender<Bytes>,
    /// What is answered.
    pub(crate) output: mpsc::Receiver<Bytes>,
}

/// Where a request for a node's agent goes next: the leader, who knows which server holds its session, or that one.
pub(crate) fn next_hop(app: &App, node: NodeId, hops: u32) -> Option<Member> {
    let to = match app.leads() {
        _ if hops >= HOPS_MAX => None,
        true => app.liveness.holder(node),
        false => app.leadership.borrow().leader.as_ref().map(|leader| leader.id),
    };
    let members = app.raft.members();
    members.into_iter().find(|member| Some(member.id) == to && member.id != app.raft.server_id())
}

/// No server can reach the node's agent.
pub(crate) fn no_path(node: NodeId) -> ApiError {
    ApiError::NotFound(format!("No path to node {node}: its agent has no session with any server"))
}

impl App {
    /// Begins a conversation with a node's agent.
    pub(crate) async fn converse(
        self: &Arc<Self>,
        request: &Request,
        node: NodeId,
    ) -> Result<Conversation, ApiError> {
        if self.sessions.holds(node) {
            return converse_here(self, request, node).await;
        }
        let next = next_hop(self, node, request.hops).ok_or_else(|| no_path(node))?;
        converse_at(&self.peers, &next.rpc_addr, request, request.hops + 1).await
    }
}

async fn converse_here(app: &Arc<App>, request: &Request, node: NodeId) -> Result<Conversation, ApiError> {
    let (input, mut said) = mpsc::channel::<Bytes>(MESSAGES_MAX);
    let (sender, output) = mpsc::channel(MESSAGES_MAX);
    let (head_sender, head) = tokio::sync::oneshot::channel();
    let (app, target) = (app.clone(), request.target());
    tokio::spawn(async move {
        let question = Question { method: "GET", target: &target, body: Bytes::new(), conversation: true };
        let Some(mut answer) = app.sessions.ask(node, question).await else { return };
        let Some(first) = answer.frames.recv().await else { return };
        let mut end = first.end;
        if head_sender.send(u16::try_from(first.status).unwrap_or(500)).is_err() {
            return;
        }
        let voice = answer.voice();
        let speaking = async {
            while let Some(message) = said.recv().await {
                if !voice.say(message).await {
                    return;
                }
            }
        };
        let hearing = async {
            while !end {
                let Some(frame) = answer.frames.recv().await else { return };
                end = frame.end;
                if !frame.body.is_empty() && sender.send(frame.body).await.is_err() {
                    return;
                }
            }
        };
        // Either side may end it; dropping the answer tells the agent.
        tokio::select! {
            () = speaking => {}
            () = hearing => {}
        }
    });
    let gone = |_| ApiError::Server("the agent's session ended".into());
    Ok(Conversation { status: head.await.map_err(gone)?, input, output })
}

/// Begins a conversation through the server at `address`; `hops` servers have passed it on, this one included.
pub(crate) async fn converse_at(
    peers: &Peers,
    address: &str,
    request: &Request,
    hops: u32,
) -> Result<Conversation, ApiError> {
    let mut client = peers.client(address).map_err(|error| ApiError::Internal(error.to_string()))?;
    let (input, said) = mpsc::channel::<Bytes>(MESSAGES_MAX);
    let first = ConverseInput { request: Some(wire(request, hops)), body: Bytes::new() };
    let rest = ReceiverStream::new(said).map(|body| ConverseInput { request: None, body });
    let messages = futures::stream::iter([first]).chain(rest);
    let failed = |status: tonic::Status| ApiError::Server(status.message().to_owned());
    let mut chunks = client.converse(messages).await.map_err(failed)?.into_inner();
    let head = chunks.message().await.map_err(failed)?;
    let head = head.ok_or_else(|| ApiError::Server("a server ended a conversation".into()))?;
    let (sender, output) = mpsc::channel(MESSAGES_MAX);
    tokio::spawn(async move {
        loop {
            let next = tokio::select! {
                next = chunks.message() => next,
                () = sender.closed() => return,
            };
            let Ok(Some(HttpChunk { body, .. })) = next else { return };
            if sender.send(body).await.is_err() {
                return;
            }
        }
    });
    Ok(Conversation { status: u16::try_from(head.status).unwrap_or(500), input, output })
}
