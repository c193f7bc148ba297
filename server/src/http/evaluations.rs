//! The Evaluations page.

use std::sync::Arc;

use api::evaluations::Evaluation;
use model::id::EvalId;
use serde_json::json;
use state::{State, Table};

use super::allocations::check_prefix;
use super::blocking::{self, Found};
use super::error::ApiError;
use super::jobs::key_of;
use super::message::{Request, Response};
use super::page::{self, Token};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

const TABLES: [Table; 1] = [Table::Evals];

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    check_prefix(request.params.get("prefix").unwrap_or_default())?;
    let text = |name| request.params.get(name).unwrap_or_default().to_owned();
    let (job, status) = (text("job"), text("status"));
    blocking::read(app, request, &TABLES, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let wanted = |eval: &&Arc<model::Evaluation>| {
            (namespace == "*" || eval.namespace == namespace)
                && (job.is_empty() || eval.job_id == job)
                && (status.is_empty() || eval.status.as_str() == status)
                && eval.id.text().starts_with(&options.prefix)
        };
        let token = |eval: &Arc<model::Evaluation>| Token::Indexed(eval.create_index, eval.id.text());
        let evals = state.evals().filter(wanted).cloned().collect();
        let (evals, next_token) =
            page::take(page::by_creation(evals, options.reverse, token).into_iter(), options, token);
        let evals: Vec<_> = evals.iter().map(|eval| Evaluation::from(&**eval)).collect();
        Found { next_token, ..Found::new(evals, state.table_index(Table::Evals)) }
    })
    .await
}

pub(super) async fn read(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let id: EvalId = id.parse().map_err(|_| ApiError::NotFound("eval not found".into()))?;
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
        json!({
            "ID": other.id.text(), "Namespace": other.namespace, "Priority": other.priority,
            "Type": other.kind.as_str(), "TriggeredBy": other.triggered_by.as_str(), "JobID": other.job_id,
            "NodeID": other.node_id.text(), "DeploymentID": other.deployment_id.text(),
            "Status": other.status.as_str(), "StatusDescription": other.status_description,
            "WaitUntil": null, "NextEval": other.next_eval.text(), "PreviousEval": other.previous_eval.text(),
            "BlockedEval": other.blocked_eval.text(), "CreateIndex": other.create_index,
            "ModifyIndex": other.modify_index, "CreateTime": other.create_time_ns, "ModifyTime": other.modify_time_ns,
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
