//! The Client page: what a client agent answers, carried to it over its session, wherever that is held.
//!
//! A request that makes no sense is refused here, before its allocation or node is looked for.

mod carry;

use std::sync::Arc;

use api::client::{AllocRestartRequest, AllocSignalRequest, NodeMetaApplyRequest};
use api::json::JsonError;
use http::StatusCode;
use model::NodeId;
use model::id::AllocId;
use proto::fs_request::{FsRequest, error_status};
use serde::Serialize;

use super::error::ApiError;
use super::message::{Request, Response};
use super::{blocking, lookup};
use crate::app::App;
use crate::app::converse::Conversation;
use carry::ask_agent;

/// `/v1/client/fs/…`
pub(super) async fn fs(
    app: &Arc<App>,
    request: &Request,
    what: &str,
    id: &str,
) -> Result<Response, ApiError> {
    let answered = match FsRequest::read(what, id, |name| request.param(name)) {
        Ok(_) => of_alloc(app, request, id).await.unwrap_or_else(ApiError::into_response),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Response::text(status, error.text)
        }
    };
    Ok(with_status_of(what, answered))
}

fn with_status_of(what: &str, answered: Response) -> Response {
    let status = StatusCode::from_u16(error_status(what, answered.status.as_u16()));
    Response { status: status.unwrap_or(answered.status), ..answered }
}

/// An agent's own answer as clients know it: the file of `cat` and `readat` has begun before anything goes wrong.
pub(super) fn as_streamed(path: &str, answered: Response) -> Response {
    let what = path.strip_prefix("/v1/client/fs/").and_then(|rest| rest.split('/').next());
    with_status_of(what.unwrap_or_default(), answered)
}

/// `/v1/client/fs/logs/:alloc`, which another right opens.
pub(super) async fn logs(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    fs(app, request, "logs", id).await
}

/// `/v1/client/fs/…` without an allocation.
pub(super) async fn fs_of_nothing(
    app: &Arc<App>,
    request: &Request,
    what: &str,
) -> Result<Response, ApiError> {
    fs(app, request, what, "").await
}

/// The node that an allocation is on, terminal ones included: their files stay for a while.
async fn node_of(app: &Arc<App>, id: &str) -> Result<NodeId, ApiError> {
    let alloc = AllocId(lookup::id(id, "alloc")?);
    if let Some(alloc) = app.state().alloc(alloc) {
        return Ok(alloc.node_id);
    }
    // This server may lag behind the one that told of it.
    blocking::barrier(app).await?;
    let unknown = || ApiError::NotFound(format!("Unknown allocation {id:?}"));
    Ok(app.state().alloc(alloc).ok_or_else(unknown)?.node_id)
}

/// Anything that the agent of an allocation's node answers.
pub(super) async fn of_alloc(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let node = node_of(app, id).await?;
    ask_agent(app, request, node).await
}

fn decoded<T>(body: Result<T, JsonError>) -> Result<T, ApiError> {
    body.map_err(|error| ApiError::BadRequest(format!("Failed to decode body: {error}")))
}

/// The request with its body as the agent reads it: spelled as documented.
fn respelled<T: Serialize>(request: &Request, body: &T) -> Result<Request, ApiError> {
    let body = serde_json::to_vec(body).map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(Request { body: body.into(), ..request.clone() })
}

/// `PUT /v1/client/allocation/:alloc/signal`
pub(super) async fn signal(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: AllocSignalRequest = decoded(api::json::from_slice(&request.body))?;
    of_alloc(app, &respelled(request, &body)?, id).await
}

/// `PUT /v1/client/allocation/:alloc/restart`; the body may be left out.
pub(super) async fn restart(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: AllocRestartRequest = match api::json::from_slice(&request.body) {
        Err(JsonError::Empty) => AllocRestartRequest::default(),
        body => decoded(body)?,
    };
    of_alloc(app, &respelled(request, &body)?, id).await
}

/// Paths below an allocation that mean something, but not here yet.
pub(super) async fn not_built(_: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    Err(ApiError::NotBuilt(request.path.clone()))
}

/// Paths below an allocation that mean nothing.
pub(super) async fn no_resource(_: &Arc<App>, _: &Request) -> Result<Response, ApiError> {
    Err(ApiError::NotFound("resource not found".into()))
}

/// The node that a request names, or that of this process.
fn node_asked(app: &App, named: &str, unknown: fn(String) -> ApiError) -> Result<NodeId, ApiError> {
    if named.is_empty() {
        let local = app.options.local_agent.as_ref().and_then(|agent| agent.node_id());
        let none = || ApiError::BadRequest("No local Node and node_id not provided".into());
        return local.ok_or_else(none);
    }
    let node = NodeId(lookup::id(named, "node")?);
    match app.state().node(node) {
        Some(_) => Ok(node),
        None => Err(unknown(format!("Unknown node {named}"))),
    }
}

