//! The Agent page.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::agent::{AgentSelf, HealthOf, Member, Members};
use http::StatusCode;

use super::error::ApiError;
use super::message::{Request, Response};
use crate::app::App;

pub(super) async fn own(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let me = app.raft.server_id();
    let member = app.raft.members().into_iter().find(|member| member.id == me);
    let member = member.map(|found| member_of(app, found)).unwrap_or_default();
    let text = |value: &dyn ToString| value.to_string();
    let leader =
        app.leadership.borrow().leader.as_ref().map(|leader| leader.rpc_addr.clone()).unwrap_or_default();
    let nomad: BTreeMap<String, String> = [
        ("server".to_owned(), text(&true)),
        ("leader".to_owned(), text(&app.leads())),
        ("leader_addr".to_owned(), leader),
        ("bootstrap".to_owned(), text(&(app.options.raft.bootstrap_expect == 1))),
        ("known_regions".to_owned(), text(&1)),
    ]
    .into();
    let serf = [("members".to_owned(), text(&app.raft.members().len()))].into();
    let runtime = [
        ("arch".to_owned(), std::env::consts::ARCH.to_owned()),
        ("kernel.name".to_owned(), std::env::consts::OS.to_owned()),
        ("version".to_owned(), runtime::DROVER_VERSION.to_owned()),
    ];
    let mut stats: BTreeMap<String, BTreeMap<String, String>> = [
        ("nomad".to_owned(), nomad),
        ("raft".to_owned(), raft_figures(app).into_iter().collect()),
        ("serf".to_owned(), serf),
        ("runtime".to_owned(), runtime.into()),
    ]
    .into();
    if let Some(agent) = &app.options.local_agent {
        stats.insert("client".to_owned(), agent.stats().into_iter().collect());
    }
    let member = serde_json::to_value(member).map_err(|error| ApiError::Internal(error.to_string()))?;
    let answer = AgentSelf { config: app.options.config_json.clone(), member, stats };
    Ok(Response::json(&answer, request.params.pretty()))
}

/// What raft says of itself, as texts.
pub(super) fn raft_figures(app: &App) -> Vec<(String, String)> {
    let stats = app.raft.stats();
    let position = |index: Option<u64>| index.unwrap_or(0);
    let figures = [
        ("term", stats.term),
        ("last_log_index", position(stats.last_log_index)),
        ("commit_index", position(stats.commit_index)),
        ("applied_index", position(stats.applied_log_index)),
        ("last_snapshot_index", position(stats.snapshot_log_index)),
        ("purged_index", position(stats.purged_log_index)),
        ("log_entries", stats.log_entries),
        ("entries_written", stats.entries_written),
        ("syncs", stats.syncs),
        ("sync_p50_us", stats.sync_p50_us),
        ("queue_commands", stats.queue_commands),
        ("poisoned_commands", stats.poisoned_commands),
        ("replayed_on_start", stats.replayed_on_start),
        ("start_ms", stats.start_ms),
        ("num_peers", app.raft.members().len().saturating_sub(1) as u64),
    ];
    let mut texts: Vec<_> = figures.map(|(name, value)| (name.to_owned(), value.to_string())).into();
    texts.push(("state".to_owned(), if app.leads() { "Leader" } else { "Follower" }.to_owned()));
    texts.push(("state_source".to_owned(), format!("{:?}", stats.state_source)));
    texts
}

/// Health of the halves that are asked for; 500 when one of them is not well.
pub(super) async fn health(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let asked = request.params.get("type").unwrap_or_default();
    let mut answer: BTreeMap<&str, HealthOf> = BTreeMap::new();
    let well =
        |ok: bool, fault: &str| HealthOf { ok, message: if ok { "ok".into() } else { fault.to_owned() } };
    if asked.is_empty() || asked == "server" {
        let led = app.leadership.borrow().leader.is_some();
        answer.insert("server", well(led, "No cluster leader"));
    }
    match &app.options.local_agent {
        Some(agent) if asked.is_empty() || asked == "client" => {
            answer.insert("client", well(agent.healthy(), "no session with a server"));
        }
        None if asked == "client" => {
            answer.insert("client", well(false, "client not enabled"));
        }
        _ => {}
    }
    if answer.values().all(|health| health.ok) {
        return Ok(Response::json(&answer, request.params.pretty()));
    }
    let text = serde_json::to_string(&answer).map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(Response::text(StatusCode::INTERNAL_SERVER_ERROR, text))
}

pub(super) async fn members(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let me = &app.options.raft;
    let mut members: Vec<_> = app.raft.members().into_iter().map(|member| member_of(app, member)).collect();
    members.sort_by(|left, right| left.name.cmp(&right.name));
    let answer = Members {
        server_name: me.name.clone(),
        server_region: me.region.clone(),
        server_dc: me.datacenter.clone(),
        members,
    };
    Ok(Response::json(&answer, request.params.pretty()))
}

fn member_of(app: &App, member: raft::Member) -> Member {
    let (addr, port) = member.rpc_addr.rsplit_once(':').unwrap_or((&member.rpc_addr, "0"));
    let text = str::to_owned;
    let mut tags: BTreeMap<String, String> = [
        (text("role"), text("nomad")),
        (text("region"), member.region.clone()),
        (text("dc"), member.datacenter.clone()),
        (text("build"), runtime::COMPAT_VERSION.to_owned()),
        (text("raft_vsn"), text("3")),
        (text("vsn"), text("1")),
        (text("id"), member.id.to_string()),
        (text("rpc_addr"), text(addr)),
        (text("port"), text(port)),
        (text("expect"), app.options.raft.bootstrap_expect.to_string()),
    ]
    .into();
    if app.options.raft.bootstrap_expect == 1 {
        tags.insert(text("bootstrap"), text("1"));
    }
    let alive = member.id == app.raft.server_id() || app.peers.reachable(member.id);
    Member {
        name: format!("{}.{}", member.name, member.region),
        addr: addr.to_owned(),
        port: port.parse().unwrap_or(0),
        tags,
        status: if alive { "alive" } else { "failed" }.to_owned(),
        protocol_min: 1,
        protocol_max: 5,
        protocol_cur: 2,
        delegate_min: 2,
        delegate_max: 5,
        delegate_cur: 4,
    }
}
