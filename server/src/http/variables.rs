//! The Variables page.

use std::sync::Arc;

use api::variables::VariableDecrypted;
use http::StatusCode;
use model::Variable;
use model::id::{DEFAULT_NAMESPACE, LockId};
use model::job::validate::Faults;
use model::variable::{LOCK_DEFAULT_NS, Lock, LockOperation, VARIABLE_MAX, check_lock, check_path};
use serde_json::json;
use state::{Answer, Operation, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::message::{Request, Response};
use super::page::{self, Page, Token};
use super::stored::Stored;
use crate::app::App;
use crate::app::jobs::namespace_or_default;

const TABLES: [Table; 1] = [Table::Variables];

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    parsable(request)?;
    blocking::read(app, request, &TABLES, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let namespace = (namespace != "*").then_some(namespace);
        let mut found = state.variables_with_prefix(namespace, &options.prefix);
        if options.reverse {
            found.reverse();
        }
        let token =
            |variable: &&Arc<Variable>| Token::Text(format!("{}.{}", variable.namespace, variable.path));
        let stored = Stored::new("*VariableEncrypted", |variable: &&Arc<Variable>| json(variable));
        let page = page::take(found.into_iter(), options, token, stored);
        let show = |variable: &Arc<Variable>| VariableDecrypted::new(variable, None);
        Page::found(page, state.table_index(Table::Variables), show)
    })
    .await
}

pub(super) async fn read(app: &Arc<App>, request: &Request, path: &str) -> Result<Response, ApiError> {
    parsable(request)?;
    if path.is_empty() {
        return Err(ApiError::BadRequest("missing variable path".into()));
    }
    app.fetch_missing_keys().await;
    blocking::read(app, request, &TABLES, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        match state.variable(namespace, path) {
            Some(variable) => {
                let value = app.open(variable).map(|items| VariableDecrypted::new(variable, Some(items)));
                Found { value, index: variable.modify_index, next_token: None }
            }
            None => Found::missing("variable not found", state.table_index(Table::Variables)),
        }
    })
    .await
}

/// Writes a variable, or does something with its lock.
pub(super) async fn put(app: &Arc<App>, request: &Request, path: &str) -> Result<Response, ApiError> {
    if path.is_empty() {
        return Err(ApiError::BadRequest("missing variable path".into()));
    }
    let operation = lock_operation(request)?;
    let cas = cas(request)?;
    let body: VariableDecrypted = api::json::from_slice(&request.body)?;
    let namespace = match body.namespace.as_str() {
        "" => request.namespace().unwrap_or(DEFAULT_NAMESPACE).to_owned(),
        named => named.to_owned(),
    };
    let variable = Variable { namespace, path: path.to_owned(), ..Variable::default() };
    match operation {
        None => write(app, request, variable, body, cas, false).await,
        Some(LockOperation::Acquire) => write(app, request, variable, body, cas, true).await,
        Some(LockOperation::Renew) => renew(app, request, &variable, lock_id(&body)?),
        Some(LockOperation::Release) => release(app, request, variable, lock_id(&body)?).await,
    }
}

async fn write(
    app: &Arc<App>,
    request: &Request,
    mut variable: Variable,
    body: VariableDecrypted,
    cas: Option<u64>,
    acquire: bool,
) -> Result<Response, ApiError> {
    let items = body.items.unwrap_or_default();
    if items.is_empty() && !acquire {
        return Err(ApiError::BadRequest("variable missing required Items object".into()));
    }
    if variable.namespace == "*" {
        return Ok(invalid("can not target wildcard (\"*\")namespace"));
    }
    if let Err(fault) = check_path(&variable.path) {
        return Ok(invalid(&fault.to_string()));
    }
    if items.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() > VARIABLE_MAX {
        return Ok(invalid("variables are limited to 64KiB in total size"));
    }
    let given = body.lock.unwrap_or_default();
    if acquire || !given.id.is_empty() {
        let or_default = |ns: i64| if ns == 0 { LOCK_DEFAULT_NS } else { ns };
        let id = match given.id.parse() {
            Ok(id) => id,
            Err(_) if acquire && given.id.is_empty() => LockId(app.mint.uuid()),
            Err(_) => LockId::NIL,
        };
        let lock = Lock { id, ttl_ns: or_default(given.ttl.0), delay_ns: or_default(given.lock_delay.0) };
        if let Err(faults) = check_lock(&lock) {
            return Ok(invalid(&Faults::from_lines(faults).to_string()));
        }
        variable.lock = Some(lock);
    }
    app.seal(&mut variable, &items).await?;
    let done = app.operate(Operation::PutVariable { variable: Box::new(variable), cas, acquire }).await?;
    match done.answer {
        Answer::Variable(variable) => {
            let items = if items.is_empty() { opened(app, &variable).await? } else { items };
            Ok(shown(request, &variable, Some(items), done.index))
        }
        Answer::Conflict(variable) => conflict(app, request, &variable).await,
        _ => Err(ApiError::Internal("a variable was written without an answer".into())),
    }
}

