//! What operators do with deployments.

use std::sync::Arc;

use api::actions::{
    DeploymentAllocHealthRequest, DeploymentPauseRequest, DeploymentPromoteRequest, DeploymentUnblockRequest,
    DeploymentUpdated,
};
use model::id::{AllocId, DeploymentId, EvalId};
use state::{Answer, DeploymentAction, Operation, Refusal};

use super::error::ApiError;
use super::lookup;
use super::message::{Request, Response};
use crate::app::App;

pub(super) async fn fail(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    change(app, request, known(app, id)?, DeploymentAction::Fail).await
}

pub(super) async fn pause(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: DeploymentPauseRequest = api::json::from_slice(&request.body)?;
    same(&body.deployment_id, id)?;
    let action = if body.pause { DeploymentAction::Pause } else { DeploymentAction::Resume };
    change(app, request, known(app, id)?, action).await
}

pub(super) async fn promote(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: DeploymentPromoteRequest = api::json::from_slice(&request.body)?;
    same(&body.deployment_id, id)?;
    let action = DeploymentAction::Promote { all: body.all, groups: body.groups.unwrap_or_default() };
    change(app, request, known(app, id)?, action).await
}

/// Deployments that wait for another region are none of this edition; a live one is answered with zeros.
pub(super) async fn unblock(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: DeploymentUnblockRequest = api::json::from_slice(&request.body)?;
    same(&body.deployment_id, id)?;
    let id = known(app, id)?;
    if app.state().deployment(id).is_some_and(|deployment| !deployment.status.active()) {
        return Err(ApiError::Server("can't unblock terminal deployment".into()));
    }
    let nothing = DeploymentUpdated::default();
    Ok(Response::json(&nothing, request.params.pretty()).with_header("x-nomad-index", 0))
}

pub(super) async fn health(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: DeploymentAllocHealthRequest = api::json::from_slice(&request.body)?;
    same(&body.deployment_id, id)?;
    let (healthy, unhealthy) = (body.healthy.unwrap_or_default(), body.unhealthy.unwrap_or_default());
    if healthy.is_empty() && unhealthy.is_empty() {
        let fault = "must specify at least one healthy/unhealthy allocation ID";
        return Err(ApiError::Server(fault.into()));
    }
    let id = known(app, id)?;
    if app.state().deployment(id).is_some_and(|deployment| !deployment.status.active()) {
        return Err(ApiError::Server("can't set health of allocations for a terminal deployment".into()));
    }
    let ids = |texts: Vec<String>| -> Result<Vec<AllocId>, ApiError> {
        let id =
            |text: String| text.parse().map_err(|_| ApiError::Server(format!("unknown alloc \"{text}\"")));
        texts.into_iter().map(id).collect()
    };
    let action = DeploymentAction::SetHealth { healthy: ids(healthy)?, unhealthy: ids(unhealthy)? };
    change(app, request, id, action).await
}

/// The deployment that a body names is that of the path.
fn same(named: &str, id: &str) -> Result<(), ApiError> {
    match named {
        "" => Err(ApiError::BadRequest("DeploymentID must be specified".into())),
        named if named != id => Err(ApiError::BadRequest("Deployment ID does not match".into())),
        _ => Ok(()),
    }
}

fn known(app: &App, id: &str) -> Result<DeploymentId, ApiError> {
    if id.is_empty() {
        return Err(ApiError::Server("missing deployment ID".into()));
    }
    let id = DeploymentId(lookup::id(id, "deployment")?);
    match app.state().deployment(id) {
        Some(_) => Ok(id),
        None => Err(ApiError::Server(Refusal::DeploymentNotFound.to_string())),
    }
}

async fn change(
    app: &Arc<App>,
    request: &Request,
    id: DeploymentId,
    action: DeploymentAction,
) -> Result<Response, ApiError> {
    let eval_id = EvalId(app.mint.uuid());
    let done = app.operate(Operation::ChangeDeployment { id, action, eval_id }).await?;
    let (eval_id, reverted) = match done.answer {
        Answer::Deployment { eval_id, reverted } => (eval_id, reverted),
        _ => (EvalId::NIL, None),
    };
    let answer = DeploymentUpdated {
        deployment_modify_index: done.index,
        eval_create_index: if eval_id.is_nil() { 0 } else { done.index },
        eval_id: eval_id.text(),
        index: done.index,
        reverted_job_version: reverted,
    };
    Ok(Response::json(&answer, request.params.pretty()).with_header("x-nomad-index", done.index))
}
