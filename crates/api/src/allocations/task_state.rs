//! The states of an allocation's tasks and what happened to them.

use std::collections::BTreeMap;

use crate::shape::shape;
use crate::time::rfc3339_or_null;

shape! {
    /// State of a task.
    TaskState {
        "Events" events: Vec<TaskEvent>,
        "Failed" failed: bool,
        "FinishedAt" finished_at: Option<String>,
        "LastRestart" last_restart: Option<String>,
        "Paused" paused: String,
        "Restarts" restarts: u64,
        "StartedAt" started_at: Option<String>,
        "State" state: String,
    }
    /// Something that happened to a task.
    TaskEvent {
        "Details" details: BTreeMap<String, String>,
        "DisplayMessage" display_message: String,
        "DiskLimit" disk_limit: i64,
        "DownloadError" download_error: String,
        "DriverError" driver_error: String,
        "DriverMessage" driver_message: String,
        "ExitCode" exit_code: i64,
        "FailedSibling" failed_sibling: String,
        "FailsTask" fails_task: bool,
        "GenericSource" generic_source: String,
        "KillError" kill_error: String,
        "KillReason" kill_reason: String,
        "KillTimeout" kill_timeout: i64,
        "Message" message: String,
        "RestartReason" restart_reason: String,
        "SetupError" setup_error: String,
        "Signal" signal: i64,
        "StartDelay" start_delay: i64,
        "TaskSignal" task_signal: String,
        "TaskSignalReason" task_signal_reason: String,
        "Time" time: i64,
        "Type" kind: String,
        "ValidationError" validation_error: String,
        "VaultError" vault_error: String,
    }
}

impl From<&model::TaskState> for TaskState {
    fn from(state: &model::TaskState) -> Self {
        TaskState {
            state: state.state.as_str().to_owned(),
            failed: state.failed,
            restarts: state.restarts,
            last_restart: rfc3339_or_null(state.last_restart_ns),
            started_at: rfc3339_or_null(state.started_at_ns),
            finished_at: rfc3339_or_null(state.finished_at_ns),
            paused: String::new(),
            events: state.events.iter().map(TaskEvent::from).collect(),
        }
    }
}

impl From<&model::TaskEvent> for TaskEvent {
    fn from(event: &model::TaskEvent) -> Self {
        // The flat fields say the same as the details, for clients that are older than those.
        let detail = |key: &str| event.details.get(key).cloned().unwrap_or_default();
        let duration = |key: &str| {
            let text = detail(key);
            text.parse().ok().or_else(|| model::go_duration::parse(&text).ok()).unwrap_or(0)
        };
        TaskEvent {
            kind: event.kind.clone(),
            time: event.time_ns,
            message: event.message.clone(),
            display_message: event.display_message.clone(),
            fails_task: event.fails_task,
            exit_code: event.exit_code,
            signal: event.signal,
            disk_limit: duration("disk_limit"),
            download_error: detail("download_error"),
            driver_error: detail("driver_error"),
            driver_message: detail("driver_message"),
            failed_sibling: detail("failed_sibling"),
            generic_source: String::new(),
            kill_error: detail("kill_error"),
            kill_reason: detail("kill_reason"),
            kill_timeout: duration("kill_timeout"),
            restart_reason: detail("restart_reason"),
            setup_error: detail("setup_error"),
            start_delay: duration("start_delay"),
            task_signal: detail("task_signal"),
            task_signal_reason: detail("task_signal_reason"),
            validation_error: detail("validation_error"),
            vault_error: detail("vault_error"),
            details: event.details.clone(),
        }
    }
}
