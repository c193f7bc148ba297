//! State and history of one task of an allocation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::eval::named;

named!(
    /// Where a task stands.
    TaskRunState {
        /// Not started.
        #[default]
        Pending = "pending",
        /// Its process runs, or will be restarted.
        Running = "running",
        /// Ended for good.
        Dead = "dead",
    }
);

/// Events kept for a task; the oldest go first.
pub const TASK_EVENTS_MAX: usize = 10;

/// State of one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TaskState {
    /// Where it stands.
    pub state: TaskRunState,
    /// Ended badly.
    pub failed: bool,
    /// Restarts so far.
    pub restarts: u64,
    /// Last restart, ns since 1970; 0 for none.
    pub last_restart_ns: i64,
    /// First start, ns since 1970; 0 for none.
    pub started_at_ns: i64,
    /// End, ns since 1970; 0 for none.
    pub finished_at_ns: i64,
    /// What happened, oldest first.
    pub events: Vec<TaskEvent>,
}

impl TaskState {
    /// True when it ended well.
    pub fn successful(&self) -> bool {
        self.state == TaskRunState::Dead && !self.failed
    }

    /// Adds an event and forgets the oldest beyond [`TASK_EVENTS_MAX`].
    pub fn push(&mut self, event: TaskEvent) {
        self.events.push(event);
        let excess = self.events.len().saturating_sub(TASK_EVENTS_MAX);
        self.events.drain(..excess);
    }
}

/// Something that happened to a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TaskEvent {
    /// What, for example `Started`; the original's words.
    pub kind: String,
    /// When, ns since 1970.
    pub time_ns: i64,
    /// For people; empty where the kind says all.
    pub message: String,
    /// What tables show.
    pub display_message: String,
    /// Further facts, such as `exit_code`.
    pub details: BTreeMap<String, String>,
    /// This event made the task fail.
    pub fails_task: bool,
    /// Exit code, for `Terminated`.
    pub exit_code: i64,
    /// Signal, for `Terminated`.
    pub signal: i64,
}
