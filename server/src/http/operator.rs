//! The Status, Operator, Regions and Metrics pages.

use std::sync::Arc;

use api::agent::{RaftConfiguration, RaftServer};
use http::StatusCode;

use super::error::ApiError;
use super::message::{Request, Response};
use super::router::NO_LEADER_LIMIT;
use crate::app::App;

pub(super) async fn leader(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let mut leadership = app.leadership.clone();
    let known = tokio::time::timeout(NO_LEADER_LIMIT, leadership.wait_for(|now| now.leader.is_some())).await;
    let address = match known {
        Ok(Ok(leadership)) => leadership.leader.as_ref().map(|leader| leader.rpc_addr.clone()),
        _ => None,
    };
    Ok(Response::json(&address.ok_or(ApiError::NoLeader)?, request.params.pretty()))
}

pub(super) async fn peers(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let mut addresses: Vec<_> = app.raft.members().into_iter().map(|member| member.rpc_addr).collect();
    addresses.sort();
    Ok(Response::json(&addresses, request.params.pretty()))
}

pub(super) async fn regions(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(&[&app.options.raft.region], request.params.pretty()))
}

pub(super) async fn raft_configuration(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let leader = app.leadership.borrow().leader.as_ref().map(|leader| leader.id);
    let server = |member: raft::Member| RaftServer {
        id: member.id.to_string(),
        node: format!("{}.{}", member.name, member.region),
        address: member.rpc_addr,
        leader: leader == Some(member.id),
        voter: member.voter,
        raft_protocol: "3".to_owned(),
    };
    let servers = app.raft.members().into_iter().map(server).collect();
    Ok(Response::json(&RaftConfiguration { servers, index: 0 }, request.params.pretty()))
}

pub(super) async fn metrics(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    publish_gauges(app);
    match request.params.get("format") {
        Some("prometheus") if app.options.prometheus => Ok(Response::typed(
            StatusCode::OK,
            "text/plain; version=0.0.4",
            app.metrics.to_prometheus().into(),
        )),
        Some("prometheus") => {
            Ok(Response::text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Prometheus is not enabled"))
        }
        _ => Ok(Response::json(&app.metrics.to_json(&app.clock), request.params.pretty())),
    }
}

/// Figures that are cheaper to read when asked for than to keep up.
fn publish_gauges(app: &App) {
    let state = app.state();
    let gauge = |name: &str, value: f64| app.metrics.gauge(name, &[]).set(value);
    gauge("nomad.state.index", state.index() as f64);
    gauge("nomad.state.jobs", state.job_count() as f64);
    gauge("nomad.server.sessions", app.sessions.count() as f64);
    gauge("nomad.raft.is_leader", f64::from(u8::from(app.leads())));
    for (name, value) in super::agent::raft_figures(app) {
        if let Ok(number) = value.parse::<f64>() {
            gauge(&format!("nomad.raft.{name}"), number);
        }
    }
}