/// Keeps a lock for another while. Only the leader's clock moves; nothing is written.
fn renew(app: &App, request: &Request, variable: &Variable, id: LockId) -> Result<Response, ApiError> {
    let state = app.state();
    let Some(held) = state.variable(&variable.namespace, &variable.path) else {
        return Err(ApiError::NotFound("variable not found".into()));
    };
    let Some(lock) = &held.lock else {
        return Err(ApiError::Server(state::Refusal::NotLocked.to_string()));
    };
    if lock.id != id {
        return Ok(Response::text(StatusCode::CONFLICT, "attempting to modify locked variable"));
    }
    app.locks.renew(id, lock.ttl_ns);
    Ok(Response::json(&VariableDecrypted::new(held, None), request.params.pretty()))
}

async fn release(
    app: &Arc<App>,
    request: &Request,
    variable: Variable,
    id: LockId,
) -> Result<Response, ApiError> {
    let (namespace, path) = (variable.namespace, variable.path);
    let state = app.state();
    match state.variable(&namespace, &path) {
        None => return Err(ApiError::NotFound("variable not found".into())),
        Some(free) if free.lock.is_none() => {
            let refused = ApiError::Server(state::Refusal::NotLocked.to_string()).into_response();
            return Ok(refused.with_header("x-nomad-index", 0));
        }
        Some(_) => {}
    }
    let done = app.operate(Operation::ReleaseLock { namespace, path, id }).await?;
    match done.answer {
        Answer::Variable(variable) => Ok(shown(request, &variable, None, done.index)),
        Answer::Conflict(variable) => conflict(app, request, &variable).await,
        _ => Err(ApiError::Internal("a lock was released without an answer".into())),
    }
}

pub(super) async fn delete(app: &Arc<App>, request: &Request, path: &str) -> Result<Response, ApiError> {
    if path.is_empty() {
        return Err(ApiError::BadRequest("missing variable path".into()));
    }
    let cas = cas(request)?;
    let namespace = namespace_or_default(request.namespace()).to_owned();
    let done = app.operate(Operation::DeleteVariable { namespace, path: path.to_owned(), cas }).await?;
    match done.answer {
        Answer::Conflict(variable) => conflict(app, request, &variable).await,
        _ => Ok(Response::empty(StatusCode::NO_CONTENT).with_header("x-nomad-index", done.index)),
    }
}

/// Wrong methods are 400 here.
pub(super) async fn unknown_method(_: &Arc<App>, _: &Request) -> Result<Response, ApiError> {
    Err(ApiError::BadRequest("Invalid method".to_owned()))
}

/// Bad parameters are refused twice in one text, as the original does on these pages.
fn parsable(request: &Request) -> Result<(), ApiError> {
    let twice = |error| ApiError::BadRequest(format!("{error}failed to parse parameters"));
    request.params.read_options().map(drop).map_err(twice)
}

fn lock_operation(request: &Request) -> Result<Option<LockOperation>, ApiError> {
    let all = [LockOperation::Acquire, LockOperation::Renew, LockOperation::Release];
    let asked: Vec<_> = all.into_iter().filter(|one| request.params.get(one.as_str()).is_some()).collect();
    match asked.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => Err(ApiError::BadRequest("multiple lock operations".into())),
    }
}

fn lock_id(body: &VariableDecrypted) -> Result<LockId, ApiError> {
    let id = body.lock.as_ref().map_or("", |lock| lock.id.as_str());
    if id.is_empty() {
        let faults = Faults::from_lines(vec!["missing lock ID".to_owned()]);
        return Err(ApiError::Server(faults.to_string()));
    }
    Ok(id.parse().unwrap_or(LockId::NIL))
}

fn cas(request: &Request) -> Result<Option<u64>, ApiError> {
    let Some(text) = request.params.get("cas") else { return Ok(None) };
    let number = super::numbers::parse_uint(text);
    number.map(Some).map_err(|fault| ApiError::BadRequest(format!("can not parse cas: {fault}")))
}

fn invalid(fault: &str) -> Response {
    let refused = ApiError::BadRequest(format!("RPC Error:: 400,{fault}")).into_response();
    refused.with_header("x-nomad-index", 0)
}

async fn opened(app: &App, variable: &Variable) -> Result<crate::app::variables::Items, ApiError> {
    app.fetch_missing_keys().await;
    app.open(variable)
}

fn shown(
    request: &Request,
    variable: &Variable,
    items: Option<crate::app::variables::Items>,
    index: u64,
) -> Response {
    let answer = VariableDecrypted::new(variable, items);
    Response::json(&answer, request.params.pretty()).with_header("x-nomad-index", index)
}

/// What stood in the way, as JSON that calls itself text.
async fn conflict(app: &App, request: &Request, variable: &Variable) -> Result<Response, ApiError> {
    let items = opened(app, variable).await?;
    let mut answer = shown(request, variable, Some(items), variable.modify_index);
    answer.status = StatusCode::CONFLICT;
    let text = http::HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers.insert(http::header::CONTENT_TYPE, text);
    Ok(answer)
}

/// A variable as filters see it: its metadata is a part of its own.
fn json(variable: &Variable) -> serde_json::Value {
    let lock = variable.lock.as_ref();
    let lock = lock.map(|lock| json!({"ID": lock.id.text(), "TTL": lock.ttl_ns, "LockDelay": lock.delay_ns}));
    json!({
        "VariableMetadata": {
            "Namespace": variable.namespace, "Path": variable.path, "Lock": lock,
            "CreateIndex": variable.create_index, "CreateTime": variable.create_time_ns,
            "ModifyIndex": variable.modify_index, "ModifyTime": variable.modify_time_ns,
        },
        "VariableData": { "Data": null, "KeyID": variable.key_id },
    })
}
