//! Task events in the original's words. Pure; times come in as arguments.

use std::collections::BTreeMap;

use model::{TaskEvent, go_duration};

use crate::driver::ExitResult;

fn event(kind: &str, now_ns: i64, display: String) -> TaskEvent {
    TaskEvent { kind: kind.to_owned(), time_ns: now_ns, display_message: display, ..TaskEvent::default() }
}

fn detail(mut event: TaskEvent, key: &str, value: impl Into<String>) -> TaskEvent {
    event.details.insert(key.to_owned(), value.into());
    event
}

pub(crate) fn received(now_ns: i64) -> TaskEvent {
    event("Received", now_ns, "Task received by client".into())
}

pub(crate) fn task_setup(now_ns: i64, message: &str) -> TaskEvent {
    let mut event = detail(event("Task Setup", now_ns, message.into()), "message", message);
    event.message = message.to_owned();
    event
}

pub(crate) fn started(now_ns: i64) -> TaskEvent {
    event("Started", now_ns, "Task started by client".into())
}

pub(crate) fn terminated(now_ns: i64, exit: &ExitResult) -> TaskEvent {
    let mut parts = vec![format!("Exit Code: {}", exit.exit_code)];
    if exit.signal != 0 {
        parts.push(format!("Signal: {}", exit.signal));
    }
    if !exit.message.is_empty() {
        parts.push(format!("Exit Message: {:?}", exit.message));
    }
    let mut event = event("Terminated", now_ns, parts.join(", "));
    event.exit_code = exit.exit_code;
    event.signal = exit.signal;
    event.details = BTreeMap::from([
        ("exit_code".to_owned(), exit.exit_code.to_string()),
        ("signal".to_owned(), exit.signal.to_string()),
        ("oom_killed".to_owned(), exit.oom_killed.to_string()),
    ]);
    if !exit.message.is_empty() {
        event = detail(event, "exit_message", exit.message.clone());
    }
    event
}

pub(crate) fn restarting(now_ns: i64, reason: &str, delay_ns: i64) -> TaskEvent {
    let pause = format!("Task restarting in {}", go_duration::format(delay_ns));
    let plain = reason.is_empty() || reason == super::restart::WITHIN_POLICY;
    let display = if plain { pause } else { format!("{reason} - {pause}") };
    let event = detail(event("Restarting", now_ns, display), "restart_reason", reason);
    detail(event, "start_delay", delay_ns.to_string())
}

pub(crate) fn not_restarting(now_ns: i64, reason: &str) -> TaskEvent {
    let mut event = detail(event("Not Restarting", now_ns, reason.into()), "restart_reason", reason);
    event.fails_task = true;
    detail(event, "fails_task", "true")
}

pub(crate) fn killing(now_ns: i64, timeout_ns: i64) -> TaskEvent {
    let timeout = go_duration::format(timeout_ns);
    let display = format!("Sent interrupt. Waiting {timeout} before force killing");
    detail(event("Killing", now_ns, display), "kill_timeout", timeout)
}

/// A pause before the kill, or its being skipped because somebody asked for that.
pub(crate) fn shutdown_delay(now_ns: i64, delay_ns: i64, skipped: bool) -> TaskEvent {
    let (kind, doing) = match skipped {
        false => ("Waiting for shutdown delay", "Waiting for"),
        true => ("Skipping shutdown delay", "Skipping"),
    };
    let delay = go_duration::format(delay_ns);
    event(kind, now_ns, format!("{doing} shutdown_delay of {delay} before killing the task."))
}

pub(crate) fn killed(now_ns: i64) -> TaskEvent {
    event("Killed", now_ns, "Task successfully killed".into())
}

pub(crate) fn sibling_failed(now_ns: i64, sibling: &str) -> TaskEvent {
    let display = format!("Task's sibling {sibling:?} failed");
    detail(event("Sibling Task Failed", now_ns, display), "failed_sibling", sibling)
}

pub(crate) fn leader_dead(now_ns: i64) -> TaskEvent {
    event("Leader Task Dead", now_ns, "Leader Task in Group dead".into())
}

pub(crate) fn main_dead(now_ns: i64) -> TaskEvent {
    event("Main Tasks Dead", now_ns, "Main tasks in the group died".into())
}

pub(crate) fn driver_failure(now_ns: i64, error: &str) -> TaskEvent {
    detail(event("Driver Failure", now_ns, error.into()), "driver_error", error)
}

pub(crate) fn failed_validation(now_ns: i64, error: &str) -> TaskEvent {
    let mut event = detail(event("Failed Validation", now_ns, error.into()), "validation_error", error);
    event.fails_task = true;
    detail(event, "fails_task", "true")
}

pub(crate) fn setup_failure(now_ns: i64, error: &str) -> TaskEvent {
    let mut event = detail(event("Setup Failure", now_ns, error.into()), "setup_error", error);
    event.fails_task = true;
    detail(event, "fails_task", "true")
}

/// A signal on an operator's behalf. Which one stands nowhere, as in the original.
pub(crate) fn signaling(now_ns: i64) -> TaskEvent {
    event("Signaling", now_ns, "Task being sent a signal".into())
}

/// The task is why its allocation is not healthy in its deployment.
pub(crate) fn alloc_unhealthy(now_ns: i64, why: &str) -> TaskEvent {
    let mut event = detail(event("Alloc Unhealthy", now_ns, why.into()), "message", why);
    event.message = why.to_owned();
    event
}

pub(crate) fn restart_signaled(now_ns: i64, reason: &str) -> TaskEvent {
    detail(event("Restart Signaled", now_ns, reason.into()), "restart_reason", reason)
}
