//! A plan: what the scheduler wants changed, as differences that name ids, nodes and ports, never whole jobs.

use serde::{Deserialize, Serialize};

use crate::alloc::ClientStatus;
use crate::deployment::{Deployment, DeploymentStatusUpdate};
use crate::id::{AllocId, DeploymentId, EvalId, JobKey, NodeId};
use crate::resources::AllocatedPort;

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
    /// Ports chosen for it.
    pub ports: Vec<AllocatedPort>,
    /// Deployment that it counts for.
    pub deployment_id: DeploymentId,
    /// The allocation that it replaces.
    pub previous: AllocId,
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
