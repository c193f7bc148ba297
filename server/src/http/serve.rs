//! Accepts connections and reads requests, each with a limit: headers, idle time, body size, connections per address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body as AxumBody;
use axum::extract::{Request as AxumRequest, State as AxumState};
use axum::response::Response as AxumResponse;
use bytes::Bytes;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::cors::Cors;
use super::encoding;
use super::error::ApiError;
use super::message::{Body, Request, Response};
use super::upload::{self, Upload};
use super::{client, guard, router, socket};
use crate::app::App;

/// How long the headers of a request may take.
const HEADER_LIMIT: Duration = Duration::from_secs(10);
/// How long a body may take.
const BODY_LIMIT: Duration = Duration::from_secs(60);
/// Largest body, bytes.
const BODY_BYTES: usize = 2 << 20;
/// What an address with too many connections is told.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain\r\nContent-Length: 40\r\n\
Connection: close\r\n\r\nYour IP is issuing too many connections.";

/// Serves HTTP on one listener until the server stops.
pub(crate) async fn serve(app: Arc<App>, listener: TcpListener, cancel: CancellationToken) {
    let limit = app.options.http_connections_per_address;
    accept(axum::Router::new().fallback(answer).with_state(app), listener, limit, cancel).await;
}

/// Accepts connections for a router until `cancel`; each address may have `limit` of them, 0 for any number.
pub(super) async fn accept(
    router: axum::Router,
    listener: TcpListener,
    limit: usize,
    cancel: CancellationToken,
) {
    let connections = Arc::new(Connections::default());
    let tracker = tokio_util::task::TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, mostly: others will be closed in a moment.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(place) = connections.enter(peer.ip(), limit) else {
            tracker.spawn(refuse(stream));
            continue;
        };
        let (router, cancel) = (router.clone(), cancel.clone());
        tracker.spawn(async move {
            let _place = place;
            connection(stream, router, cancel).await;
        });
    }
    tracker.close();
    tracker.wait().await;
}

async fn connection(stream: TcpStream, router: axum::Router, cancel: CancellationToken) {
    // Small answers go out at once; a socket that refuses the option still works.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_LIMIT)
            .max_headers(100)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = cancel.cancelled() => {
            connection.as_mut().graceful_shutdown();
            // Blocking queries may be held for minutes: the stop does not wait for those.
            match tokio::time::timeout(Duration::from_secs(1), connection.as_mut()).await {
                Ok(ended) => ended,
                Err(_) => Ok(()),
            }
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended");
    }
}

async fn refuse(mut stream: TcpStream) {
    // Whether it reads the reason is its own affair.
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.write_all(TOO_MANY)).await;
}

async fn answer(AxumState(app): AxumState<Arc<App>>, request: AxumRequest) -> AxumResponse {
    if socket::wanted(&request) {
        let begin = |request: Request| async move {
            guard::caught(app.metrics, &request.path, client::converse(&app, &request)).await
        };
        return socket::answer(request, begin).await;
    }
    let span = tracing::info_span!("http.request", method = %request.method(), path = %request.uri().path());
    let parent =
        runtime::trace::extract(|name| request.headers().get(name).and_then(|value| value.to_str().ok()));
    runtime::trace::set_parent(&span, &parent);
    let gzip = encoding::wanted(request.headers());
    let cors = match Cors::of(request.method(), request.uri().path(), request.headers()) {
        Cors::Preflight(answer) => return outgoing(answer),
        cors => cors,
    };
    let started = app.clock.ticks();
    let summary = app.metrics.summary("nomad.http.request", &[]);
    let answered = async {
        match read(request, &app.options.raft.data_dir).await {
            Ok(request) => {
                let (target, work) = (request.target(), router::dispatch(&app, request));
                guard::caught(app.metrics, &target, work).await.unwrap_or_else(ApiError::into_response)
            }
            Err(error) => error.into_response(),
        }
    }
    .instrument(span)
    .await;
    summary.observe_duration(app.clock.ticks().since(started));
    let mut response = outgoing(encoding::compressed(answered, gzip));
    cors.mark(response.headers_mut());
    for (name, value) in &app.options.http_headers {
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), http::HeaderValue::try_from(value))
        {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Reads a request whole, within the limits; a body too large for memory goes to the disk of `dir`.
pub(super) async fn read(request: AxumRequest, dir: &Path) -> Result<Request, ApiError> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    if upload::wanted(&parts.method, parts.uri.path()) {
        let upload = Upload::receive(body.into_data_stream(), dir).await?;
        let request = Request::new(parts.method, &target, parts.headers, Bytes::new(), 0);
        return Ok(Request { upload: Some(upload), ..request });
    }
    let read = tokio::time::timeout(BODY_LIMIT, axum::body::to_bytes(body, BODY_BYTES)).await;
    let body = match read {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return Err(ApiError::TooLarge),
        Err(_) => {
            return Err(ApiError::BadRequest("the request body did not arrive in time".to_owned()));
        }
    };
    Ok(Request::new(parts.method, &target, parts.headers, body, 0))
}

/// An answer as axum sends it.
pub(super) fn outgoing(answer: Response) -> AxumResponse {
    let body = match answer.body {
        Body::Full(bytes) => AxumBody::from(bytes),
        Body::Stream(stream) => AxumBody::from_stream(stream),
    };
    let mut response = AxumResponse::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

/// Open connections by address.
#[derive(Default)]
struct Connections {
    open: Mutex<BTreeMap<IpAddr, usize>>,
}

struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    fn enter(self: &Arc<Self>, address: IpAddr, limit: usize) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if limit > 0 && *count >= limit {
            return None;
        }
        *count += 1;
        Some(Place { connections: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}
