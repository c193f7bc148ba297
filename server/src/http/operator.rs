//! The Status, Operator, Regions and Metrics pages, and the key set.

use std::sync::Arc;

use api::agent::{RaftConfiguration, RaftServer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};
use state::Table;

use super::blocking::{self, Found};
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

pub(super) fn peers(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let mut addresses: Vec<_> = app.raft.members().into_iter().map(|member| member.rpc_addr).collect();
    addresses.sort();
    Ok(Response::json(&addresses, request.params.pretty()))
}

pub(super) fn regions(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    Ok(Response::json(&[&app.options.raft.region], request.params.pretty()))
}

pub(super) fn raft_configuration(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
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

pub(super) fn metrics(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
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

/// The public halves of the signing keys. It answers only once a leader has made one, which also tells clients that
/// the servers are ready to work.
pub(super) async fn jwks(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    blocking::read(app, request, &[Table::RootKeys], |state, _| {
        let key = |key: &Arc<model::RootKey>| {
            json!({
                "use": "sig", "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": key.id,
                "x": URL_SAFE_NO_PAD.encode(&key.public),
            })
        };
        let keys: Vec<Value> = state.root_keys().map(key).collect();
        let index = state.table_index(Table::RootKeys);
        if keys.is_empty() {
            return Found {
                value: Err(ApiError::Server("no signing key yet".to_owned())),
                index,
                next_token: None,
            };
        }
        Found::new(json!({ "keys": keys }), index)
    })
    .await
}
