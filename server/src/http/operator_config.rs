//! The configurations of the Operator page: the scheduler's and the autopilot's.

use std::sync::Arc;

use api::json::JsonError;
use api::operator::{
    Autopilot, AutopilotHealth, SchedulerAnswer, SchedulerConfiguration, SchedulerUpdated, ServerHealth,
};
use api::time::GoDuration;
use state::{Answer, Operation, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::message::{Request, Response};
use crate::app::App;

pub(super) async fn scheduler(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    blocking::read(app, request, &[Table::Configurations], |state, _| {
        let config = state.scheduler_configuration();
        let index = config.modify_index;
        let scheduler_config = SchedulerConfiguration::from(&*config);
        let answer =
            SchedulerAnswer { index, known_leader: true, scheduler_config, ..SchedulerAnswer::default() };
        Found::new(answer, index)
    })
    .await
}

/// Replaces the configuration; what the body leaves out is off.
pub(super) async fn set_scheduler(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let parsing = |error: JsonError| ApiError::BadRequest(format!("Error parsing scheduler config: {error}"));
    let body: SchedulerConfiguration = api::json::from_slice(&request.body).map_err(parsing)?;
    let config = Box::new(body.into_model().map_err(ApiError::BadRequest)?);
    let cas = cas(request)?;
    let done = app.operate(Operation::SetSchedulerConfiguration { config, cas }).await?;
    let answer = SchedulerUpdated { index: done.index, updated: done.answer == Answer::Updated(true) };
    Ok(Response::json(&answer, request.params.pretty()).with_header("x-nomad-index", done.index))
}

pub(super) async fn autopilot(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    request.params.read_options()?;
    let config = app.state().autopilot_configuration();
    Ok(Response::json(&Autopilot::from(&*config), request.params.pretty()))
}

/// Replaces the configuration. The answer is a bare `true` or `false`.
pub(super) async fn set_autopilot(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let parsing = |error: JsonError| ApiError::BadRequest(format!("Error parsing autopilot config: {error}"));
    let body: Autopilot = api::json::from_slice(&request.body).map_err(parsing)?;
    let config = Box::new(model::AutopilotConfiguration::from(body));
    let cas = cas(request)?;
    let done = app.operate(Operation::SetAutopilotConfiguration { config, cas }).await?;
    Ok(Response::json(&(done.answer == Answer::Updated(true)), request.params.pretty()))
}

/// Health of the servers, as the one that is asked sees it.
pub(super) async fn autopilot_health(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let leader = app.leadership.borrow().leader.as_ref().map(|leader| leader.id);
    let stats = app.raft.stats();
    let members = app.raft.members();
    let server = |member: &raft::Member| {
        let healthy = member.id == app.raft.server_id() || app.peers.reachable(member.id);
        ServerHealth {
            id: member.id.to_string(),
            name: format!("{}.{}", member.name, member.region),
            address: member.rpc_addr.clone(),
            serf_status: if healthy { "alive" } else { "failed" }.to_owned(),
            version: runtime::COMPAT_VERSION.to_owned(),
            leader: leader == Some(member.id),
            last_contact: GoDuration(0),
            last_term: stats.term,
            last_index: stats.last_log_index.unwrap_or(0),
            healthy,
            voter: member.voter,
            stable_since: api::time::rfc3339(app.started_ns),
        }
    };
    let servers: Vec<_> = members.iter().map(server).collect();
    let voters: Vec<_> = members.iter().filter(|member| member.voter).map(|m| m.id.to_string()).collect();
    let alive = servers.iter().filter(|server| server.voter && server.healthy).count();
    let answer = AutopilotHealth {
        failure_tolerance: alive.saturating_sub(voters.len() / 2 + 1) as u64,
        healthy: leader.is_some() && servers.iter().all(|server| server.healthy),
        leader: leader.map(|leader| leader.to_string()).unwrap_or_default(),
        servers,
        voters,
    };
    Ok(Response::json(&answer, request.params.pretty()))
}

/// Methods that these paths do not know are 404 in the original.
pub(super) async fn unknown_method(_: &Arc<App>, _: &Request) -> Result<Response, ApiError> {
    Err(ApiError::NotFound("Invalid method".to_owned()))
}

/// The index that a check-and-set names.
pub(super) fn cas(request: &Request) -> Result<Option<u64>, ApiError> {
    let Some(text) = request.params.get("cas") else { return Ok(None) };
    let number = super::numbers::parse_uint(text);
    number.map(Some).map_err(|fault| ApiError::BadRequest(format!("Error parsing cas value: {fault}")))
}
