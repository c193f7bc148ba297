//! An allocation: one copy of a group on one node, as the servers want it and as the client agent reports it.

pub mod task_state;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use task_state::{TaskEvent, TaskRunState, TaskState};

use crate::eval::named;
use crate::id::{AllocId, DeploymentId, EvalId, JobKey, NodeId};
use crate::job::{Job, TaskGroup};
use crate::resources::AllocatedResources;
use crate::service_registration::ServiceRegistration;

named!(
    /// What the servers want of an allocation.
    DesiredStatus {
        /// Run.
        #[default]
        Run = "run",
        /// Stop.
        Stop = "stop",
        /// Stop for more important work.
        Evict = "evict",
    }
);

named!(
    /// What the client agent says of an allocation.
    ClientStatus {
        /// Not started yet.
        #[default]
        Pending = "pending",
        /// At least one task runs.
        Running = "running",
        /// All tasks ended well, or it was stopped.
        Complete = "complete",
        /// A task failed for good.
        Failed = "failed",
        /// Its node is down.
        Lost = "lost",
        /// Its node is silent, but may come back.
        Unknown = "unknown",
    }
);

impl ClientStatus {
    /// True when nothing of it will run again.
    pub fn terminal(self) -> bool {
        matches!(self, ClientStatus::Complete | ClientStatus::Failed | ClientStatus::Lost)
    }
}

/// Health of an allocation in its deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct DeploymentHealth {
    /// `None` until the client agent has decided.
    pub healthy: Option<bool>,
    /// When it decided, ns since 1970.
    pub timestamp_ns: i64,
    /// Placed as a canary.
    pub canary: bool,
    /// Index of the last change.
    pub modify_index: u64,
}

/// What was asked of an allocation beyond its job: the scheduler and the client agent act on it. `None` where nothing was
/// ever said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct DesiredTransition {
    /// Move it: stop it and place another.
    pub migrate: Option<bool>,
    /// Place another one in its stead, elsewhere if possible.
    pub reschedule: Option<bool>,
    /// Place another one whatever the reschedule policy says.
    pub force_reschedule: Option<bool>,
    /// Stop it without its `shutdown_delay`.
    pub no_shutdown_delay: Option<bool>,
    /// Move it, but place no other.
    pub migrate_disable_placement: Option<bool>,
}

impl DesiredTransition {
    /// True when it is to be stopped and placed anew.
    pub fn should_migrate(&self) -> bool {
        self.migrate == Some(true)
    }

    /// True when it stops without its `shutdown_delay`.
    pub fn skips_shutdown_delay(&self) -> bool {
        self.no_shutdown_delay == Some(true)
    }

    /// Adds what `newer` says; what it leaves open stays as it was.
    pub fn merge(&mut self, newer: &DesiredTransition) {
        self.migrate = newer.migrate.or(self.migrate);
        self.reschedule = newer.reschedule.or(self.reschedule);
        self.force_reschedule = newer.force_reschedule.or(self.force_reschedule);
        self.no_shutdown_delay = newer.no_shutdown_delay.or(self.no_shutdown_delay);
        self.migrate_disable_placement = newer.migrate_disable_placement.or(self.migrate_disable_placement);
    }
}

/// One replacement of a failed allocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct RescheduleEvent {
    /// When it was replaced, ns since 1970.
    pub time_ns: i64,
    /// The allocation that failed.
    pub previous_alloc: AllocId,
    /// Node that it was on.
    pub previous_node: NodeId,
    /// How long its replacement waited, ns.
    pub delay_ns: i64,
}

/// A change of a client status that the servers made themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct StatusChange {
    /// What it became.
    pub status: ClientStatus,
    /// When, ns since 1970.
    pub time_ns: i64,
}

