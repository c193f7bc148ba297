//! The Allocations page, and the lists of allocations on other pages.

use std::sync::Arc;

use api::allocations::{AllocStub, Allocation};
use model::id::{AllocId, DeploymentId, EvalId, NodeId};
use state::Table;

use super::blocking::{self, Found};
use super::error::ApiError;
use super::jobs::key_of;
use super::message::{Request, Response};
use super::page::{self, Token};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

const TABLES: [Table; 1] = [Table::Allocs];

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    check_prefix(request.params.get("prefix").unwrap_or_default())?;
    blocking::read(app, request, &TABLES, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let wanted = |alloc: &&Arc<model::Allocation>| {
            (namespace == "*" || alloc.namespace == namespace) && alloc.id.text().starts_with(&options.prefix)
        };
        let token = |alloc: &Arc<model::Allocation>| Token::Indexed(alloc.create_index, alloc.id.text());
        let allocs = state.allocs().filter(wanted).cloned().collect();
        let (allocs, next_token) =
            page::take(page::by_creation(allocs, options.reverse, token).into_iter(), options, token);
        let stubs: Vec<_> = allocs.iter().map(|alloc| AllocStub::from(&**alloc)).collect();
        Found { next_token, ..Found::new(stubs, state.table_index(Table::Allocs)) }
    })
    .await
}

pub(super) async fn read(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let id: AllocId = id.parse().map_err(|_| ApiError::NotFound("alloc not found".into()))?;
    blocking::read(app, request, &TABLES, |state, _| match state.alloc(id) {
        Some(alloc) => Found::new(Allocation::from(&**alloc), alloc.modify_index),
        None => Found::missing("alloc not found", state.table_index(Table::Allocs)),
    })
    .await
}

pub(super) async fn of_job(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    if id.is_empty() {
        return Err(ApiError::Server("missing job ID".into()));
    }
    // A value that is no switch counts as off here, as it does in the original.
    let all = request.params.flag("all").unwrap_or(false);
    blocking::read(app, request, &TABLES, |state, options| {
        let (key, incarnation) = key_of(state, options, id);
        let mine = |alloc: &&Arc<model::Allocation>| {
            all || incarnation.is_none_or(|incarnation| alloc.job_create_index == incarnation)
        };
        let stubs: Vec<_> =
            state.allocs_of_job(&key).filter(mine).map(|alloc| AllocStub::from(&**alloc)).collect();
        Found::new(stubs, state.table_index(Table::Allocs))
    })
    .await
}

pub(super) async fn of_eval(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let id: EvalId = id.parse().unwrap_or(EvalId::NIL);
    blocking::read(app, request, &TABLES, |state, _| {
        let stubs: Vec<_> = state.allocs_of_eval(id).map(|alloc| AllocStub::from(&**alloc)).collect();
        Found::new(stubs, state.table_index(Table::Allocs))
    })
    .await
}

pub(super) async fn of_deployment(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let id: DeploymentId = id.parse().unwrap_or(DeploymentId::NIL);
    blocking::read(app, request, &TABLES, |state, _| {
        let key = state.deployment(id).map(|deployment| deployment.job_key());
        let allocs =
            key.iter().flat_map(|key| state.allocs_of_job(key)).filter(|alloc| alloc.deployment_id == id);
        let stubs: Vec<_> = allocs.map(|alloc| AllocStub::from(&**alloc)).collect();
        Found::new(stubs, state.table_index(Table::Allocs))
    })
    .await
}

pub(super) async fn of_node(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let id: NodeId = id.parse().unwrap_or(NodeId::NIL);
    blocking::read(app, request, &TABLES, |state, _| {
        let allocs: Vec<_> = state.allocs_of_node(id).map(|alloc| Allocation::from(&**alloc)).collect();
        Found::new(allocs, state.table_index(Table::Allocs))
    })
    .await
}

/// Prefixes of ids are hex digits, and an even number of them without the hyphens.
pub(super) fn check_prefix(prefix: &str) -> Result<(), ApiError> {
    let mut digits = prefix.chars().filter(|c| *c != '-');
    if digits.clone().count() % 2 == 1 {
        return Err(ApiError::Server("Input (without hyphens) must be even length".into()));
    }
    match digits.find(|digit| !digit.is_ascii_hexdigit()) {
        None => Ok(()),
        Some(digit) => {
            let code = u32::from(digit);
            Err(ApiError::Server(format!("Invalid UUID: encoding/hex: invalid byte: U+{code:04X} '{digit}'")))
        }
    }
}
