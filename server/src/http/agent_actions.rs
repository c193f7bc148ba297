//! What the Agent page offers beside facts about the agent.

use std::sync::Arc;

use api::agent::{Joined, Schedulers, SchedulersConfig, Worker};
use http::StatusCode;

use super::error::ApiError;
use super::message::{Request, Response};
use super::system;
use crate::app::App;

/// Kinds of evaluations that the workers of a server take.
const SCHEDULERS: [&str; 5] = ["_core", "batch", "service", "sysbatch", "system"];

/// Servers that the client of this agent knows. An agent without one has nothing to say.
pub(super) async fn servers(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    if app.options.local_agent.is_none() {
        return Ok(Response::text(StatusCode::NOT_IMPLEMENTED, "Invalid method"));
    }
    let mut addresses: Vec<_> = app.raft.members().into_iter().map(|member| member.rpc_addr).collect();
    addresses.sort();
    Ok(Response::json(&addresses, request.params.pretty()))
}

/// A client learns of servers from its servers; there is nothing to set.
pub(super) async fn set_servers(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    if app.options.local_agent.is_none() {
        return Ok(Response::text(StatusCode::NOT_IMPLEMENTED, "Invalid method"));
    }
    if request.params.get("address").unwrap_or_default().is_empty() {
        return Err(ApiError::BadRequest("missing server address".into()));
    }
    Err(ApiError::NotBuilt("setting the servers of a running client".to_owned()))
}

/// Servers join when they start. Those that are members already count as joined; the answer is 200 either way.
pub(super) async fn join(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let addresses: Vec<String> = values(request, "address");
    if addresses.is_empty() {
        return Err(ApiError::BadRequest("missing address to join".into()));
    }
    let members = app.raft.members();
    let known = |address: &&String| {
        members.iter().any(|member| {
            let host = member.rpc_addr.rsplit_once(':').map_or("", |(host, _)| host);
            member.rpc_addr == **address
                || host == address.rsplit_once(':').map_or(address.as_str(), |(h, _)| h)
        })
    };
    let joined = addresses.iter().filter(known).count();
    let error = match joined == addresses.len() {
        true => String::new(),
        false => "a server joins when it starts: name a member of this cluster in its server_join".to_owned(),
    };
    let answer = Joined { error, num_joined: joined as u64 };
    Ok(Response::json(&answer, request.params.pretty()))
}

/// Takes a server that is gone for good out of the cluster. A name that nobody has is no fault.
pub(super) async fn force_leave(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let name = request.params.get("node").unwrap_or_default();
    if name.is_empty() {
        return Err(ApiError::BadRequest("missing node to force leave".into()));
    }
    let members = app.raft.members();
    let named =
        |member: &&raft::Member| member.name == name || format!("{}.{}", member.name, member.region) == name;
    let Some(member) = members.iter().find(named) else {
        return Ok(Response::empty(StatusCode::OK));
    };
    // One that answers would only come back.
    if member.id != app.raft.server_id() && !app.peers.reachable(member.id) {
        system::remove(app, member.id).await?;
    }
    Ok(Response::empty(StatusCode::OK))
}

pub(super) async fn schedulers(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let busy = app.leads();
    let worker = |number: usize| Worker {
        enabled_schedulers: SCHEDULERS.map(str::to_owned).into(),
        id: format!("{}-{number}", app.raft.server_id()),
        started: api::time::rfc3339(app.started_ns),
        status: if busy { "Running" } else { "Paused" }.to_owned(),
        workload_status: if busy { "WaitingToDequeue" } else { "Paused" }.to_owned(),
    };
    let schedulers = (0..app.options.workers.max(1)).map(worker).collect();
    let answer = Schedulers { schedulers, server_id: app.raft.server_id().to_string() };
    Ok(Response::json(&answer, request.params.pretty()))
}

pub(super) async fn schedulers_config(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let answer = SchedulersConfig {
        enabled_schedulers: SCHEDULERS.map(str::to_owned).into(),
        num_schedulers: app.options.workers.max(1) as u64,
        server_id: app.raft.server_id().to_string(),
    };
    Ok(Response::json(&answer, request.params.pretty()))
}

/// Every value of a parameter that may be given more than once.
fn values(request: &Request, name: &str) -> Vec<String> {
    let pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
    let mine = pairs.filter(|(key, value)| *key == name && !value.is_empty());
    mine.map(|(_, value)| api::query::percent_decode(value, true)).collect()
}