/// Asks a node's agent, and names the node: another server that passes this on has another node of its own.
async fn ask_node(app: &Arc<App>, request: &Request, node: NodeId) -> Result<Response, ApiError> {
    if request.param("node_id") == node.text() {
        return ask_agent(app, request, node).await;
    }
    let target = format!("{}?node_id={node}&{}", request.path, request.query);
    let (headers, body) = (request.headers.clone(), request.body.clone());
    let named = Request::new(request.method.clone(), &target, headers, body, request.hops);
    ask_agent(app, &named, node).await
}

/// `GET /v1/client/stats`
pub(super) async fn stats(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let node = node_asked(app, request.param("node_id"), ApiError::NotFound)?;
    ask_node(app, request, node).await
}

/// `GET /v1/client/gc`, and reading the metadata of a node.
pub(super) async fn of_node(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let node = node_asked(app, request.param("node_id"), ApiError::Server)?;
    ask_node(app, request, node).await
}

/// `POST /v1/client/metadata`
pub(super) async fn apply_metadata(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let body: NodeMetaApplyRequest = api::json::from_slice(&request.body)?;
    let named = if body.node_id.is_empty() { request.param("node_id") } else { &body.node_id };
    let node = node_asked(app, named, ApiError::Server)?;
    ask_node(app, &respelled(request, &body)?, node).await
}

/// The allocation of a path that asks for a command beside a task.
fn exec_alloc(path: &str) -> Option<&str> {
    path.strip_prefix("/v1/client/allocation/")?.strip_suffix("/exec").filter(|id| !id.contains('/'))
}

/// The job of a path that asks for one of its actions.
fn action_job(path: &str) -> Option<&str> {
    path.strip_prefix("/v1/job/")?.strip_suffix("/action").filter(|id| !id.is_empty())
}

/// True for a path that asks for a conversation with a task.
pub(super) fn conversation(path: &str) -> bool {
    let path = api::query::percent_decode(path, false);
    exec_alloc(&path).is_some() || action_job(&path).is_some()
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn invalid_bool(text: &str) -> String {
    format!("strconv.ParseBool: parsing {text:?}: invalid syntax")
}

/// Looks at the parameters of such a request, and says it as agents read it: an action is a command that the task's
/// job names.
pub(super) fn read_conversation(request: &Request) -> Result<Request, ApiError> {
    let path = api::query::percent_decode(&request.path, false);
    if request.params.flag("tty").is_err() {
        let why = invalid_bool(request.param("tty"));
        return Err(ApiError::Server(format!("tty value is not a boolean: {why}")));
    }
    let Some(job) = action_job(&path) else {
        let words = api::json::from_slice::<Vec<String>>(request.param("command").as_bytes());
        return match words {
            Ok(_) => Ok(request.clone()),
            Err(error) => {
                let why = match error {
                    JsonError::Empty => "unexpected end of JSON input".to_owned(),
                    other => other.to_string(),
                };
                Err(ApiError::Server(format!("failed to marshal command into json: {why}")))
            }
        };
    };
    // Documents say `alloc_id`, the original reads `allocID`.
    let alloc = [request.param("alloc_id"), request.param("allocID")].into_iter().find(|id| !id.is_empty());
    let missing = |what: &str| ApiError::BadRequest(format!("must provide {what}"));
    let alloc = alloc.ok_or_else(|| missing("a valid alloc id"))?;
    for (name, what) in [("task", "task name"), ("action", "action name")] {
        if request.param(name).is_empty() {
            return Err(missing(what));
        }
    }
    let mut target = format!("/v1/client/allocation/{}/exec?job={}", encoded(alloc), encoded(job));
    for name in ["task", "action", "tty", "ws_handshake", "namespace", "region"] {
        target.push_str(&format!("&{name}={}", encoded(request.param(name))));
    }
    let (headers, body) = (request.headers.clone(), request.body.clone());
    Ok(Request::new(request.method.clone(), &target, headers, body, request.hops))
}

/// A conversation that a client asks for in plain HTTP.
pub(super) async fn without_socket(_: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    read_conversation(request)?;
    let why =
        "the client is not using the websocket protocol: 'upgrade' token not found in 'Connection' header";
    let text = format!("Bad Request\nfailed to upgrade connection: websocket: {why}");
    Ok(Response::text(StatusCode::BAD_REQUEST, text))
}

/// Begins a conversation with a command beside a task.
pub(crate) async fn converse(app: &Arc<App>, request: &Request) -> Result<Conversation, ApiError> {
    let path = api::query::percent_decode(&request.path, false);
    let id = exec_alloc(&path).ok_or_else(|| ApiError::NotFound("resource not found".into()))?;
    let node = node_of(app, id).await?;
    let job = request.param("job");
    if !job.is_empty() {
        let alloc = id.parse().ok().and_then(|id| app.state().alloc(id).cloned());
        if alloc.is_none_or(|alloc| alloc.job_id != job) {
            return Err(ApiError::NotFound(format!("Unknown allocation {id:?}")));
        }
    }
    app.converse(request, node).await
}
