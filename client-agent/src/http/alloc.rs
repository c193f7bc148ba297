//! Requests to a running allocation: signal and restart its tasks.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;

use super::HttpAnswer;
use crate::alloc::runner::AllocCommand;
use crate::context::{Context, Listing};
use crate::task::runner::parse_signal;
use crate::{fs, stats};

fn find(context: &Context, id: &str) -> Result<Arc<Listing>, HttpAnswer> {
    fs::find(context, id).map_err(|error| HttpAnswer::text(error.status, error.text))
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

async fn ask(
    listing: &Listing,
    make: impl FnOnce(oneshot::Sender<Result<(), String>>) -> AllocCommand,
) -> Result<(), String> {
    let (reply, answer) = oneshot::channel();
    // An allocation that is being removed drops the question, which is answered as below.
    let _ = listing.commands.send(make(reply)).await;
    answer.await.unwrap_or_else(|_| Err("the allocation has been removed".to_owned()))
}

async fn command(
    listing: &Listing,
    make: impl FnOnce(oneshot::Sender<Result<(), String>>) -> AllocCommand,
) -> HttpAnswer {
    match ask(listing, make).await {
        Ok(()) => HttpAnswer::json(&json!({"Index": 0})),
        Err(error) => HttpAnswer::text(500, error),
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
        let why = "User requested all tasks to restart".to_owned();
        return command(&listing, |reply| AllocCommand::RestartAll { why, reply }).await;
    }
    let why = match asked.task_name.as_str() {
        "" => "User requested running tasks to restart",
        _ => "User requested task to restart",
    };
    let why = why.to_owned();
    command(&listing, |reply| AllocCommand::Restart {
        task: one(asked.task_name),
        why,
        failure: false,
        reply,
    })
    .await
}

/// `GET /v1/client/allocation/:id/stats`: of all tasks, or of one; an unknown one uses nothing.
pub(super) async fn stats(context: &Arc<Context>, id: &str, task: &str) -> HttpAnswer {
    let listing = match find(context, id) {
        Ok(listing) => listing,
        Err(answer) => return answer,
    };
    let id = listing.update.borrow().id;
    HttpAnswer::json(&stats::alloc::usage(context, id, &listing, task).await)
}

/// `GET /v1/client/allocation/:id/gc`: removes the directory of an allocation that has ended.
pub(super) async fn collect(context: &Context, id: &str) -> HttpAnswer {
    let listing = match find(context, id) {
        Ok(listing) => listing,
        Err(answer) => return answer,
    };
    match ask(&listing, AllocCommand::Collect).await {
        Ok(()) => HttpAnswer::empty(),
        Err(error) => HttpAnswer::text(500, error),
    }
}

/// `GET /v1/client/gc`: removes the directories of all allocations that have ended.
pub(super) async fn collect_all(context: &Context) -> HttpAnswer {
    for (_, listing) in context.directory.all() {
        if listing.update.borrow().client_status.terminal() {
            // One that is not to be removed after all says why; nobody asked for that one alone.
            let _ = ask(&listing, AllocCommand::Collect).await;
        }
    }
    HttpAnswer::empty()
}

/// `GET /v1/client/allocation/:id/checks`
pub(super) fn checks(context: &Context, id: &str) -> HttpAnswer {
    match find(context, id) {
        Ok(listing) => HttpAnswer::json(&listing.checks.json()),
        Err(answer) => answer,
    }
}
