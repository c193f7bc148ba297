//! Carries a request to the server that can answer it.
//!
//! The request travels, never a half-made command: method, target, headers and body go as they came, and the
//! receiver's router decides anew. A write is tried again only while nothing can have happened (decision 6).

use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use http::Method;
use prost::Message;
use proto::v1::{Header, HttpChunk, HttpRequest, Subject, UploadInput};
use raft::{Leadership, Member};
use tracing::Instrument;

use super::App;
use super::peers::Peers;
use crate::http::error::ApiError;
use crate::http::message::{Body, Request, Response};
use crate::http::upload::Upload;

/// Servers that may pass a request on.
pub(crate) const HOPS_MAX: u32 = 3;
/// How long a leader that was replaced may still take to answer what it was asked before.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Longer bodies go as calls of their own, so that nobody waits behind them.
const SHORT: usize = 64 << 10;
/// Headers that mean something to the receiver.
const CARRIED: [&str; 4] = ["x-nomad-token", "authorization", "content-type", "accept-encoding"];

/// What became of an attempt to pass a request on.
pub(crate) enum Passed {
    /// The other server answered.
    Answer(Response),
    /// It was never reached, or does not lead: nothing happened.
    Nothing,
}

impl App {
    /// Has the leader answer a request. [`ApiError::NotLeader`] when none is known or it never saw the request.
    pub(crate) async fn ask_leader(&self, request: &Request) -> Result<Response, ApiError> {
        let leader = self.leadership.borrow().leader.clone();
        let Some(leader) = leader.filter(|leader| leader.id != self.raft.server_id()) else {
            return Err(ApiError::NotLeader);
        };
        // The machine of a dead leader sends no reset: without this the request would hang until the keepalive ends.
        let mut leadership = self.leadership.clone();
        let replaced = async {
            let other = |now: &Leadership| now.leader.as_ref().is_some_and(|now| now.id != leader.id);
            // The channel closes with raft itself; then there is nothing to wait for either.
            let _ = leadership.wait_for(other).await;
            tokio::time::sleep(LAST_WORDS).await;
        };
        let passed = tokio::select! {
            passed = self.pass_on(&leader, request) => passed?,
            () = replaced => {
                return Err(ApiError::OutcomeUnknown("the leader was replaced before it answered".to_owned()));
            }
        };
        match passed {
            Passed::Answer(response) => Ok(response),
            Passed::Nothing => Err(ApiError::NotLeader),
        }
    }

    /// Passes a request on to one server.
    pub(crate) async fn pass_on(&self, to: &Member, request: &Request) -> Result<Passed, ApiError> {
        let span = tracing::info_span!("http.forward", to = %to.name);
        pass_to(&self.peers, &to.rpc_addr, request, request.hops + 1).instrument(span).await
    }
}

/// Passes a request on to the server at `address`; `hops` servers have passed it on, this one included.
pub(crate) async fn pass_to(
    peers: &Peers,
    address: &str,
    request: &Request,
    hops: u32,
) -> Result<Passed, ApiError> {
    let internal = |error: tonic::transport::Error| ApiError::Internal(error.to_string());
    let message = wire(request, hops);
    if is_short(request)
        && let Some(talk) = peers.talk(address).map_err(internal)?
    {
        let answer = talk.ask(Subject::Unspecified, message.encode_to_vec().into()).await;
        if !talk.unknown() {
            return match answer {
                Ok(body) => whole(body),
                Err(unanswered) if !unanswered.sent || never_happened(&unanswered.status) => {
                    Ok(Passed::Nothing)
                }
                Err(unanswered) => Err(ApiError::OutcomeUnknown(unanswered.status.message().to_owned())),
            };
        }
    }
    let mut client = peers.client(address).map_err(internal)?;
    let answer = match &request.upload {
        None => client.forward(message).await,
        Some(upload) => client.forward_upload(parts_of(message, upload)).await,
    };
    match answer {
        Ok(answer) => answered(answer.into_inner()).await,
        Err(status) if never_happened(&status) => Ok(Passed::Nothing),
        Err(status) => Err(ApiError::OutcomeUnknown(status.message().to_owned())),
    }
}

