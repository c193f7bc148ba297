//! The log of an agent, followed from afar.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use api::client::Frame;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::StreamExt;
use http::StatusCode;
use runtime::trace::{Monitor, MonitorError};

use super::error::ApiError;
use super::message::{Body, Request, Response};
use super::numbers::parse_bool;
use crate::app::App;
use crate::app::forward::{HOPS_MAX, Passed};

/// How long a stream of frames is silent before it says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(1);

pub(super) async fn stream(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let text = |name| request.params.get(name).unwrap_or_default();
    let level = if text("log_level").is_empty() { "INFO" } else { text("log_level") };
    let json = flag(request, "log_json", "Unknown option for log json")?;
    let plain = flag(request, "plain", "Unknown option for plain")?;
    if !text("node_id").is_empty() && !text("server_id").is_empty() {
        return Err(ApiError::BadRequest("Cannot target node and server simultaneously".into()));
    }
    if !text("node_id").is_empty() {
        return Err(ApiError::NotBuilt("following the log of a client agent".to_owned()));
    }
    if let Some(member) = other_server(app, text("server_id"))?
        && request.hops < HOPS_MAX
    {
        return match app.pass_on(&member, request).await? {
            Passed::Answer(response) => Ok(response),
            Passed::Nothing => Err(ApiError::Server(format!("server {} was not reached", member.name))),
        };
    }
    let monitor = Monitor::watch(level, json).map_err(|error| match error {
        MonitorError::Level(_) => ApiError::BadRequest(error.to_string()),
        MonitorError::Many => ApiError::Busy,
    })?;
    let content_type = if plain { "text/plain" } else { "application/json" };
    let mut response = Response::typed(StatusCode::OK, content_type, Bytes::new());
    response.body = Body::Stream(if plain { lines(monitor).boxed() } else { frames(monitor).boxed() });
    Ok(response)
}

/// The server that is meant, unless it is this one.
fn other_server(app: &App, asked: &str) -> Result<Option<raft::Member>, ApiError> {
    let members = app.raft.members();
    let leader = app.leadership.borrow().leader.as_ref().map(|leader| leader.id);
    let named = |member: &&raft::Member| {
        let full = format!("{}.{}", member.name, member.region);
        member.name == asked || full == asked || member.id.to_string() == asked
    };
    let found = match asked {
        "" => return Ok(None),
        "leader" => members.iter().find(|member| Some(member.id) == leader),
        _ => members.iter().find(named),
    };
    let found = found.ok_or_else(|| ApiError::BadRequest(format!("unknown Nomad server {asked}")))?;
    Ok((found.id != app.raft.server_id()).then(|| found.clone()))
}

fn flag(request: &Request, name: &str, fault: &str) -> Result<bool, ApiError> {
    match request.params.get(name).unwrap_or_default() {
        "" => Ok(false),
        text => parse_bool(text).map_err(|why| ApiError::BadRequest(format!("{fault}: {why}"))),
    }
}

fn lines(monitor: Monitor) -> impl futures::Stream<Item = io::Result<Bytes>> {
    futures::stream::unfold(monitor, |mut monitor| async move {
        let line = monitor.next().await?;
        Some((Ok(line.into()), monitor))
    })
}

/// Frames of the kind that files are streamed in; an empty one says that nothing has happened.
fn frames(monitor: Monitor) -> impl futures::Stream<Item = io::Result<Bytes>> {
    futures::stream::unfold(monitor, |mut monitor| async move {
        let frame = match tokio::time::timeout(HEARTBEAT, monitor.next()).await {
            Ok(line) => Frame { data: Some(STANDARD.encode(line?)), ..Frame::default() },
            Err(_silent) => Frame::default(),
        };
        Some((Ok(serde_json::to_vec(&frame).ok()?.into()), monitor))
    })
}
