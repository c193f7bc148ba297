//! What agent and supervisor say to each other: a specification file at the start, JSON lines on a socket later.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::files::{ExitRecord, StartRecord};

/// Longest line on the socket, bytes.
pub(crate) const LINE_MAX: usize = 64 << 10;

/// What to run. The file holds secrets and is removed once it is read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Spec {
    /// Which start of the task this is.
    pub(crate) generation: u64,
    /// Name of the task, for its log files.
    pub(crate) task: String,
    /// Program: a path, or a name looked up in the task's directory and `PATH`.
    pub(crate) command: String,
    /// Its arguments.
    pub(crate) args: Vec<String>,
    /// Its whole environment.
    pub(crate) env: BTreeMap<String, String>,
    /// How readily the kernel ends it for want of memory; 0 for as usual.
    #[serde(default)]
    pub(crate) oom_score_adj: i64,
    /// Cores of the node that it is kept on; all of them when empty.
    #[serde(default)]
    pub(crate) cores: Vec<u16>,
    /// Its working directory.
    pub(crate) work_dir: PathBuf,
    /// Its user; empty for the supervisor's.
    pub(crate) user: String,
    /// Where its log files go; `None` throws its output away.
    pub(crate) logs: Option<LogSpec>,
}

/// Log files of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LogSpec {
    /// Their directory.
    pub(crate) dir: PathBuf,
    /// How many are kept for each of stdout and stderr.
    pub(crate) max_files: u64,
    /// Size of one, bytes.
    pub(crate) max_bytes: u64,
}

/// From the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum Request {
    /// Send a signal to the main process.
    Signal { signal: i32 },
    /// Send a signal; after the timeout, or at once when `signal` is 0, end every process of the task.
    Stop { signal: i32, timeout_ms: u64 },
    /// From now on keep the task on those cores of the node; on all of them when empty.
    Bind { cores: Vec<u16> },
    /// The exit of that generation is on the agent's disk.
    Acknowledge { generation: u64 },
}

/// From the supervisor: on connection, and whenever something changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Who runs.
    pub(crate) start: StartRecord,
    /// How it ended, once it has.
    pub(crate) exit: Option<ExitRecord>,
}
