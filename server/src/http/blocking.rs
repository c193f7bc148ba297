//! Reads: linearizable unless `stale`, and held until the data is newer than `index` where that is asked for.

use std::sync::Arc;
use std::time::Duration;

use api::query::ReadOptions;
use bytes::Bytes;
use http::StatusCode;
use model::planted::{self, Bug};
use serde::Serialize;
use state::{State, Table};
use tokio::time::Instant;

use super::error::ApiError;
use super::message::{Request, Response};
use super::router::NO_LEADER_LIMIT;
use crate::app::App;

/// What a read found.
pub(super) struct Found<T> {
    /// The answer, or why there is none.
    pub(super) value: Result<T, ApiError>,
    /// Index of what was looked at.
    pub(super) index: u64,
    /// Where the next page begins.
    pub(super) next_token: Option<String>,
}

impl<T> Found<T> {
    pub(super) fn new(value: T, index: u64) -> Self {
        Found { value: Ok(value), index, next_token: None }
    }

    pub(super) fn missing(text: &str, index: u64) -> Self {
        Found { value: Err(ApiError::NotFound(text.to_owned())), index, next_token: None }
    }
}

/// Reads with `look` on the newest snapshot, as often as it takes, and answers as JSON with the index headers.
pub(super) async fn read<T: Serialize>(
    app: &Arc<App>,
    request: &Request,
    tables: &[Table],
    look: impl Fn(&State, &ReadOptions) -> Found<T>,
) -> Result<Response, ApiError> {
    let pretty = request.params.pretty();
    read_as(app, request, tables, look, |value| Response::json(&value, pretty)).await
}

/// The same, for what `look` has encoded already.
pub(super) async fn read_encoded(
    app: &Arc<App>,
    request: &Request,
    tables: &[Table],
    look: impl Fn(&State, &ReadOptions) -> Found<Bytes>,
) -> Result<Response, ApiError> {
    read_as(app, request, tables, look, |body| Response::typed(StatusCode::OK, "application/json", body))
        .await
}

async fn read_as<T>(
    app: &Arc<App>,
    request: &Request,
    tables: &[Table],
    look: impl Fn(&State, &ReadOptions) -> Found<T>,
    show: impl Fn(T) -> Response,
) -> Result<Response, ApiError> {
    let options = request.params.read_options()?;
    if !options.stale && !planted::is(Bug::ReadWithoutBarrier) {
        barrier(app).await?;
    }
    let jitter_ns = app.mint.below((options.wait_ns / 16).max(1).unsigned_abs());
    let wait = Duration::from_nanos(options.wait_ns.unsigned_abs() + jitter_ns);
    let deadline = Instant::now() + wait;
    loop {
        let state = app.state();
        let mut found = look(&state, &options);
        // What a restore brought back keeps its index, but has changed for those who saw what was there before.
        found.index = found.index.max(state.restored_index());
        // What is not there may come; a request that makes no sense never will.
        let refused = !matches!(found.value, Ok(_) | Err(ApiError::NotFound(_)));
        if refused || options.index == 0 || found.index > options.index || Instant::now() >= deadline {
            return Ok(answer(app, found, options.stale, show));
        }
        // A single object may be older than its tables: wait for these to go beyond what was looked at.
        let seen = state.last_index(tables).max(options.index.min(state.index()));
        app.tables.changed(tables, seen, deadline).await;
    }
}

/// Waits until this server has seen all that was acknowledged before; held for a while when nobody leads.
pub(super) async fn barrier(app: &App) -> Result<(), ApiError> {
    let deadline = Instant::now() + NO_LEADER_LIMIT;
    loop {
        match app.raft.read_barrier().await {
            Ok(_) => return Ok(()),
            Err(error) => {
                let error = ApiError::from(error);
                if error != ApiError::NoLeader || Instant::now() >= deadline {
                    return Err(error);
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        }
    }
}

fn answer<T>(app: &App, found: Found<T>, stale: bool, show: impl Fn(T) -> Response) -> Response {
    let mut response = match found.value {
        Ok(value) => show(value),
        Err(error) => error.into_response(),
    };
    if let Some(token) = found.next_token {
        response = response.with_header("x-nomad-nexttoken", token);
    }
    indexed(app, response, found.index, stale)
}

/// An answer with the headers of a read: its index, whether a leader is known, and how long ago it was heard of by
/// the state that was read, milliseconds. What was read behind a barrier is as new as the leader's own.
pub(super) fn indexed(app: &App, response: Response, index: u64, stale: bool) -> Response {
    let known_leader = app.leadership.borrow().leader.is_some();
    let last_contact = if stale { app.raft.last_contact().as_millis() } else { 0 };
    response
        .with_header("x-nomad-index", index)
        .with_header("x-nomad-knownleader", known_leader)
        .with_header("x-nomad-lastcontact", last_contact)
}
