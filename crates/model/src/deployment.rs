//! A deployment: the roll-out of one version of a service job.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::eval::named;
use crate::id::{AllocId, DeploymentId, JobKey};

named!(
    /// Where a deployment stands.
    DeploymentStatus {
        /// Placing and waiting for health.
        #[default]
        Running = "running",
        /// Held by an operator.
        Paused = "paused",
        /// Given up.
        Failed = "failed",
        /// Every group is healthy.
        Successful = "successful",
        /// Overtaken by a newer version or a stop.
        Cancelled = "cancelled",
    }
);

impl DeploymentStatus {
    /// True while allocations of it are still placed and watched.
    pub fn active(self) -> bool {
        matches!(self, DeploymentStatus::Running | DeploymentStatus::Paused)
    }
}

/// The roll-out of one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Deployment {
    /// Its id.
    pub id: DeploymentId,
    /// Namespace of the job.
    pub namespace: String,
    /// The job.
    pub job_id: String,
    /// Version that is rolled out.
    pub job_version: u64,
    /// `modify_index` of that version.
    pub job_modify_index: u64,
    /// `job_modify_index` of that version.
    pub job_spec_modify_index: u64,
    /// `create_index` of the job's incarnation.
    pub job_create_index: u64,
    /// Progress by group.
    pub task_groups: BTreeMap<String, GroupDeployment>,
    /// Where it stands.
    pub status: DeploymentStatus,
    /// Why it stands there.
    pub status_description: String,
    /// Priority of evaluations that it causes.
    pub eval_priority: i64,
    /// Index of its creation.
    pub create_index: u64,
    /// Index of its last change.
    pub modify_index: u64,
    /// Time of its creation, ns since 1970.
    pub create_time_ns: i64,
    /// Time of its last change, ns since 1970.
    pub modify_time_ns: i64,
}

impl Deployment {
    /// Key of its job.
    pub fn job_key(&self) -> JobKey {
        JobKey::new(&self.namespace, &self.job_id)
    }
}

/// Progress of one group in a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct GroupDeployment {
    /// Revert on failure.
    pub auto_revert: bool,
    /// Promote without being asked.
    pub auto_promote: bool,
    /// Longest time without progress, ns.
    pub progress_deadline_ns: i64,
    /// By when the next allocation has to be healthy, ns since 1970; 0 until one is placed.
    pub require_progress_by_ns: i64,
    /// Canaries were promoted.
    pub promoted: bool,
    /// Wanted.
    pub desired_total: i64,
    /// Wanted canaries.
    pub desired_canaries: i64,
    /// Canaries that were placed.
    pub placed_canaries: Vec<AllocId>,
    /// Placed.
    pub placed_allocs: i64,
    /// Placed and healthy.
    pub healthy_allocs: i64,
    /// Placed and unhealthy.
    pub unhealthy_allocs: i64,
    /// What fails is not placed anew: the first unhealthy allocation decides.
    pub fails_at_once: bool,
}

/// A change of a deployment's status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct DeploymentStatusUpdate {
    /// The deployment.
    pub id: DeploymentId,
    /// Its new status.
    pub status: DeploymentStatus,
    /// Why.
    pub description: String,
}
