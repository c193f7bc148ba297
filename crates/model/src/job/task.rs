//! A task: one process, container or mock that a driver runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Constraint, RestartPolicy, Service};

/// One unit of work of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Task {
    /// Name, unique in the group.
    pub name: String,
    /// Name of the driver that runs it.
    pub driver: String,
    /// User that it runs as; empty for the agent's.
    pub user: String,
    /// What the driver is told; checked by the driver.
    #[serde(with = "json_map")]
    pub config: BTreeMap<String, Value>,
    /// Environment, before interpolation.
    pub env: BTreeMap<String, String>,
    /// Services of the task.
    pub services: Vec<Service>,
    /// Constraints on top of the group's.
    pub constraints: Vec<Constraint>,
    /// What it needs.
    pub resources: Resources,
    /// Its restart policy: the group's unless given.
    pub restart_policy: RestartPolicy,
    /// When it runs relative to the main tasks.
    pub lifecycle: Option<TaskLifecycle>,
    /// Free metadata.
    pub meta: BTreeMap<String, String>,
    /// Time between the kill signal and SIGKILL, ns.
    pub kill_timeout_ns: i64,
    /// Signal that asks it to end; empty for SIGINT.
    pub kill_signal: String,
    /// Log files and their rotation.
    pub log_config: LogConfig,
    /// Pause between deregistration and stop, ns.
    pub shutdown_delay_ns: i64,
    /// When it ends, the group's other tasks are stopped.
    pub leader: bool,
    /// What kind of task this is; empty for an ordinary one.
    pub kind: String,
}

/// When a task runs relative to the main tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TaskLifecycle {
    /// `prestart`, `poststart` or `poststop`.
    pub hook: String,
    /// Runs beside the main tasks instead of before or after them.
    pub sidecar: bool,
}

/// What a task needs of its node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Resources {
    /// CPU, MHz.
    pub cpu: i64,
    /// Whole cores; refused until built.
    pub cores: i64,
    /// Memory, MiB.
    pub memory_mb: i64,
    /// Memory it may use while the node has it, MiB; 0 for the same as `memory_mb`.
    pub memory_max_mb: i64,
    /// Disk, MiB, for old clients.
    pub disk_mb: i64,
    /// I/O operations, for old clients; means nothing.
    pub iops: i64,
}

/// Log files of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct LogConfig {
    /// Files kept for each of stdout and stderr.
    pub max_files: i64,
    /// Size of one, MiB.
    pub max_file_size_mb: i64,
    /// No log files at all.
    pub disabled: bool,
}

/// JSON values ride as text: the codec is not self-describing about integers the way JSON is.
mod json_map {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer, de::Error as _, ser::Error as _};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(
        map: &BTreeMap<String, Value>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&serde_json::to_string(map).map_err(S::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Value>, D::Error> {
        serde_json::from_str(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
