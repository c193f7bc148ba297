//! Requests to a running allocation: signal and restart its tasks.

use std::sync::Arc;

use model::{AllocId, TaskRunState};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;

use super::HttpAnswer;
use crate::alloc::runner::AllocCommand;
use crate::context::{Context, Listing};
use crate::task::runner::parse_signal;

fn find(context: &Context, id: &str) -> Result<Arc<Listing>, HttpAnswer> {
    let unknown = || HttpAnswer::text(404, format!("Unknown allocation {id:?}"));
    let parsed = id.parse::<AllocId>().map_err(|_| unknown())?;
    context.directory.get(parsed).ok_or_else(unknown)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SignalBody {
    #[serde(alias = "task", rename = "Task")]
    task: String,
    #[serde(alias = "signal", rename = "Signal")]
    signal: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RestartBody {
    #[serde(alias = "taskName", rename = "TaskName")]
    task_name: String,
    #[serde(alias = "allTasks", rename = "AllTasks")]
    all_tasks: bool,
}

fn one(task: String) -> Option<String> {
    Some(task).filter(|task| !task.is_empty())
}

async fn command(
    listing: &Listing,
    make: impl FnOnce(oneshot::Sender<Result<(), String>>) -> AllocCommand,
) -> HttpAnswer {
    let (reply, answer) = oneshot::channel();
    // An allocation that is being removed drops the question, which is answered as below.
    let _ = listing.commands.send(make(reply)).await;
    match answer.await {
        Ok(Ok(())) => HttpAnswer::json(&json!({"Index": 0})),
        Ok(Err(error)) => HttpAnswer::text(500, error),
        Err(_) => HttpAnswer::text(500, "the allocation has been removed"),
    }
}

/// `PUT /v1/client/allocation/:id/signal`.
pub(super) async fn signal(context: &Context, id: &str, body: &[u8]) -> HttpAnswer {
    if body.is_empty() {
        return HttpAnswer::text(400, "Failed to decode body: Request body is empty");
    }
    let asked: SignalBody = match serde_json::from_slice(body) {
        Ok(asked) => asked,
        Err(error) => return HttpAnswer::text(400, format!("Failed to decode body: {error}")),
    };
    let listing = match find(context, id) {
        Ok(listing) => listing,
        Err(answer) => return answer,
    };
    // An unknown signal is the original's SIGINT under raw_exec: it answers 200.
    let signal = parse_signal(&asked.signal).unwrap_or(nix::sys::signal::Signal::SIGINT);
    command(&listing, |reply| AllocCommand::Signal { task: one(asked.task), signal, reply }).await
}

/// `PUT /v1/client/allocation/:id/restart`; every method and an empty body are accepted, as recorded.
pub(super) async fn restart(context: &Context, id: &str, body: &[u8]) -> HttpAnswer {
    let asked: RestartBody = match body {
        [] => RestartBody::default(),
        body => match serde_json::from_slice(body) {
            Ok(asked) => asked,
            Err(error) => return HttpAnswer::text(400, format!("Failed to decode body: {error}")),
        },
    };
    if asked.all_tasks && !asked.task_name.is_empty() {
        return HttpAnswer::text(500, "task name cannot be set when restarting all tasks");
    }
    let listing = match find(context, id) {
        Ok(listing) => listing,
        Err(answer) => return answer,
    };
    if asked.all_tasks {
        // Tasks that have ended would have to start anew, which their state machine does not do yet.
        let ended =
            listing.update.borrow().task_states.values().any(|task| task.state != TaskRunState::Running);
        if ended {
            return HttpAnswer::text(501, "restarting tasks that have ended is not built yet");
        }
    }
    let why = match (&asked.task_name, asked.all_tasks) {
        (_, true) => "User requested all tasks to restart",
        (task, false) if task.is_empty() => "User requested running tasks to restart",
        _ => "User requested task to restart",
    };
    let why = why.to_owned();
    command(&listing, |reply| AllocCommand::Restart { task: one(asked.task_name), why, reply }).await
}

/// `GET /v1/client/allocation/:id/stats`: known and unknown allocations differ, figures are not built.
pub(super) fn stats(context: &Context, id: &str) -> HttpAnswer {
    match find(context, id) {
        Ok(_) => HttpAnswer::text(501, "statistics of allocations are not built yet"),
        Err(answer) => answer,
    }
}
