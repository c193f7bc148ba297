//! What other servers ask: answer a request, take signs of life, write for an agent.

use std::pin::Pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use model::NodeId;
use model::codec::decode;
use prost::Message;
use proto::MESSAGE_MAX;
use proto::status::RpcError;
use proto::talk::{self, Replies};
use proto::v1::server_server::Server;
use proto::v1::{
    AliveBatch, AliveReply, ConverseInput, Header, HttpChunk, HttpRequest, Question, RegisterNodeRequest,
    RootKeyMaterial, RootKeyRequest, RootKeyStored, UpdateAllocsRequest, UploadInput, WriteReply,
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument;

use crate::app::App;
use crate::app::converse::Conversation;
use crate::app::nodes::reply;
use crate::http::client;
use crate::http::error::ApiError;
use crate::http::guard;
use crate::http::message::{self, Body};
use crate::http::router;
use crate::http::upload::Upload;

#[derive(Clone)]
pub(super) struct PeerService {
    app: Arc<App>,
    stop: CancellationToken,
}

impl PeerService {
    pub(super) fn new(app: Arc<App>, stop: CancellationToken) -> Self {
        PeerService { app, stop }
    }
}

impl PeerService {
    /// Reads a request that was passed on.
    fn admit(&self, wire: HttpRequest) -> Result<message::Request, Status> {
        let request = incoming(wire)?;
        // A server passes on only what a leader must answer; should this one not lead (any more), the asker looks
        // again. An agent without a server asks anybody: its requests have gone no way yet.
        if request.hops > 0 && router::needs_leader(&request) && !self.app.leads() {
            return Err(Status::failed_precondition("not the leader"));
        }
        Ok(request)
    }

    async fn answer(&self, request: message::Request) -> Result<message::Response, Status> {
        let (target, work) = (request.target(), router::dispatch(&self.app, request));
        match guard::caught(self.app.metrics, &target, work).await {
            Ok(response) => Ok(response),
            Err(ApiError::NotLeader) => Err(Status::failed_precondition("not the leader")),
            Err(error) => Ok(error.into_response()),
        }
    }

    /// A short request among many, and its answer in one piece.
    async fn relayed(&self, request: Bytes) -> Result<Bytes, Status> {
        let request = self.admit(HttpRequest::decode(request).map_err(malformed("request"))?)?;
        let span = span_of(&request);
        let answer = self.answer(request).instrument(span).await?;
        let (mut chunk, body) = head(answer);
        chunk.body = match body {
            Body::Full(body) => body,
            // What a node's agent answers to a write comes in parts, but is short.
            Body::Stream(parts) => joined(parts).await?,
        };
        Ok(chunk.encode_to_vec().into())
    }
}

/// All parts of a body in one.
async fn joined(mut parts: impl Stream<Item = std::io::Result<Bytes>> + Unpin) -> Result<Bytes, Status> {
    let mut body = BytesMut::new();
    while let Some(part) = parts.next().await {
        body.extend_from_slice(&part.map_err(|error| Status::internal(error.to_string()))?);
        if body.len() > MESSAGE_MAX / 2 {
            return Err(Status::internal("the answer to a write is too long"));
        }
    }
    Ok(body.freeze())
}

/// The span of a request that was passed on, in the trace of whoever passed it on.
fn span_of(request: &message::Request) -> tracing::Span {
    let span = tracing::info_span!("rpc.forward");
    let parent = runtime::trace::extract(|name| request.headers.get(name)?.to_str().ok());
    runtime::trace::set_parent(&span, &parent);
    span
}

type Chunks = Pin<Box<dyn Stream<Item = Result<HttpChunk, Status>> + Send>>;

#[tonic::async_trait]
impl Server for PeerService {
    type ForwardStream = Chunks;

    async fn forward(&self, request: Request<HttpRequest>) -> Result<Response<Chunks>, Status> {
        let request = self.admit(request.into_inner())?;
        let span = span_of(&request);
        let answer = self.answer(request).instrument(span).await?;
        Ok(Response::new(chunks(answer)))
    }

    type RelayStream = Replies;

    async fn relay(&self, request: Request<Streaming<Question>>) -> Result<Response<Replies>, Status> {
        let service = self.clone();
        let (hearing, replies) = talk::converse(request.into_inner(), move |question| {
            let service = service.clone();
            async move { service.relayed(question.body).await }
        });
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(hearing));
        Ok(Response::new(replies))
    }

    type ForwardUploadStream = Chunks;

    async fn forward_upload(
        &self,
        request: Request<Streaming<UploadInput>>,
    ) -> Result<Response<Chunks>, Status> {
        let mut inputs = request.into_inner();
        let first = inputs.message().await?.unwrap_or_default();
        let head = first.request.ok_or_else(|| Status::invalid_argument("no request"))?;
        let request = self.admit(head)?;
        let parts = inputs.map(|input| input.map(|input| input.body));
        let upload = match Upload::receive(parts, &self.app.options.raft.data_dir).await {
            Ok(upload) if upload.size() == first.size => upload,
            Ok(_) => return Err(Status::data_loss("a part of the body is missing")),
            Err(error) => return Ok(Response::new(chunks(error.into_response()))),
        };
        let answer = self.answer(message::Request { upload: Some(upload), ..request }).await?;
        Ok(Response::new(chunks(answer)))
    }

    type ConverseStream = Chunks;

    async fn converse(&self, request: Request<Streaming<ConverseInput>>) -> Result<Response<Chunks>, Status> {
        let mut messages = request.into_inner();
        let first = messages.message().await?.and_then(|first| first.request);
        let first = incoming(first.ok_or_else(|| Status::invalid_argument("no request"))?)?;
        let conversation = match client::converse(&self.app, &first).await {
            Ok(conversation) => conversation,
            Err(error) => return Ok(Response::new(refusal(error))),
        };
        let Conversation { status, input, output } = conversation;
        tokio::spawn(async move {
            loop {
                let next = tokio::select! {
                    next = messages.message() => next,
                    () = input.closed() => return,
                };
                let Ok(Some(message)) = next else { return };
                if input.send(message.body).await.is_err() {
                    return;
                }
            }
        });
        let head = HttpChunk { status: u32::from(status), ..HttpChunk::default() };
        let rest = ReceiverStream::new(output).map(|body| Ok(HttpChunk { body, ..HttpChunk::default() }));
        Ok(Response::new(futures::stream::once(async move { Ok(head) }).chain(rest).boxed()))
    }

    async fn alive(&self, request: Request<AliveBatch>) -> Result<Response<AliveReply>, Status> {
        let batch = request.into_inner();
        let accepted = self.app.leads();
        if accepted {
            let ids =
                |texts: &[String]| -> Vec<NodeId> { texts.iter().filter_map(|id| id.parse().ok()).collect() };
            let (heard, reset) = (ids(&batch.node_ids), ids(&batch.reset_node_ids));
            self.app.liveness.note(batch.server_id, heard.into_iter(), reset.into_iter());
        }
        Ok(Response::new(AliveReply { accepted }))
    }

    async fn register_node(
        &self,
        request: Request<RegisterNodeRequest>,
    ) -> Result<Response<WriteReply>, Status> {
        let node = decode(&request.into_inner().node).map_err(malformed("node"))?;
        Ok(Response::new(reply(self.app.register_node_here(node).await)))
    }

    async fn update_allocs(
        &self,
        request: Request<UpdateAllocsRequest>,
    ) -> Result<Response<WriteReply>, Status> {
        let message = request.into_inner();
        let node_id: NodeId = message.node_id.parse().map_err(malformed("node id"))?;
        let updates: Result<Vec<_>, _> = message.updates.iter().map(|update| decode(update)).collect();
        let updates = updates.map_err(malformed("update"))?;
        Ok(Response::new(reply(self.app.update_allocs_here(node_id, &message.secret_hash, updates).await)))
    }

    async fn fetch_root_key(
        &self,
        request: Request<RootKeyRequest>,
    ) -> Result<Response<RootKeyMaterial>, Status> {
        let secrets = self.app.keystore.get(&request.into_inner().key_id);
        let file = secrets.map(|secrets| secrets.file().to_vec().into()).unwrap_or_default();
        Ok(Response::new(RootKeyMaterial { file }))
    }

    async fn store_root_key(
        &self,
        request: Request<RootKeyMaterial>,
    ) -> Result<Response<RootKeyStored>, Status> {
        let stored = self.app.keystore.store(request.into_inner().file.to_vec());
        stored.map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(RootKeyStored {}))
    }
}

