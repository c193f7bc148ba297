//! Every URL in one file: what a method and path ask for.
//!
//! Job ids may contain `/`, so paths below `/v1/job/` are told apart by their suffix, after percent-decoding.

use api::query::percent_decode;
use http::Method;

use super::error::ApiError;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    ListJobs,
    RegisterJob,
    UpdateJob(String),
    DeregisterJob(String),
    Job(String),
    JobSummary(String),
    JobVersions(String),
    JobAllocations(String),
    JobEvaluations(String),
    JobDeployments(String),
    JobDeployment(String),
    ListAllocations,
    Allocation(String),
    ListEvaluations,
    Evaluation(String),
    EvaluationAllocations(String),
    ListDeployments,
    Deployment(String),
    DeploymentAllocations(String),
    ListNodes,
    Node(String),
    NodeAllocations(String),
    ClientLogs(String),
    StatusLeader,
    StatusPeers,
    Regions,
    AgentSelf,
    AgentHealth,
    AgentMembers,
    RaftConfiguration,
    Metrics,
    Jwks,
}

/// Who can answer a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Only the leader.
    Write,
    /// Every server, after a read barrier unless `stale` is asked for.
    Read,
    /// The server that was asked.
    Local,
    /// The server that holds the session of the allocation's node.
    Session,
}

impl Route {
    pub(super) fn access(&self) -> Access {
        match self {
            Route::RegisterJob | Route::UpdateJob(_) | Route::DeregisterJob(_) => Access::Write,
            Route::StatusLeader
            | Route::StatusPeers
            | Route::Regions
            | Route::AgentSelf
            | Route::AgentHealth
            | Route::AgentMembers
            | Route::RaftConfiguration
            | Route::Metrics => Access::Local,
            Route::ClientLogs(_) => Access::Session,
            _ => Access::Read,
        }
    }

    /// Finds the route of a request.
    pub(super) fn find(method: &Method, path: &str) -> Result<Route, ApiError> {
        let get = |route: Route| match *method {
            Method::GET => Ok(route),
            _ => Err(ApiError::MethodNotAllowed),
        };
        let Some(path) = path.strip_prefix("/v1/") else {
            return if path == "/.well-known/jwks.json" { get(Route::Jwks) } else { Err(ApiError::NoRoute) };
        };
        if let Some(rest) = path.strip_prefix("job/") {
            return job_route(method, &percent_decode(rest, false));
        }
        match path {
            "jobs" => match *method {
                Method::GET => Ok(Route::ListJobs),
                Method::PUT | Method::POST => Ok(Route::RegisterJob),
                _ => Err(ApiError::MethodNotAllowed),
            },
            "allocations" => get(Route::ListAllocations),
            "evaluations" if *method == Method::DELETE => not_built(path),
            "evaluations" => get(Route::ListEvaluations),
            "deployments" => get(Route::ListDeployments),
            "nodes" => get(Route::ListNodes),
            "status/leader" => get(Route::StatusLeader),
            "status/peers" => get(Route::StatusPeers),
            "regions" => get(Route::Regions),
            "agent/self" => get(Route::AgentSelf),
            "agent/health" => get(Route::AgentHealth),
            "agent/members" => get(Route::AgentMembers),
            "operator/raft/configuration" => get(Route::RaftConfiguration),
            "metrics" => get(Route::Metrics),
            _ => below(path, get),
        }
    }
}

/// Paths with an id that holds no slash.
fn below(path: &str, get: impl Fn(Route) -> Result<Route, ApiError>) -> Result<Route, ApiError> {
    let parts: Vec<&str> = path.split('/').collect();
    let id = |text: &str| percent_decode(text, false);
    match parts.as_slice() {
        ["allocation", alloc] => get(Route::Allocation(id(alloc))),
        ["evaluation", eval] => get(Route::Evaluation(id(eval))),
        ["evaluation", eval, "allocations"] => get(Route::EvaluationAllocations(id(eval))),
        ["deployment", "allocations", deployment] => get(Route::DeploymentAllocations(id(deployment))),
        ["deployment", deployment] => get(Route::Deployment(id(deployment))),
        ["node", "pools" | "pool", ..] => not_built(path),
        ["node", node] => get(Route::Node(id(node))),
        ["node", node, "allocations"] => get(Route::NodeAllocations(id(node))),
        ["client", "fs", "logs", alloc] => get(Route::ClientLogs(id(alloc))),
        [first, ..] if LATER.contains(first) && documented_later(path) => not_built(path),
        _ => Err(ApiError::NoRoute),
    }
}

