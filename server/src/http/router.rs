//! From a request to its answer: finds the route, sees to it that this server may answer, calls the handler.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use super::error::ApiError;
use super::message::{Request, Response};
use super::routes::{Access, Route};
use crate::app::App;

/// How long a request is held while there is no leader.
pub(super) const NO_LEADER_LIMIT: Duration = Duration::from_secs(5);
/// How long to wait before looking for a leader again.
const RETRY: Duration = Duration::from_millis(25);

/// True when only a leader can answer.
pub(crate) fn needs_leader(request: &Request) -> bool {
    Route::find(&request.method, &request.path).is_ok_and(|route| route.row.access == Access::Write)
}

/// Answers a request, or has another server do it.
pub(crate) async fn dispatch(app: &Arc<App>, request: Request) -> Result<Response, ApiError> {
    if let Some(target) = moved(&request) {
        let response = Response::empty(StatusCode::TEMPORARY_REDIRECT).with_header("location", target);
        return Ok(response);
    }
    let route = Route::find(&request.method, &request.path)?;
    let region = request.params.get("region").unwrap_or_default();
    if !region.is_empty() && region != app.options.raft.region {
        return Err(ApiError::Server("No path to region".to_owned()));
    }
    match route.row.access {
        Access::Write => write(app, &request, &route).await,
        Access::Read | Access::Local | Access::Session => route.answer(app, &request).await,
    }
}

/// Where a path leads that is another's: the root to the web interface, repeated slashes to a single one.
fn moved(request: &Request) -> Option<String> {
    let clean = match request.path.as_str() {
        "/" => "/ui/".to_owned(),
        path if path.contains("//") => {
            let mut clean = path.to_owned();
            while clean.contains("//") {
                clean = clean.replace("//", "/");
            }
            clean
        }
        _ => return None,
    };
    Some(if request.query.is_empty() { clean } else { format!("{clean}?{}", request.query) })
}

/// Has the leader answer: this server, or another. Held for a while when nobody leads. A loop and not a recursion:
/// a server that has just lost its leadership may still call itself leader for a moment.
async fn write(app: &Arc<App>, request: &Request, route: &Route) -> Result<Response, ApiError> {
    let deadline = Instant::now() + NO_LEADER_LIMIT;
    loop {
        let answered = match app.leads() {
            true => route.answer(app, request).await,
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
