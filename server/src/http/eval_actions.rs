//! Counting and removing evaluations.

use std::sync::Arc;

use api::actions::{EvalCount, EvalDeleteRequest, EvalsDeleted};
use model::id::EvalId;
use model::{ClientStatus, Evaluation, JobStatus};
use state::{Answer, Operation, State, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::evaluations::stored;
use super::lookup;
use super::message::{Request, Response};
use super::page::parse_filter;
use crate::app::App;
use crate::app::jobs::namespace_or_default;

pub(super) async fn count(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    blocking::read(app, request, &[Table::Evals], |state, options| {
        let index = state.table_index(Table::Evals);
        let namespace = namespace_or_default(options.namespace.as_deref());
        let counted = matching(state, namespace, &options.prefix, &options.filter).map(|found| found.len());
        let value = counted.map(|count| EvalCount {
            count: count as u64,
            index,
            known_leader: true,
            ..EvalCount::default()
        });
        Found { value, index, next_token: None }
    })
    .await
}

/// Removes evaluations, by id or by filter, while the broker is paused.
pub(super) async fn delete(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let body: EvalDeleteRequest = api::json::from_slice(&request.body)?;
    let named = body.eval_ids.unwrap_or_default();
    match (named.is_empty(), body.filter.is_empty()) {
        (true, true) => {
            return Err(ApiError::BadRequest("evals must be deleted by either ID or filter".into()));
        }
        (false, false) => {
            return Err(ApiError::BadRequest("evals cannot be deleted by both ID and filter".into()));
        }
        _ => {}
    }
    let state = app.state();
    if !state.scheduler_configuration().pause_eval_broker {
        return Err(ApiError::Server(state::Refusal::EvalBrokerEnabled.to_string()));
    }
    let ids = if named.is_empty() {
        let namespace = namespace_or_default(request.namespace());
        let found = matching(&state, namespace, "", &body.filter)?;
        found.iter().filter(|eval| forgettable(&state, eval)).map(|eval| eval.id).collect()
    } else {
        by_name(&state, &named)?
    };
    if ids.is_empty() {
        let nothing = EvalsDeleted::default();
        return Ok(Response::json(&nothing, request.params.pretty()).with_header("x-nomad-index", 0));
    }
    let done = app.operate(Operation::DeleteEvals { ids }).await?;
    let count = if let Answer::Deleted(count) = done.answer { count } else { 0 };
    let answer = EvalsDeleted { count, index: done.index };
    Ok(Response::json(&answer, request.params.pretty()).with_header("x-nomad-index", done.index))
}

fn by_name(state: &State, named: &[String]) -> Result<Vec<EvalId>, ApiError> {
    let mut ids = Vec::with_capacity(named.len());
    for text in named {
        let id = EvalId(lookup::id(text, "eval")?);
        let Some(eval) = state.eval(id) else {
            return Err(ApiError::Server(state::Refusal::UnknownEval.to_string()));
        };
        if !forgettable(state, eval) {
            return Err(ApiError::Server(format!("eval {id} is not safe to delete")));
        }
        ids.push(id);
    }
    Ok(ids)
}

/// What an evaluation placed may still need it: to tell what runs, or how often it was tried.
fn forgettable(state: &State, eval: &Evaluation) -> bool {
    let job = state.job(&eval.job_key());
    if job.is_none_or(|job| job.stop || job.status == JobStatus::Dead) {
        return true;
    }
    let live = |status: ClientStatus| {
        matches!(status, ClientStatus::Running | ClientStatus::Unknown | ClientStatus::Failed)
    };
    !state.allocs_of_eval(eval.id).any(|alloc| live(alloc.client_status))
}

/// Evaluations of a namespace that a filter lets pass; here a broken one is 500, as in the original.
fn matching(
    state: &State,
    namespace: &str,
    prefix: &str,
    filter: &str,
) -> Result<Vec<Arc<Evaluation>>, ApiError> {
    let filter = parse_filter(filter).map_err(|error| ApiError::Server(error.to_string()))?;
    let stored = stored();
    let mut found = Vec::new();
    for eval in state.evals() {
        if (namespace != "*" && eval.namespace != namespace) || !lookup::begins(&eval.id.0, prefix) {
            continue;
        }
        let passes = filter.as_ref().map_or(Ok(true), |filter| stored.passes(filter, eval));
        if passes.map_err(|error| ApiError::Server(error.to_string()))? {
            found.push(eval.clone());
        }
    }
    Ok(found)
}
