//! Paths that a client agent answers: carried to it over its session, wherever that is held.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use http::StatusCode;
use model::NodeId;
use model::id::AllocId;

use super::error::ApiError;
use super::message::{Body, Request, Response};
use crate::app::App;
use crate::app::forward::{HOPS_MAX, Passed};

pub(super) async fn logs(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    if id.is_empty() {
        return Err(ApiError::BadRequest("must provide a valid alloc id".into()));
    }
    let unknown = || ApiError::NotFound(format!("Unknown allocation \"{id}\""));
    let id: AllocId = id.parse().map_err(|_| unknown())?;
    let node = app.state().alloc(id).ok_or_else(unknown)?.node_id;
    ask_agent(app, request, node).await
}

/// Has a node's agent answer: through its session here, or through the server that holds it.
async fn ask_agent(app: &Arc<App>, request: &Request, node: NodeId) -> Result<Response, ApiError> {
    if app.sessions.holds(node) {
        return ask_here(app, request, node).await;
    }
    if request.hops < HOPS_MAX {
        let leads = app.leads();
        let to = match leads {
            true => app.liveness.holder(node),
            false => app.leadership.borrow().leader.as_ref().map(|leader| leader.id),
        };
        let members = app.raft.members();
        let target = members.iter().find(|member| Some(member.id) == to && member.id != app.raft.server_id());
        if let Some(target) = target
            && let Passed::Answer(response) = app.pass_on(target, request).await?
        {
            return Ok(response);
        }
    }
    Err(ApiError::NotFound(format!("No path to node {node}: its agent has no session with any server")))
}

async fn ask_here(app: &Arc<App>, request: &Request, node: NodeId) -> Result<Response, ApiError> {
    let gone = || ApiError::Server("the agent's session ended".into());
    let (head_sender, head) = tokio::sync::oneshot::channel();
    let (body_sender, body) = tokio::sync::mpsc::channel::<io::Result<Bytes>>(16);
    let (app, method, target, payload) =
        (app.clone(), request.method.to_string(), request.target(), request.body.clone());
    tokio::spawn(async move {
        let Some(mut answer) = app.sessions.ask(node, &method, &target, payload).await else {
            return;
        };
        let Some(first) = answer.frames.recv().await else {
            return;
        };
        let mut end = first.end;
        let body = first.body.clone();
        if head_sender.send(first).is_err() || (!body.is_empty() && body_sender.send(Ok(body)).await.is_err())
        {
            return;
        }
        while !end {
            let frame = tokio::select! {
                // A reader that went away ends the question; dropping the answer tells the agent.
                () = body_sender.closed() => return,
                frame = answer.frames.recv() => frame,
            };
            let Some(frame) = frame else {
                let lost = io::Error::new(io::ErrorKind::UnexpectedEof, "the agent's session ended");
                let _ = body_sender.send(Err(lost)).await;
                return;
            };
            end = frame.end;
            if !frame.body.is_empty() && body_sender.send(Ok(frame.body)).await.is_err() {
                return;
            }
        }
    });
    let head = head.await.map_err(|_| gone())?;
    let status = u16::try_from(head.status).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let mut response = Response::typed(status.ok_or_else(gone)?, &head.content_type, Bytes::new());
    response.body = Body::Stream(tokio_stream::wrappers::ReceiverStream::new(body).boxed());
    Ok(response)
}
