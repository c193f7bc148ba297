//! HTTP for an agent without a server: its own `/v1/client`, everything else passed on to a server.

use std::sync::Arc;

use axum::extract::{Request as AxumRequest, State};
use axum::response::Response as AxumResponse;
use bytes::Bytes;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use http::StatusCode;
use runtime::Metrics;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::client;
use super::error::ApiError;
use super::guard;
use super::message::{Body, Request, Response};
use super::serve::{accept, outgoing, read};
use super::socket;
use crate::app::converse::{Conversation, converse_at};
use crate::app::forward::{Passed, pass_to};
use crate::app::peers::Peers;

/// Connections from one address, as the original limits them.
const CONNECTIONS_PER_ADDRESS: usize = 100;
/// Messages of a conversation that wait in either direction.
const MESSAGES_MAX: usize = 16;
/// Paths that the agent answers itself.
const OWN: [&str; 3] = ["/v1/client/", "/v1/agent/self", "/v1/agent/health"];

/// What an agent answers itself.
pub struct Proxied {
    /// Status code.
    pub status: u16,
    /// Content type.
    pub content_type: String,
    /// Body in parts.
    pub body: BoxStream<'static, std::io::Result<Bytes>>,
}

/// The agent behind the HTTP listener of a process without a server.
pub trait Proxy: Send + Sync + 'static {
    /// Answers a path below `/v1/client`, and the agent's own `/v1/agent` paths.
    fn own(self: Arc<Self>, method: String, target: String, body: Bytes) -> BoxFuture<'static, Proxied>;
    /// Begins a conversation at a path below `/v1/client`; each part of the body is a message.
    fn converse(self: Arc<Self>, target: String, input: mpsc::Receiver<Bytes>)
    -> BoxFuture<'static, Proxied>;
    /// RPC addresses of servers, best first.
    fn servers(&self) -> Vec<String>;
}

/// Serves HTTP for a process without a server, until `cancel`.
pub async fn serve_client_only(proxy: Arc<dyn Proxy>, listener: TcpListener, cancel: CancellationToken) {
    let front = Front { proxy, peers: Arc::new(Peers::default()) };
    let router = axum::Router::new().fallback(answer).with_state(front);
    accept(router, listener, CONNECTIONS_PER_ADDRESS, cancel).await;
}

#[derive(Clone)]
struct Front {
    proxy: Arc<dyn Proxy>,
    peers: Arc<Peers>,
}

async fn answer(State(front): State<Front>, request: AxumRequest) -> AxumResponse {
    if socket::wanted(&request) {
        return socket::answer(request, |request| converse(front, request)).await;
    }
    let target = request.uri().path().to_owned();
    let answered = guard::caught(Metrics::global(), &target, ask(&front, request)).await;
    outgoing(answered.unwrap_or_else(ApiError::into_response))
}

async fn ask(front: &Front, request: AxumRequest) -> Result<Response, ApiError> {
    match read(request, &std::env::temp_dir()).await {
        Ok(request) if OWN.iter().any(|own| request.path.starts_with(own)) => {
            let answer = own(front, request.clone()).await;
            let answer = match answer.status {
                // An allocation of another node: a server knows the way.
                StatusCode::NOT_FOUND => from_server(front, &request).await.unwrap_or(answer),
                _ => answer,
            };
            Ok(client::as_streamed(&request.path, answer))
        }
        Ok(request) => from_server(front, &request).await,
        Err(error) => Err(error),
    }
}

/// A conversation with a task of this agent, or else of the one that the servers know.
async fn converse(front: Front, request: Request) -> Result<Conversation, ApiError> {
    let (input, said) = mpsc::channel(MESSAGES_MAX);
    let mut here = front.proxy.clone().converse(request.target(), said).await;
    if here.status != StatusCode::NOT_FOUND.as_u16() {
        let (sender, output) = mpsc::channel(MESSAGES_MAX);
        tokio::spawn(async move {
            while let Some(Ok(message)) = here.body.next().await {
                if sender.send(message).await.is_err() {
                    return;
                }
            }
        });
        return Ok(Conversation { status: here.status, input, output });
    }
    let mut last = ApiError::NoLeader;
    for server in front.proxy.servers() {
        match converse_at(&front.peers, &server, &request, 0).await {
            Ok(conversation) => return Ok(conversation),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn own(front: &Front, request: Request) -> Response {
    let proxied = front.proxy.clone().own(request.method.to_string(), request.target(), request.body).await;
    let status = StatusCode::from_u16(proxied.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::typed(status, &proxied.content_type, Bytes::new());
    response.body = Body::Stream(proxied.body);
    response
}

/// The answer of the first server that can be reached. A server that follows passes writes on by itself.
async fn from_server(front: &Front, request: &Request) -> Result<Response, ApiError> {
    for server in front.proxy.servers() {
        if let Passed::Answer(response) = pass_to(&front.peers, &server, request, 0).await? {
            return Ok(response);
        }
    }
    Err(ApiError::NoLeader)
}