/// Writes that come and are answered in one piece. What reads may answer in parts, for as long as it likes.
fn is_short(request: &Request) -> bool {
    let writes = matches!(request.method, Method::PUT | Method::POST | Method::DELETE);
    writes && request.upload.is_none() && request.body.len() <= SHORT
}

/// The request, and its body in parts. A file that cannot be read ends it early, which the other side notices.
fn parts_of(head: HttpRequest, upload: &Upload) -> impl Stream<Item = UploadInput> + Send + 'static {
    let size = upload.size();
    let first = UploadInput { request: Some(head), size, ..UploadInput::default() };
    let rest = upload.parts().take_while(|part| {
        if let Err(error) = part {
            tracing::warn!(%error, "an upload could not be read again");
        }
        std::future::ready(part.is_ok())
    });
    let rest = rest.filter_map(|part| std::future::ready(part.ok()));
    futures::stream::iter([first]).chain(rest.map(|body| UploadInput { body, ..UploadInput::default() }))
}

/// A peer that does not lead says so with `failed_precondition`; one that could not be connected to has seen nothing.
fn never_happened(status: &tonic::Status) -> bool {
    use std::error::Error;
    let mut source = status.source();
    let mut unreached = false;
    while let Some(error) = source {
        unreached |= error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused)
            || error.to_string().contains("tcp connect error");
        source = error.source();
    }
    status.code() == tonic::Code::FailedPrecondition || unreached
}

pub(super) fn wire(request: &Request, hops: u32) -> HttpRequest {
    let carried = CARRIED.iter().filter_map(|name| {
        let value = request.headers.get(*name)?;
        Some(Header { name: (*name).to_owned(), value: Bytes::copy_from_slice(value.as_bytes()) })
    });
    let mut headers: Vec<Header> = carried.collect();
    runtime::trace::inject(|name, value| {
        headers.push(Header { name: name.to_owned(), value: Bytes::from(value.to_owned()) });
    });
    HttpRequest {
        method: request.method.as_str().to_owned(),
        target: request.target(),
        headers,
        body: request.body.clone(),
        hops,
    }
}

/// Status and headers of an answer.
fn head_of(first: &HttpChunk) -> Result<Response, ApiError> {
    let status = u16::try_from(first.status).ok().and_then(|code| http::StatusCode::from_u16(code).ok());
    let status =
        status.ok_or_else(|| ApiError::Internal("a server answered with an impossible status".to_owned()))?;
    let mut response = Response::empty(status);
    for header in &first.headers {
        if let (Ok(name), Ok(value)) =
            (http::HeaderName::try_from(header.name.as_str()), http::HeaderValue::from_bytes(&header.value))
        {
            response.headers.insert(name, value);
        }
    }
    Ok(response)
}

/// An answer in one piece.
fn whole(body: Bytes) -> Result<Passed, ApiError> {
    let chunk = HttpChunk::decode(body)
        .map_err(|error| ApiError::OutcomeUnknown(format!("the leader's answer cannot be read: {error}")))?;
    let mut response = head_of(&chunk)?;
    response.body = Body::Full(chunk.body);
    Ok(Passed::Answer(response))
}

async fn answered(mut chunks: tonic::Streaming<proto::v1::HttpChunk>) -> Result<Passed, ApiError> {
    let first = match chunks.message().await {
        Ok(Some(first)) => first,
        Ok(None) => return Err(ApiError::OutcomeUnknown("the leader sent no answer".to_owned())),
        Err(status) if never_happened(&status) => return Ok(Passed::Nothing),
        Err(status) => return Err(ApiError::OutcomeUnknown(status.message().to_owned())),
    };
    let mut response = head_of(&first)?;
    if first.whole {
        // The end of the stream came along, and one that is left unread has to be reset. How it ends changes nothing.
        let _ = chunks.message().await;
        response.body = Body::Full(first.body);
        return Ok(Passed::Answer(response));
    }
    let rest = chunks.map_ok(|chunk| chunk.body).map_err(std::io::Error::other);
    let first = futures::stream::once(async move { Ok(first.body) });
    response.body = Body::Stream(first.chain(rest).boxed());
    Ok(Passed::Answer(response))
}
