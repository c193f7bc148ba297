//! A task group: tasks that are placed together on one node.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Affinity, Cni, Constraint, Consul, Disconnect, Dns, ScalingPolicy, Service, Spread, Task, UpdateStrategy,
    VolumeRequest,
};
use crate::wire::{List, Map, Ns};

/// Tasks that share a node, a directory and a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TaskGroup {
    /// Name, unique in the job.
    pub name: String,
    /// How many allocations are wanted.
    pub count: i64,
    /// Update strategy; `None` for batch jobs.
    pub update: Option<UpdateStrategy>,
    /// How allocations leave a draining node; `None` for batch jobs.
    pub migrate: Option<MigrateStrategy>,
    /// Constraints on top of the job's.
    pub constraints: List<Constraint>,
    /// Preferences on top of the job's.
    pub affinities: List<Affinity>,
    /// Spreads on top of the job's.
    pub spreads: List<Spread>,
    /// When the client agent restarts a failed task in place.
    pub restart_policy: RestartPolicy,
    /// When a failed allocation is placed anew.
    pub reschedule_policy: Option<ReschedulePolicy>,
    /// Its tasks, in the order given.
    pub tasks: Vec<Task>,
    /// Disk that the tasks share.
    pub ephemeral_disk: EphemeralDisk,
    /// Free metadata.
    pub meta: BTreeMap<String, String>,
    /// Network asks.
    pub networks: Vec<NetworkAsk>,
    /// Services of the group.
    pub services: List<Service>,
    /// How far its count may be scaled.
    pub scaling: Option<ScalingPolicy>,
    /// Volumes by the name that its tasks use.
    pub volumes: Map<VolumeRequest>,
    /// What it wants of Consul.
    pub consul: Option<Consul>,
    /// What becomes of its allocations while their node is silent.
    pub disconnect: Option<Disconnect>,
    /// Older spelling of `disconnect.lost_after`.
    pub max_client_disconnect: Option<Ns>,
    /// Older spelling of `disconnect.stop_on_client_after`.
    pub stop_after_client_disconnect: Option<Ns>,
    /// Older spelling of `disconnect.replace`, turned round.
    pub prevent_reschedule_on_lost: bool,
    /// How long an allocation may run.
    pub max_run_duration: Option<Ns>,
    /// Pause between deregistration and the stop of tasks, ns.
    pub shutdown_delay_ns: Option<i64>,
}

impl TaskGroup {
    /// How long allocations of the group may wait for a silent node, ns.
    pub fn lost_after_ns(&self) -> Option<i64> {
        let block = self.disconnect.as_ref().and_then(|block| block.lost_after);
        block.or(self.max_client_disconnect).map(|patience| patience.0).filter(|&patience| patience > 0)
    }
}

/// Shared disk of an allocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct EphemeralDisk {
    /// Prefer the same node on an update.
    pub sticky: bool,
    /// Size, MiB.
    pub size_mb: i64,
    /// Carry the data to another node.
    pub migrate: bool,
}

/// How allocations leave a draining node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct MigrateStrategy {
    /// How many at a time.
    pub max_parallel: i64,
    /// `checks` or `task_states`.
    pub health_check: String,
    /// See [`UpdateStrategy::min_healthy_time_ns`].
    pub min_healthy_time_ns: i64,
    /// See [`UpdateStrategy::healthy_deadline_ns`].
    pub healthy_deadline_ns: i64,
}

/// What happens once the restarts of an interval are used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum RestartMode {
    /// The task fails.
    #[default]
    Fail,
    /// It waits for the next interval.
    Delay,
    /// Whatever else was sent; validation refuses it.
    Other(String),
}

impl RestartMode {
    /// As clients spell it.
    pub fn as_str(&self) -> &str {
        match self {
            RestartMode::Fail => "fail",
            RestartMode::Delay => "delay",
            RestartMode::Other(other) => other,
        }
    }
}

impl From<&str> for RestartMode {
    fn from(text: &str) -> Self {
        match text {
            "fail" => RestartMode::Fail,
            "delay" => RestartMode::Delay,
            other => RestartMode::Other(other.to_owned()),
        }
    }
}

/// Restarts in place, on the client agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct RestartPolicy {
    /// Restarts allowed in an interval.
    pub attempts: i64,
    /// Length of the interval, ns.
    pub interval_ns: i64,
    /// Pause before a restart, ns.
    pub delay_ns: i64,
    /// What happens after the last attempt.
    pub mode: RestartMode,
    /// Render templates anew at each restart.
    pub render_templates: bool,
}

/// Replacements of failed allocations, by the servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct ReschedulePolicy {
    /// Attempts allowed in an interval, unless unlimited.
    pub attempts: i64,
    /// Length of the interval, ns.
    pub interval_ns: i64,
    /// First delay, ns.
    pub delay_ns: i64,
    /// `constant`, `exponential` or `fibonacci`.
    pub delay_function: String,
    /// Upper limit of the delay, ns.
    pub max_delay_ns: i64,
    /// No limit of attempts.
    pub unlimited: bool,
}

impl ReschedulePolicy {
    /// True when what fails is placed anew at all.
    pub fn enabled(&self) -> bool {
        self.unlimited || self.attempts > 0
    }
}

/// A network that a group asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct NetworkAsk {
    /// `host` or empty; other modes are refused until built.
    pub mode: String,
    /// Device, for old clients.
    pub device: String,
    /// Bandwidth, for old clients; means nothing.
    pub mbits: i64,
    /// Address range, for old clients.
    pub cidr: String,
    /// Address, for old clients.
    pub ip: String,
    /// Name resolution inside the network.
    pub dns: Option<Dns>,
    /// Arguments of a CNI network.
    pub cni: Option<Cni>,
    /// Host name inside the network.
    pub hostname: String,
    /// Ports with a fixed number.
    pub reserved_ports: Vec<PortAsk>,
    /// Ports whose number the scheduler chooses.
    pub dynamic_ports: Vec<PortAsk>,
}

/// One port of a network ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct PortAsk {
    /// Label, unique in the group.
    pub label: String,
    /// Wanted number; 0 for dynamic ports.
    pub value: i64,
    /// Number inside the task's network; -1 for the same as the host's.
    pub to: i64,
    /// Host network that it is opened on; `default` unless given.
    pub host_network: String,
    /// A static number may be taken already.
    pub ignore_collision: bool,
}
