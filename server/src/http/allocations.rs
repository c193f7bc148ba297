//! The Allocations page, and the lists of allocations on other pages.

use std::sync::Arc;

use api::allocations::{AllocStub, Allocation};
use api::client::AllocStopResponse;
use api::evaluations::Metric;
use model::id::{AllocId, DeploymentId, EvalId, NodeId};
use state::{State, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::jobs::key_of;
use super::message::{Request, Response};
use super::page::{self, Page};
use super::stored::{self, Stored};
use super::{client, lookup};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

const TABLES: [Table; 1] = [Table::Allocs];

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    lookup::prefix(request.param("prefix"), "alloc")?;
    let (resources, states) = shown(request)?;
    blocking::read(app, request, &TABLES, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let wanted = |alloc: &&Arc<model::Allocation>| {
            (namespace == "*" || alloc.namespace == namespace) && lookup::begins(&alloc.id.0, &options.prefix)
        };
        let token =
            |alloc: &Arc<model::Allocation>| page::created(options, alloc.create_index, alloc.id.text());
        let allocs = page::in_order(state.allocs().filter(wanted).cloned().collect(), options.reverse, token);
        let page = page::take(allocs.into_iter(), options, token, stored(&options.filter));
        Page::found(page, state.table_index(Table::Allocs), |alloc| AllocStub::new(&alloc, resources, states))
    })
    .await
}

pub(super) async fn read(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let id = AllocId(lookup::id(id, "alloc")?);
    blocking::read(app, request, &TABLES, |state, _| match state.alloc(id) {
        Some(alloc) => Found::new(whole(state, alloc), alloc.modify_index),
        None => Found::missing("alloc not found", state.table_index(Table::Allocs)),
    })
    .await
}

/// An allocation with what other rows know of it: what the scheduler saw, and the key that signs its identities.
fn whole(state: &State, alloc: &model::Allocation) -> Allocation {
    let eval = state.eval(alloc.eval_id);
    let metric = eval.and_then(|eval| eval.placed_metrics.get(&alloc.task_group));
    Allocation {
        metrics: Some(metric.map(|metric| Metric::from(&**metric)).unwrap_or_default()),
        signing_key_id: state
            .root_keys()
            .find(|key| key.active)
            .map(|key| key.id.clone())
            .unwrap_or_default(),
        ..Allocation::from(alloc)
    }
}

/// Stops an allocation; the scheduler places another one.
pub(super) async fn stop(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let no_shutdown_delay = request.params.flag("no_shutdown_delay")?;
    let reschedule = request.params.flag("reschedule")?;
    let id = AllocId(lookup::id(id, "alloc")?);
    let stopped = app.stop_alloc(id, no_shutdown_delay, reschedule).await?;
    let answer = AllocStopResponse { eval_id: stopped.eval_id.text(), index: stopped.index };
    Ok(Response::json(&answer, request.params.pretty()).with_header("x-nomad-index", stopped.index))
}

/// The statuses of an allocation's checks: its agent has them.
pub(super) async fn checks(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let path = format!("/v1/client/allocation/{id}/checks");
    client::of_alloc(app, &Request { path, ..request.clone() }, id).await
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
    let id = EvalId(lookup::bare_id(id)?);
    blocking::read(app, request, &TABLES, |state, _| {
        let stubs: Vec<_> = state.allocs_of_eval(id).map(|alloc| AllocStub::from(&**alloc)).collect();
        Found::new(stubs, state.table_index(Table::Allocs))
    })
    .await
}

pub(super) async fn of_deployment(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    if id.is_empty() {
        return Err(ApiError::Server("missing deployment ID".into()));
    }
    let id = DeploymentId(lookup::bare_id(id)?);
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
        let allocs: Vec<_> = state.allocs_of_node(id).map(|alloc| whole(state, alloc)).collect();
        Found::new(allocs, state.table_index(Table::Allocs))
    })
    .await
}

/// Whether a list shows what its allocations were given, and the states of their tasks.
fn shown(request: &Request) -> Result<(bool, bool), ApiError> {
    let states = request.params.flag("task_states")?;
    let unsaid = request.params.get("task_states").unwrap_or_default().is_empty();
    Ok((request.params.flag("resources")?, states || unsaid))
}

/// Allocations as filters see them.
fn stored(filter: &str) -> Stored<Arc<model::Allocation>> {
    // The job is most of it, and few ask about that.
    if filter.matches("Job").count() > filter.matches("JobID").count() {
        return Stored::new("*Allocation", |alloc| stored::json(Allocation::from(&**alloc)));
    }
    Stored::new("*Allocation", |alloc| stored::json(Allocation::without_job(alloc)))
}
