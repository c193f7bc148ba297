//! Carries a request to the agent of a node: over its session here, or by the server that holds it.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use http::StatusCode;
use model::NodeId;

use crate::app::App;
use crate::app::converse::{next_hop, no_path};
use crate::app::forward::Passed;
use crate::http::error::ApiError;
use crate::http::message::{Body, Request, Response};
use crate::sessions::Question;

/// Has a node's agent answer: through its session here, or through the server that holds it.
pub(super) async fn ask_agent(app: &Arc<App>, request: &Request, node: NodeId) -> Result<Response, ApiError> {
    if app.sessions.holds(node) {
        return ask_here(app, request, node).await;
    }
    if let Some(next) = next_hop(app, node, request.hops)
        && let Passed::Answer(response) = app.pass_on(&next, request).await?
    {
        return Ok(response);
    }
    Err(no_path(node))
}

async fn ask_here(app: &Arc<App>, request: &Request, node: NodeId) -> Result<Response, ApiError> {
    let gone = || ApiError::Server("the agent's session ended".into());
    let (head_sender, head) = tokio::sync::oneshot::channel();
    let (body_sender, body) = tokio::sync::mpsc::channel::<io::Result<Bytes>>(16);
    let (app, method, target, payload) =
        (app.clone(), request.method.to_string(), request.target(), request.body.clone());
    tokio::spawn(async move {
        let question = Question { method: &method, target: &target, body: payload, conversation: false };
        let Some(mut answer) = app.sessions.ask(node, question).await else {
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