/// One copy of a group on one node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Allocation {
    /// Its id.
    pub id: AllocId,
    /// Evaluation that placed it.
    pub eval_id: EvalId,
    /// `job.group[index]`.
    pub name: String,
    /// Node that it is on.
    pub node_id: NodeId,
    /// Name of that node.
    pub node_name: String,
    /// Namespace of its job.
    pub namespace: String,
    /// Its job.
    pub job_id: String,
    /// `create_index` of the job's incarnation: with the version it names the specification.
    pub job_create_index: u64,
    /// Version of the job.
    pub job_version: u64,
    /// The job's version itself. Shared by all of its allocations; not encoded, the tables attach it again.
    #[serde(skip)]
    pub job: Arc<Job>,
    /// Its group.
    pub task_group: String,
    /// What it was given.
    pub resources: AllocatedResources,
    /// What the servers want.
    pub desired_status: DesiredStatus,
    /// Why.
    pub desired_description: String,
    /// What was asked of it.
    pub desired_transition: DesiredTransition,
    /// What the client agent says.
    pub client_status: ClientStatus,
    /// Why.
    pub client_description: String,
    /// State of each task.
    pub task_states: BTreeMap<String, TaskState>,
    /// Deployment that it belongs to.
    pub deployment_id: DeploymentId,
    /// Its health in that deployment.
    pub deployment_status: Option<DeploymentHealth>,
    /// The allocation that it replaces.
    pub previous_allocation: AllocId,
    /// The allocation that replaces it.
    pub next_allocation: AllocId,
    /// Evaluation that will look after its failure.
    pub follow_up_eval: EvalId,
    /// Failures that it stands at the end of, the oldest first: see [`RescheduleEvent`].
    pub reschedule_events: Vec<RescheduleEvent>,
    /// Allocations that made way for it.
    pub preempted_allocations: Vec<AllocId>,
    /// The allocation that it made way for.
    pub preempted_by: AllocId,
    /// When the servers last saw its client status change to or from `unknown`, the newest last.
    pub status_changes: Vec<StatusChange>,
    /// Index of its creation.
    pub create_index: u64,
    /// Index of its last change.
    pub modify_index: u64,
    /// Index of the last change by the servers; the client agent acts on this one.
    pub alloc_modify_index: u64,
    /// Time of its creation, ns since 1970.
    pub create_time_ns: i64,
    /// Time of its last change, ns since 1970.
    pub modify_time_ns: i64,
    /// W3C traceparent of the request that caused it; empty when nothing is traced.
    pub trace: String,
}

impl Allocation {
    /// Key of its job.
    pub fn job_key(&self) -> JobKey {
        JobKey::new(&self.namespace, &self.job_id)
    }

    /// Its group in the version of the job that it was placed for.
    pub fn group(&self) -> Option<&TaskGroup> {
        self.job.group(&self.task_group)
    }

    /// True when the servers want it gone or the client agent says it has ended.
    pub fn terminal(&self) -> bool {
        self.desired_status != DesiredStatus::Run || self.client_status.terminal()
    }

    /// True while it takes up room on its node: until the client agent says that it has ended.
    pub fn occupies(&self) -> bool {
        !self.client_status.terminal()
    }

    /// The number in brackets at the end of its name.
    pub fn index(&self) -> Option<u64> {
        let open = self.name.rfind('[')?;
        self.name[open + 1..].strip_suffix(']')?.parse().ok()
    }
}

/// The name of the `index`th allocation of a group.
pub fn alloc_name(job_id: &str, group: &str, index: u64) -> String {
    format!("{job_id}.{group}[{index}]")
}

/// What a client agent reports of an allocation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct AllocUpdate {
    /// The allocation.
    pub id: AllocId,
    /// Its status.
    pub client_status: ClientStatus,
    /// Why.
    pub client_description: String,
    /// State of each task.
    pub task_states: BTreeMap<String, TaskState>,
    /// Health in its deployment, once decided.
    pub healthy: Option<bool>,
    /// The deployment that this is about: an allocation may have gone over to another meanwhile.
    pub deployment_id: DeploymentId,
    /// When that was decided, ns since 1970.
    pub health_timestamp_ns: i64,
    /// Every service that it stands for now; `None` leaves them as they were.
    pub services: Option<Vec<ServiceRegistration>>,
    /// Time of the report, ns since 1970.
    pub modify_time_ns: i64,
}
