//! The Jobs page: what is done with a job that exists.

use std::sync::Arc;

use api::job_actions::{
    DispatchRequest, DispatchResponse, EvaluateRequest, JobAction, PeriodicForceResponse, RevertRequest,
    ScaleRequest, StableRequest, StableResponse, TagRequest, TagResponse,
};
use api::jobs::RegisterResponse;
use api::plan::PlanRequest;
use model::id::JobKey;
use serde::Serialize;
use state::Table;

use super::blocking::{self, Found};
use super::error::ApiError;
use super::jobs::{key, register_response};
use super::message::{Request, Response};
use crate::app::App;
use crate::app::dispatch::Launched;
use crate::app::job_operations::check_scaling_request;
use crate::app::jobs::namespace_or_default;

fn key_of(request: &Request, id: &str) -> JobKey {
    JobKey::new(namespace_or_default(request.namespace()), id)
}

fn answer<T: Serialize>(request: &Request, body: &T, index: u64) -> Response {
    Response::json(body, request.params.pretty()).with_header("x-nomad-index", index)
}

fn bad(text: &str) -> ApiError {
    ApiError::BadRequest(text.to_owned())
}

/// The text that a version was made from.
pub(super) async fn submission(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let version = request.param("version").parse::<u64>();
    let version = version.map_err(|_| bad("Unable to parse job submission version parameter"))?;
    blocking::read(app, request, &[Table::Jobs], |state, options| {
        match state.job_submission(&key(options, id), version) {
            Some(submission) => Found::new(submission.clone(), submission.job_modify_index),
            // The original answers this one with the index 0.
            None => Found::missing("job source not found", 0),
        }
    })
    .await
}

pub(super) async fn revert(app: &App, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: RevertRequest = api::json::from_slice(&request.body)?;
    same_job(&body.job_id, id)?;
    let written = app.revert_job(&key_of(request, id), &body).await?;
    let answer = answer(request, &register_response(&written), written.index);
    Ok(answer.with_header("x-nomad-knownleader", false))
}

/// The body names the job too, and has to name the same.
fn same_job(named: &str, id: &str) -> Result<(), ApiError> {
    match named {
        "" => Err(bad("JobID must be specified")),
        named if named != id => Err(bad("Job ID does not match")),
        _ => Ok(()),
    }
}

pub(super) async fn stable(app: &App, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: StableRequest = api::json::from_slice(&request.body)?;
    same_job(&body.job_id, id)?;
    let written = app.mark_stable(key_of(request, id), body.job_version, body.stable).await?;
    let body = StableResponse { index: written.index, job_modify_index: written.job_modify_index };
    Ok(answer(request, &body, written.index))
}

/// What would change: nothing does.
pub(super) async fn plan(app: &App, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: PlanRequest = api::json::from_slice(&request.body)?;
    if body.job.as_ref().is_some_and(|job| job.id.as_deref() != Some(id)) {
        return Err(bad("Job ID does not match"));
    }
    let plan = app.plan_job(body, request.namespace())?;
    Ok(answer(request, &plan, plan.index))
}

pub(super) async fn evaluate(app: &App, request: &Request, id: &str) -> Result<Response, ApiError> {
    let mut force = false;
    if !request.body.is_empty() {
        let body: EvaluateRequest = api::json::from_slice(&request.body)?;
        match body.job_id.as_str() {
            "" => return Err(bad("Job ID must be specified")),
            named if named != id => return Err(bad("JobID not same as job name")),
            _ => force = body.eval_options.force_reschedule,
        }
    }
    let written = app.evaluate_job(&key_of(request, id), force).await?;
    Ok(answer(request, &register_response(&written), written.index))
}

pub(super) async fn scale(app: &App, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: ScaleRequest = api::json::from_slice(&request.body)?;
    check_scaling_request(&body).map_err(ApiError::BadRequest)?;
    let written = app.scale_job(key_of(request, id), body).await?;
    let body = RegisterResponse { known_leader: true, ..register_response(&written) };
    Ok(answer(request, &body, written.index))
}

pub(super) async fn dispatch(app: &App, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: DispatchRequest = api::json::from_slice(&request.body)?;
    launched(request, app.dispatch_job(&key_of(request, id), body, token(request)).await?)
}

/// The body is the payload itself.
pub(super) async fn dispatch_payload(app: &App, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body = DispatchRequest { payload: request.body.to_vec().into(), ..DispatchRequest::default() };
    launched(request, app.dispatch_job(&key_of(request, id), body, token(request)).await?)
}

fn token(request: &Request) -> &str {
    request.param("idempotency_token")
}

fn launched(request: &Request, child: Launched) -> Result<Response, ApiError> {
    let body = DispatchResponse {
        dispatched_job_id: child.id,
        eval_id: child.eval_id.text(),
        eval_create_index: if child.eval_id.is_nil() { 0 } else { child.index },
        job_create_index: child.create_index,
        index: child.index,
    };
    Ok(answer(request, &body, child.index))
}

pub(super) async fn force_periodic(app: &App, request: &Request, id: &str) -> Result<Response, ApiError> {
    let child = app.force_periodic(&key_of(request, id)).await?;
    let body = PeriodicForceResponse {
        eval_id: child.eval_id.text(),
        eval_create_index: if child.eval_id.is_nil() { 0 } else { child.index },
        index: child.index,
    };
    Ok(answer(request, &body, child.index))
}

pub(super) async fn tag(app: &App, request: &Request, id: &str, name: &str) -> Result<Response, ApiError> {
    let body: TagRequest = match request.body.is_empty() {
        true => TagRequest::default(),
        false => api::json::from_slice(&request.body)?,
    };
    let description = body.description.clone();
    let written = app.tag_job(key_of(request, id), name, body).await?;
    let tagged_time = tagged_time(app, &key_of(request, id), name);
    let index = written.index;
    let body =
        TagResponse { name: name.to_owned(), description, tagged_time, index, ..TagResponse::default() };
    Ok(answer(request, &body, index))
}

fn tagged_time(app: &App, key: &JobKey, name: &str) -> i64 {
    let versions = app.state().job_versions(key);
    let tags = versions.iter().filter_map(|job| job.version_tag.as_ref());
    tags.filter(|tag| tag.name == name).map(|tag| tag.tagged_time_ns).next().unwrap_or(0)
}

pub(super) async fn untag(app: &App, request: &Request, id: &str, name: &str) -> Result<Response, ApiError> {
    let written = app.untag_job(key_of(request, id), name).await?;
    Ok(answer(request, &TagResponse { index: written.index, ..TagResponse::default() }, written.index))
}

/// Commands that people may run in the job's tasks.
pub(super) async fn actions(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    blocking::read(app, request, &[Table::Jobs], |state, options| {
        let Some(job) = state.job(&key(options, id)) else {
            let unknown = ApiError::Server(format!("Unknown job \"{id}\""));
            return Found { value: Err(unknown), index: 0, next_token: None };
        };
        let mut found = Vec::new();
        for group in &job.task_groups {
            for task in &group.tasks {
                found.extend(task.actions.iter().map(|action| JobAction {
                    name: action.name.clone(),
                    command: action.command.clone(),
                    args: action.args.clone(),
                    task_name: task.name.clone(),
                    task_group_name: group.name.clone(),
                }));
            }
        }
        // The original gives this list no index.
        Found::new(found, 0)
    })
    .await
}
