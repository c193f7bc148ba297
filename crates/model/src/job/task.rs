//! A task: one process, container or mock that a driver runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Action, Affinity, Artifact, Constraint, Consul, CsiPluginConfig, DispatchPayload, NetworkAsk, Numa,
    RequestedDevice, RestartPolicy, ScalingPolicy, Schedule, Secret, Service, Template, Vault, VolumeMount,
    WorkloadIdentity,
};
use crate::wire::{Free, List};

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
    pub config: Free,
    /// Environment, before interpolation.
    pub env: BTreeMap<String, String>,
    /// Services of the task.
    pub services: List<Service>,
    /// Constraints on top of the group's.
    pub constraints: List<Constraint>,
    /// Preferences on top of the group's.
    pub affinities: List<Affinity>,
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
    /// Commands that people may run in it.
    pub actions: List<Action>,
    /// Files fetched for it.
    pub artifacts: List<Artifact>,
    /// Files rendered for it.
    pub templates: List<Template>,
    /// What it wants of Consul.
    pub consul: Option<Consul>,
    /// What it wants of Vault.
    pub vault: Option<Vault>,
    /// Secrets fetched for it.
    pub secrets: List<Secret>,
    /// Its default identity.
    pub identity: Option<WorkloadIdentity>,
    /// Its further identities.
    pub identities: List<WorkloadIdentity>,
    /// Where a dispatched payload is written.
    pub dispatch_payload: Option<DispatchPayload>,
    /// It is a CSI plugin.
    pub csi_plugin_config: Option<CsiPluginConfig>,
    /// Where it sees the group's volumes.
    pub volume_mounts: List<VolumeMount>,
    /// How far its resources may be scaled.
    pub scaling_policies: List<ScalingPolicy>,
    /// When it may run.
    pub schedule: Option<Schedule>,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Resources {
    /// CPU, MHz.
    pub cpu: i64,
    /// Whole cores that nobody else uses; they take the place of `cpu`.
    pub cores: i64,
    /// Memory, MiB.
    pub memory_mb: i64,
    /// Memory it may use while the node has it, MiB; 0 for the same as `memory_mb`.
    pub memory_max_mb: i64,
    /// Disk, MiB, for old clients.
    pub disk_mb: i64,
    /// I/O operations, for old clients; means nothing.
    pub iops: i64,
    /// Space for secrets, MiB.
    pub secrets_mb: i64,
    /// Devices.
    pub devices: List<RequestedDevice>,
    /// Whether cores have to be near each other.
    pub numa: Option<Numa>,
    /// Networks of the task itself, as old jobs have them.
    pub networks: Vec<NetworkAsk>,
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
