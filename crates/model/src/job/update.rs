//! The update block: how a new version replaces an old one.

use serde::{Deserialize, Serialize};

/// Update strategy of a group; at job level only the first two fields mean something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct UpdateStrategy {
    /// Pause between updates of system jobs, ns.
    pub stagger_ns: i64,
    /// How many allocations are replaced at a time; 0 replaces all without a deployment.
    pub max_parallel: i64,
    /// `checks`, `task_states` or `manual`.
    pub health_check: String,
    /// How long an allocation has to be well before it counts as healthy, ns.
    pub min_healthy_time_ns: i64,
    /// By when an allocation has to be healthy, ns after its start.
    pub healthy_deadline_ns: i64,
    /// How long a deployment may go without a newly healthy allocation, ns; 0 fails it at the first unhealthy one.
    pub progress_deadline_ns: i64,
    /// Return to the last stable version on failure.
    pub auto_revert: bool,
    /// Promote canaries by themselves.
    pub auto_promote: bool,
    /// How many canaries to place first.
    pub canary: i64,
}