/// First segments of documented paths that are not built yet.
const LATER: [&str; 26] = [
    "acl",
    "agent",
    "allocation",
    "client",
    "deployment",
    "deployments",
    "evaluation",
    "evaluations",
    "event",
    "jobs",
    "namespace",
    "namespaces",
    "node",
    "nodes",
    "operator",
    "plugin",
    "plugins",
    "quotas",
    "scaling",
    "search",
    "service",
    "services",
    "system",
    "validate",
    "var",
    "vars",
];

/// Below `jobs` only these are documented; every other path there is unknown.
fn documented_later(path: &str) -> bool {
    match path.strip_prefix("jobs/") {
        Some(rest) => ["parse", "statuses"].contains(&rest),
        None => true,
    }
}

fn not_built(path: &str) -> Result<Route, ApiError> {
    Err(ApiError::NotBuilt(format!("/v1/{path}")))
}

fn job_route(method: &Method, rest: &str) -> Result<Route, ApiError> {
    let id = str::to_owned;
    type OfJob = fn(String) -> Route;
    let reads: [(&str, OfJob); 6] = [
        ("/summary", Route::JobSummary),
        ("/versions", Route::JobVersions),
        ("/allocations", Route::JobAllocations),
        ("/evaluations", Route::JobEvaluations),
        ("/deployments", Route::JobDeployments),
        ("/deployment", Route::JobDeployment),
    ];
    for (suffix, route) in reads {
        if let Some(job) = rest.strip_suffix(suffix) {
            return match *method {
                Method::GET => Ok(route(id(job))),
                _ => Err(ApiError::MethodNotAllowed),
            };
        }
    }
    let later = [
        "/submission",
        "/dispatch",
        "/dispatch/payload",
        "/revert",
        "/stable",
        "/evaluate",
        "/plan",
        "/periodic/force",
        "/scale",
        "/services",
        "/actions",
        "/action",
        "/tag",
    ];
    if later.iter().any(|suffix| rest.ends_with(suffix)) {
        return not_built(&format!("job/{rest}"));
    }
    match *method {
        Method::GET => Ok(Route::Job(id(rest))),
        Method::PUT | Method::POST => Ok(Route::UpdateJob(id(rest))),
        Method::DELETE => Ok(Route::DeregisterJob(id(rest))),
        _ => Err(ApiError::MethodNotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(method: &Method, path: &str) -> Result<Route, ApiError> {
        Route::find(method, path)
    }

    #[test]
    fn job_ids_may_contain_slashes() {
        assert_eq!(find(&Method::GET, "/v1/job/a%2Fb/c"), Ok(Route::Job("a/b/c".into())));
        assert_eq!(find(&Method::GET, "/v1/job/a/b/summary"), Ok(Route::JobSummary("a/b".into())));
        assert_eq!(find(&Method::PUT, "/v1/job/x"), find(&Method::POST, "/v1/job/x"));
    }

    #[test]
    fn what_is_not_there_is_told_apart() {
        assert_eq!(find(&Method::GET, "/v1/jobs/nope/nope"), Err(ApiError::NoRoute));
        assert_eq!(find(&Method::DELETE, "/v1/jobs"), Err(ApiError::MethodNotAllowed));
        assert!(matches!(find(&Method::POST, "/v1/jobs/parse"), Err(ApiError::NotBuilt(_))));
        assert!(matches!(find(&Method::POST, "/v1/job/x/plan"), Err(ApiError::NotBuilt(_))));
    }
}
