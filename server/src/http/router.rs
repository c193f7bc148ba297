//! From a request to its answer: finds the route, sees to it that this server may answer, calls the handler.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::error::ApiError;
use super::message::{Request, Response};
use super::routes::{Access, Route};
use super::{agent, allocations, client, deployments, evaluations, jobs, nodes, operator};
use crate::app::App;

/// How long a request is held while there is no leader.
pub(super) const NO_LEADER_LIMIT: Duration = Duration::from_secs(5);
/// How long to wait before looking for a leader again.
const RETRY: Duration = Duration::from_millis(25);

/// True when only a leader can answer.
pub(crate) fn needs_leader(request: &Request) -> bool {
    Route::find(&request.method, &request.path).is_ok_and(|route| route.access() == Access::Write)
}

/// Answers a request, or has another server do it.
pub(crate) async fn dispatch(app: &Arc<App>, request: Request) -> Result<Response, ApiError> {
    let route = Route::find(&request.method, &request.path)?;
    let region = request.params.get("region").unwrap_or_default();
    if !region.is_empty() && region != app.options.raft.region {
        return Err(ApiError::Server("No path to region".to_owned()));
    }
    if route.access() == Access::Write {
        return write(app, &request, route).await;
    }
    answer(app, &request, route).await
}

/// Has the leader answer: this server, or another. Held for a while when nobody leads. A loop and not a recursion:
/// a server that has just lost its leadership may still call itself leader for a moment.
async fn write(app: &Arc<App>, request: &Request, route: Route) -> Result<Response, ApiError> {
    let deadline = Instant::now() + NO_LEADER_LIMIT;
    loop {
        let answered = match app.leads() {
            true => answer(app, request, route.clone()).await,
            // Whoever passed this on looks for the leader itself.
            false if request.hops > 0 => return Err(ApiError::NotLeader),
            false => app.ask_leader(request).await,
        };
        match answered {
            // Nothing has happened, so it can be tried again.
            Err(ApiError::NotLeader) if request.hops == 0 && Instant::now() < deadline => {}
            Err(ApiError::NotLeader) if request.hops == 0 => return Err(ApiError::NoLeader),
            decided => return decided,
        }
        let mut leadership = app.leadership.clone();
        // Whichever comes first: news of a leader, or the time for another look.
        let _ = tokio::time::timeout(RETRY, leadership.changed()).await;
    }
}

async fn answer(app: &Arc<App>, request: &Request, route: Route) -> Result<Response, ApiError> {
    match route {
        Route::ListJobs => jobs::list(app, request).await,
        Route::RegisterJob => jobs::register(app, request, None).await,
        Route::UpdateJob(id) => jobs::register(app, request, Some(&id)).await,
        Route::DeregisterJob(id) => jobs::deregister(app, request, &id).await,
        Route::Job(id) => jobs::read(app, request, &id).await,
        Route::JobSummary(id) => jobs::summary(app, request, &id).await,
        Route::JobVersions(id) => jobs::versions(app, request, &id).await,
        Route::JobAllocations(id) => allocations::of_job(app, request, &id).await,
        Route::JobEvaluations(id) => evaluations::of_job(app, request, &id).await,
        Route::JobDeployments(id) => deployments::of_job(app, request, &id).await,
        Route::JobDeployment(id) => deployments::latest_of_job(app, request, &id).await,
        Route::ListAllocations => allocations::list(app, request).await,
        Route::Allocation(id) => allocations::read(app, request, &id).await,
        Route::ListEvaluations => evaluations::list(app, request).await,
        Route::Evaluation(id) => evaluations::read(app, request, &id).await,
        Route::EvaluationAllocations(id) => allocations::of_eval(app, request, &id).await,
        Route::ListDeployments => deployments::list(app, request).await,
        Route::Deployment(id) => deployments::read(app, request, &id).await,
        Route::DeploymentAllocations(id) => allocations::of_deployment(app, request, &id).await,
        Route::ListNodes => nodes::list(app, request).await,
        Route::Node(id) => nodes::read(app, request, &id).await,
        Route::NodeAllocations(id) => allocations::of_node(app, request, &id).await,
        Route::ClientLogs(id) => client::logs(app, request, &id).await,
        Route::StatusLeader => operator::leader(app, request).await,
        Route::StatusPeers => operator::peers(app, request),
        Route::Regions => operator::regions(app, request),
        Route::AgentSelf => agent::own(app, request),
        Route::AgentHealth => agent::health(app, request),
        Route::AgentMembers => agent::members(app, request),
        Route::RaftConfiguration => operator::raft_configuration(app, request),
        Route::Metrics => operator::metrics(app, request),
        Route::Jwks => operator::jwks(app, request).await,
    }
}
