//! A plan: what the scheduler wants changed, as differences that name ids, nodes and ports, never whole jobs.

use serde::{Deserialize, Serialize};

use crate::alloc::ClientStatus;
use crate::deployment::{Deployment, DeploymentStatusUpdate};
use crate::id::{AllocId, DeploymentId, EvalId, JobKey, NodeId};
use crate::resources::Given;

/// What one evaluation wants changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Plan {
    /// Evaluation that made it.
    pub eval_id: EvalId,
    /// Job that it is for.
    pub job: JobKey,
    /// `create_index` of the job's incarnation.
    pub job_create_index: u64,
    /// Version that placements are of.
    pub job_version: u64,
    /// Index of the snapshot that it was made on.
    pub snapshot_index: u64,
    /// Allocations to stop.
    pub stops: Vec<PlannedStop>,
    /// Allocations to make.
    pub placements: Vec<Placement>,
    /// Allocations that go over to this version without a restart.
    pub in_place: Vec<InPlaceUpdate>,
    /// Allocations of which something is noted while they stay as they are.
    pub marks: Vec<Mark>,
    /// Deployment to create.
    pub deployment: Option<Deployment>,
    /// Deployments that end with this plan.
    pub deployment_updates: Vec<DeploymentStatusUpdate>,
    /// All or nothing.
    pub all_at_once: bool,
}

impl Plan {
    /// True when it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.stops.is_empty()
            && self.placements.is_empty()
            && self.in_place.is_empty()
            && self.marks.is_empty()
            && self.deployment.is_none()
            && self.deployment_updates.is_empty()
    }
}

/// An allocation to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct PlannedStop {
    /// Which.
    pub alloc_id: AllocId,
    /// Why, as clients see it.
    pub description: String,
    /// What becomes of its client status, for one that nobody will report on any more.
    pub client_status: Option<ClientStatus>,
    /// Evaluation that will place another in its stead, where that has to wait.
    pub follow_up_eval: EvalId,
}

/// An allocation that goes over to the job's version without a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct InPlaceUpdate {
    /// Which.
    pub alloc_id: AllocId,
    /// Deployment that it counts for from now on.
    pub deployment_id: DeploymentId,
}

/// What is noted of an allocation that is neither stopped nor replaced by this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Mark {
    /// Which.
    pub alloc_id: AllocId,
    /// Its client status, as the servers see it: `unknown` while its node is silent.
    pub client_status: Option<ClientStatus>,
    /// Why, as clients see it; empty to leave the text as it is.
    pub client_description: String,
    /// Evaluation that will look after it.
    pub follow_up_eval: EvalId,
}

/// An allocation to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Placement {
    /// Its id.
    pub alloc_id: AllocId,
    /// Where.
    pub node_id: NodeId,
    /// Of which group.
    pub task_group: String,
    /// Number in its name.
    pub index: u64,
    /// What was chosen for it.
    pub given: Given,
    /// Deployment that it counts for.
    pub deployment_id: DeploymentId,
    /// The allocation that it replaces.
    pub previous: AllocId,
    /// Version that it is of, where that is an older one than the plan's: what fails or is lost while canaries of the
    /// new version wait is replaced as it was.
    pub older_version: Option<u64>,
    /// It goes ahead of the others of its version.
    pub canary: bool,
    /// It stands in for one that failed.
    pub rescheduled: Option<Rescheduled>,
    /// Allocations that make way for it.
    pub preempted: Vec<AllocId>,
}

/// How a failed allocation was placed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Rescheduled {
    /// When, ns since 1970.
    pub time_ns: i64,
    /// How long it waited by its policy, ns.
    pub delay_ns: i64,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct PlanResult {
    /// Index at which it was applied.
    pub index: u64,
    /// Nodes whose part was left out, because it did not fit any more.
    pub trimmed: Vec<NodeId>,
    /// Allocations made.
    pub placed: u64,
    /// The plan as a whole was refused: its job or evaluation is not what it was.
    pub stale: bool,
}
