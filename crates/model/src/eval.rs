//! An evaluation: the request to look at a job again and place or stop what has to be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{DeploymentId, EvalId, JobKey, NodeId};
use crate::job::JobType;
use crate::metric::AllocMetric;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// As clients spell it.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }
    };
}
pub(crate) use named;

named!(
    /// Where an evaluation stands.
    EvalStatus {
        /// Waits for a worker.
        #[default]
        Pending = "pending",
        /// Waits for room.
        Blocked = "blocked",
        /// Processed.
        Complete = "complete",
        /// Given up.
        Failed = "failed",
        /// Overtaken by a newer one.
        Canceled = "canceled",
    }
);

named!(
    /// Why an evaluation was made.
    Trigger {
        /// A job was registered.
        #[default]
        JobRegister = "job-register",
        /// A job was stopped.
        JobDeregister = "job-deregister",
        /// A node came, went or changed.
        NodeUpdate = "node-update",
        /// Room is awaited for what could not be placed.
        QueuedAllocs = "queued-allocs",
        /// An operator stopped an allocation.
        AllocStop = "alloc-stop",
        /// An allocation failed.
        AllocFailure = "alloc-failure",
        /// A clock launched a child.
        PeriodicJob = "periodic-job",
        /// A group's count was changed.
        JobScaling = "job-scaling",
        /// A deployment changed.
        DeploymentWatcher = "deployment-watcher",
        /// The plan was trimmed too often.
        MaxPlanAttempts = "max-plan-attempts",
        /// A node is drained.
        NodeDrain = "node-drain",
        /// Allocations made way for more important ones.
        Preemption = "preemption",
        /// A node was silent for as long as its allocations may wait.
        MaxDisconnectTimeout = "max-disconnect-timeout",
        /// A node that was silent is heard again.
        Reconnect = "reconnect",
        /// An evaluation failed and is tried again.
        FailedFollowUp = "failed-follow-up",
    }
);

/// The request to look at a job again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Evaluation {
    /// Its id.
    pub id: EvalId,
    /// Namespace of the job.
    pub namespace: String,
    /// Priority, as the job's unless given.
    pub priority: i64,
    /// Which scheduler processes it.
    pub kind: JobType,
    /// Why it was made.
    pub triggered_by: Trigger,
    /// The job.
    pub job_id: String,
    /// `job_modify_index` of the job when it was made.
    pub job_modify_index: u64,
    /// Node that triggered it.
    pub node_id: NodeId,
    /// `modify_index` of that node.
    pub node_modify_index: u64,
    /// Deployment that it belongs to.
    pub deployment_id: DeploymentId,
    /// Where it stands.
    pub status: EvalStatus,
    /// Why it stands there.
    pub status_description: String,
    /// Not before this time, ns since 1970; 0 for at once.
    pub wait_until_ns: i64,
    /// The evaluation that follows this one.
    pub next_eval: EvalId,
    /// The evaluation that this one follows.
    pub previous_eval: EvalId,
    /// The blocked evaluation that this one left behind.
    pub blocked_eval: EvalId,
    /// What could not be placed, by group. Boxed, because a map of one entry has room for eleven.
    pub failed_tg_allocs: BTreeMap<String, Box<AllocMetric>>,
    /// Computed node classes seen, and whether they fit.
    pub class_eligibility: BTreeMap<String, bool>,
    /// True when a constraint looked at something that is unique to a node.
    pub escaped_computed_class: bool,
    /// What the plan set out to do, by group; kept once complete.
    pub plan_annotations: Option<BTreeMap<String, DesiredUpdates>>,
    /// What the scheduler saw when it placed the first allocation of a group. Kept here once and not with every
    /// allocation, which shows it as its own.
    pub placed_metrics: BTreeMap<String, Box<AllocMetric>>,
    /// Allocations still wanted, by group.
    pub queued_allocations: BTreeMap<String, i64>,
    /// Index of the snapshot that it was processed on.
    pub snapshot_index: u64,
    /// Index of its creation.
    pub create_index: u64,
    /// Index of its last change.
    pub modify_index: u64,
    /// Time of its creation, ns since 1970.
    pub create_time_ns: i64,
    /// Time of its last change, ns since 1970.
    pub modify_time_ns: i64,
    /// W3C traceparent of the request that caused it; empty when nothing is traced.
    pub trace: String,
}

impl Evaluation {
    /// Key of its job.
    pub fn job_key(&self) -> JobKey {
        JobKey::new(&self.namespace, &self.job_id)
    }

    /// True when nobody will process it any more.
    pub fn terminal(&self) -> bool {
        matches!(self.status, EvalStatus::Complete | EvalStatus::Failed | EvalStatus::Canceled)
    }

    /// True for one that waits for room on one node and nowhere else, as those of system jobs do.
    pub fn waits_for_node(&self) -> bool {
        matches!(self.kind, JobType::System | JobType::Sysbatch) && !self.node_id.is_nil()
    }
}

/// What a plan does to one group: `DesiredTGUpdates`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct DesiredUpdates {
    /// Left as they are.
    pub ignore: u64,
    /// New ones.
    pub place: u64,
    /// Moved off a draining node.
    pub migrate: u64,
    /// Stopped.
    pub stop: u64,
    /// Updated without a restart.
    pub in_place_update: u64,
    /// Stopped and placed anew.
    pub destructive_update: u64,
    /// Canaries.
    pub canary: u64,
    /// Stopped for more important work.
    pub preemptions: u64,
    /// Waiting for a silent node.
    pub disconnect: u64,
    /// Heard again.
    pub reconnect: u64,
    /// Failed ones placed anew.
    pub reschedule_now: u64,
    /// Failed ones placed anew later.
    pub reschedule_later: u64,
}
