//! Emptying a node.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::eval::named;
use crate::job::{Job, JobType};

named!(
    /// Where a drain stands.
    DrainStatus {
        /// Under way.
        #[default]
        Draining = "draining",
        /// Nothing is left to move.
        Complete = "complete",
        /// Ended by an operator.
        Canceled = "canceled",
    }
);

/// How a node is to be emptied: `DrainStrategy` of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct DrainStrategy {
    /// How long allocations may take to move, ns; negative for not at all, 0 for as long as they need.
    pub deadline_ns: i64,
    /// Leave allocations of system jobs where they are.
    pub ignore_system_jobs: bool,
    /// When what is left is stopped, ns since 1970; 0 for never.
    pub force_deadline_ns: i64,
    /// When the drain began, ns since 1970.
    pub started_at_ns: i64,
}

impl DrainStrategy {
    /// True when what is left has to go now, ns since 1970.
    pub fn forced(&self, now_ns: i64) -> bool {
        self.deadline_ns < 0 || (self.force_deadline_ns > 0 && self.force_deadline_ns <= now_ns)
    }

    /// True for jobs whose allocations may stay.
    pub fn ignores(&self, job: &Job) -> bool {
        self.ignore_system_jobs && matches!(job.kind, JobType::System | JobType::Sysbatch)
    }
}

/// What is remembered of a node's last drain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct LastDrain {
    /// When it began, ns since 1970.
    pub started_at_ns: i64,
    /// When it last changed, ns since 1970.
    pub updated_at_ns: i64,
    /// Where it stands.
    pub status: DrainStatus,
    /// Accessor of the token that asked for it.
    pub accessor_id: String,
    /// What its operator noted.
    pub meta: BTreeMap<String, String>,
}
