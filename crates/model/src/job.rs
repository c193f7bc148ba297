//! A job: what somebody wants to run. Mirrors the Jobs API page (`../shared` editions A to E).

pub mod action;
pub mod admission;
pub mod affinity;
pub mod canonicalize;
pub mod connect;
pub mod constraint;
pub mod device;
pub mod disconnect;
mod fill;
pub mod gateway;
pub mod group;
pub mod identity;
mod implied;
mod mesh;
pub mod network;
pub mod note;
pub mod periodic;
pub mod scaling;
pub mod service;
pub mod submission;
pub mod task;
pub mod template;
pub mod update;
pub mod validate;
pub mod volume;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use action::{Action, DispatchPayload, Schedule, ScheduleCron};
pub use affinity::{Affinity, Spread, SpreadTarget};
pub use connect::Connect;
pub use constraint::{Constraint, Operand};
pub use device::{Numa, RequestedDevice};
pub use disconnect::Disconnect;
pub use group::{
    EphemeralDisk, MigrateStrategy, NetworkAsk, PortAsk, ReschedulePolicy, RestartMode, RestartPolicy,
    TaskGroup,
};
pub use identity::{Consul, Secret, Vault, WorkloadIdentity};
pub use network::{Cni, Dns};
pub use note::{JobUi, UiLink, VersionTag};
pub use periodic::{ParameterizedJob, PeriodicConfig, PeriodicSchedule};
pub use scaling::{ScalingEvent, ScalingEvents, ScalingPolicy};
pub use service::{CheckRestart, Service, ServiceCheck, ServiceWeights};
pub use submission::JobSubmission;
pub use task::{LogConfig, Resources, Task, TaskLifecycle};
pub use template::{Artifact, ChangeScript, Template, WaitConfig};
pub use update::UpdateStrategy;
pub use volume::{CsiPluginConfig, MountOptions, VolumeMount, VolumeRequest};

use crate::id::JobKey;
use crate::wire::{Blob, List};

/// How a job is scheduled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub enum JobType {
    /// Runs until stopped.
    #[default]
    Service,
    /// Runs until it succeeds.
    Batch,
    /// One on every fitting node.
    System,
    /// Once on every fitting node.
    Sysbatch,
    /// Whatever else was sent; validation refuses it.
    Other(String),
}

impl JobType {
    /// As clients spell it.
    pub fn as_str(&self) -> &str {
        match self {
            JobType::Service => "service",
            JobType::Batch => "batch",
            JobType::System => "system",
            JobType::Sysbatch => "sysbatch",
            JobType::Other(other) => other,
        }
    }
}

impl From<&str> for JobType {
    fn from(text: &str) -> Self {
        match text {
            "service" => JobType::Service,
            "batch" => JobType::Batch,
            "system" => JobType::System,
            "sysbatch" => JobType::Sysbatch,
            other => JobType::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for JobType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a job as a whole is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum JobStatus {
    /// Nothing has been placed yet.
    #[default]
    Pending,
    /// An allocation is not terminal, or a deployment is active.
    Running,
    /// Stopped, or everything that it wanted has ended.
    Dead,
}

impl JobStatus {
    /// As clients spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            JobStatus::Pending => "pending",
            JobStatus::Running => "running",
            JobStatus::Dead => "dead",
        }
    }
}

/// One version of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Job {
    /// Namespace that the job lives in.
    pub namespace: String,
    /// Id within the namespace.
    pub id: String,
    /// Name for people; the id unless given.
    pub name: String,
    /// Region of the cluster.
    pub region: String,
    /// How it is scheduled.
    pub kind: JobType,
    /// 1 (lowest) to 100.
    pub priority: i64,
    /// Place all or nothing.
    pub all_at_once: bool,
    /// Datacenters it may run in; globs allowed.
    pub datacenters: Vec<String>,
    /// Node pool it runs in.
    pub node_pool: String,
    /// Constraints on every group.
    pub constraints: List<Constraint>,
    /// Preferences of every group.
    pub affinities: List<Affinity>,
    /// Spreads of every group.
    pub spreads: List<Spread>,
    /// Launches children by a clock.
    pub periodic: Option<PeriodicConfig>,
    /// Launches children on request.
    pub parameterized_job: Option<ParameterizedJob>,
    /// The job that launched this one; empty for one that was registered.
    pub parent_id: String,
    /// True for a child of a parameterized job.
    pub dispatched: bool,
    /// Makes a repeated dispatch the same child.
    pub dispatch_idempotency_token: String,
    /// What the dispatch sent.
    pub payload: Blob,
    /// Namespace of Consul, for old clients.
    pub consul_namespace: String,
    /// Namespace of Vault, for old clients.
    pub vault_namespace: String,
    /// What user interfaces show beside it.
    pub ui: Option<JobUi>,
    /// Name of this version.
    pub version_tag: Option<VersionTag>,
    /// Its groups, in the order given.
    pub task_groups: Vec<TaskGroup>,
    /// What stays of the update block at job level: stagger and `max_parallel`.
    pub update: UpdateStrategy,
    /// Free metadata.
    pub meta: BTreeMap<String, String>,
    /// Id of the ACL token's accessor that registered it.
    pub nomad_token_id: String,
    /// True once somebody stopped it.
    pub stop: bool,
    /// Computed status.
    pub status: JobStatus,
    /// Why it has that status.
    pub status_description: String,
    /// True once a deployment of this version succeeded.
    pub stable: bool,
    /// Counts changes of the specification, from 0.
    pub version: u64,
    /// When it was registered, ns since 1970.
    pub submit_time_ns: i64,
    /// Index of the first registration of this incarnation.
    pub create_index: u64,
    /// Index of the last change of any kind.
    pub modify_index: u64,
    /// Index of the last change of the specification.
    pub job_modify_index: u64,
}

impl Job {
    /// The key that it is stored under.
    pub fn key(&self) -> JobKey {
        JobKey::new(&self.namespace, &self.id)
    }

    /// The key of the job that launched it.
    pub fn parent_key(&self) -> Option<JobKey> {
        (!self.parent_id.is_empty()).then(|| JobKey::new(&self.namespace, &self.parent_id))
    }

    /// Scaling policies of its groups and tasks.
    pub fn scaling_policies(&self) -> impl Iterator<Item = &ScalingPolicy> {
        self.task_groups.iter().flat_map(|group| {
            group.scaling.iter().chain(group.tasks.iter().flat_map(|task| &task.scaling_policies))
        })
    }

    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<&TaskGroup> {
        self.task_groups.iter().find(|group| group.name == name)
    }

    /// True for a job that never runs itself: a clock or a dispatch launches children of it.
    pub fn launches_children(&self) -> bool {
        self.periodic.is_some() || (self.parameterized_job.is_some() && !self.dispatched)
    }

    /// True when nothing of it should run.
    pub fn stopped(&self) -> bool {
        self.stop
    }

    /// True when `other` asks for the same: everything but what the servers keep in it.
    pub fn same_specification(&self, other: &Job) -> bool {
        let plain = |job: &Job| Job {
            status: JobStatus::Pending,
            status_description: String::new(),
            stable: false,
            version: 0,
            submit_time_ns: 0,
            create_index: 0,
            modify_index: 0,
            job_modify_index: 0,
            nomad_token_id: String::new(),
            version_tag: None,
            ..job.clone()
        };
        plain(self) == plain(other)
    }
}
