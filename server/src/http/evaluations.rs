//! The Evaluations page.

use std::sync::Arc;

use api::evaluations::{Evaluation, EvaluationStub};
use model::id::EvalId;
use state::{State, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::jobs::key_of;
use super::lookup;
use super::message::{Request, Response};
use super::page::{self, Page};
use super::stored::{self, Stored};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

const TABLES: [Table; 1] = [Table::Evals];

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let text = |name| request.params.get(name).unwrap_or_default().to_owned();
    let (job, status) = (text("job"), text("status"));
    let narrowed = !job.is_empty() || !status.is_empty();
    if narrowed && !text("filter").is_empty() {
        let fault = "Filter expression cannot be used with other filter parameters";
        return Err(ApiError::BadRequest(fault.to_owned()));
    }
    lookup::prefix(&text("prefix"), "eval")?;
    blocking::read(app, request, &TABLES, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let wanted = |eval: &&Arc<model::Evaluation>| {
            (namespace == "*" || eval.namespace == namespace)
                && (job.is_empty() || eval.job_id == job)
                && (status.is_empty() || eval.status.as_str() == status)
                && lookup::begins(&eval.id.0, &options.prefix)
        };
        let token = |eval: &Arc<model::Evaluation>| page::created(options, eval.create_index, eval.id.text());
        let evals = page::in_order(state.evals().filter(wanted).cloned().collect(), options.reverse, token);
        let page = page::take(evals.into_iter(), options, token, stored());
        Page::found(page, state.table_index(Table::Evals), |eval| Evaluation::from(&*eval))
    })
    .await
}

pub(super) async fn read(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let id = EvalId(lookup::id(id, "failed to lookup eval: eval")?);
    let related = request.params.flag("related").unwrap_or(false);
    blocking::read(app, request, &TABLES, |state, _| match state.eval(id) {
        Some(eval) => {
            let mut answer = Evaluation::from(&**eval);
            if related {
                answer.related_evals = Some(related_to(state, eval));
            }
            Found::new(answer, eval.modify_index)
        }
        None => Found::missing("eval not found", state.table_index(Table::Evals)),
    })
    .await
}

/// Evaluations that this one follows, left behind, or was followed by.
fn related_to(state: &State, eval: &model::Evaluation) -> Vec<serde_json::Value> {
    let near = [eval.previous_eval, eval.next_eval, eval.blocked_eval];
    let linked = |other: &&Arc<model::Evaluation>| {
        other.id != eval.id && (near.contains(&other.id) || other.previous_eval == eval.id)
    };
    let stub = |other: &Arc<model::Evaluation>| {
        stored::json(EvaluationStub {
            blocked_eval: other.blocked_eval.text(),
            create_index: other.create_index,
            create_time: other.create_time_ns,
            deployment_id: other.deployment_id.text(),
            id: other.id.text(),
            job_id: other.job_id.clone(),
            modify_index: other.modify_index,
            modify_time: other.modify_time_ns,
            namespace: other.namespace.clone(),
            next_eval: other.next_eval.text(),
            node_id: other.node_id.text(),
            previous_eval: other.previous_eval.text(),
            priority: other.priority,
            status: other.status.as_str().to_owned(),
            status_description: other.status_description.clone(),
            triggered_by: other.triggered_by.as_str().to_owned(),
            kind: other.kind.as_str().to_owned(),
            wait_until: None,
        })
    };
    state.evals_of_job(&eval.job_key()).filter(linked).map(stub).collect()
}

pub(super) async fn of_job(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    blocking::read(app, request, &TABLES, |state, options| {
        let (key, _) = key_of(state, options, id);
        let evals: Vec<_> = state.evals_of_job(&key).map(|eval| Evaluation::from(&**eval)).collect();
        Found::new(evals, state.table_index(Table::Evals))
    })
    .await
}

/// Evaluations as filters see them.
pub(super) fn stored() -> Stored<Arc<model::Evaluation>> {
    Stored::new("*Evaluation", |eval| stored::json(Evaluation::from(&**eval)))
}