/// Words a part of a message that cannot be read.
pub(super) fn malformed<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> Status {
    move |error| RpcError::Malformed { what, why: error.to_string() }.into()
}

fn incoming(wire: HttpRequest) -> Result<message::Request, Status> {
    let method = http::Method::from_bytes(wire.method.as_bytes()).map_err(malformed("method"))?;
    let mut headers = http::HeaderMap::new();
    for header in wire.headers {
        let name = http::HeaderName::try_from(header.name).map_err(malformed("header"))?;
        headers.insert(name, http::HeaderValue::from_bytes(&header.value).map_err(malformed("header"))?);
    }
    Ok(message::Request::new(method, &wire.target, headers, wire.body, wire.hops))
}

/// A conversation that does not begin: its head, and why as the only message.
fn refusal(error: ApiError) -> Chunks {
    let answer = error.into_response();
    let head = HttpChunk { status: u32::from(answer.status.as_u16()), ..HttpChunk::default() };
    let reason = match answer.body {
        Body::Full(body) => body,
        Body::Stream(_) => bytes::Bytes::new(),
    };
    futures::stream::iter([Ok(head), Ok(HttpChunk { body: reason, ..HttpChunk::default() })]).boxed()
}

/// Status and headers of an answer, and its body.
fn head(answer: message::Response) -> (HttpChunk, Body) {
    let headers = answer.headers.iter().map(|(name, value)| Header {
        name: name.as_str().to_owned(),
        value: bytes::Bytes::copy_from_slice(value.as_bytes()),
    });
    let status = u32::from(answer.status.as_u16());
    (HttpChunk { status, headers: headers.collect(), ..HttpChunk::default() }, answer.body)
}

fn chunks(answer: message::Response) -> Chunks {
    let (mut first, body) = head(answer);
    match body {
        Body::Full(body) => {
            first.body = body;
            first.whole = true;
            futures::stream::once(async move { Ok(first) }).boxed()
        }
        Body::Stream(stream) => {
            let rest = stream.map(|part| match part {
                Ok(body) => Ok(HttpChunk { body, ..HttpChunk::default() }),
                Err(error) => Err(Status::internal(error.to_string())),
            });
            futures::stream::once(async move { Ok(first) }).chain(rest).boxed()
        }
    }
}
