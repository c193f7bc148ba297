//! What the scheduler saw while it looked for places: `AllocationMetric` of the original.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Figures of one attempt to place a group. See `FailedTGAllocs` in the evaluations API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct AllocMetric {
    /// Nodes looked at.
    pub nodes_evaluated: u64,
    /// Nodes that a constraint, driver or datacenter ruled out.
    pub nodes_filtered: u64,
    /// Ready nodes of the pool.
    pub nodes_in_pool: u64,
    /// The pool.
    pub node_pool: String,
    /// Ready nodes by datacenter.
    pub nodes_available: BTreeMap<String, u64>,
    /// Filtered nodes by class.
    pub class_filtered: BTreeMap<String, u64>,
    /// Filtered nodes by reason.
    pub constraint_filtered: BTreeMap<String, u64>,
    /// Nodes without enough room.
    pub nodes_exhausted: u64,
    /// Exhausted nodes by class.
    pub class_exhausted: BTreeMap<String, u64>,
    /// Exhausted nodes by dimension.
    pub dimension_exhausted: BTreeMap<String, u64>,
    /// What each task asked of dimensions that ran out, by task.
    pub resources_exhausted: BTreeMap<String, Exhausted>,
    /// Score parts of the best nodes.
    pub scores: Vec<NodeScore>,
    /// Time the attempt took, ns; filled in by whoever holds a clock.
    pub allocation_time_ns: i64,
    /// Further allocations of the group that failed the same way.
    pub coalesced_failures: u64,
}

/// What a task asked of the dimension that ran out; 0 in the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Exhausted {
    /// CPU, MHz.
    pub cpu: i64,
    /// Memory, MiB.
    pub memory_mb: i64,
    /// Disk, MiB.
    pub disk_mb: i64,
    /// Reserved cores.
    pub cores: i64,
}

/// Score of one node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct NodeScore {
    /// The node.
    pub node_id: String,
    /// Parts by name, for example `binpack`.
    pub scores: BTreeMap<String, f64>,
    /// What the parts come to.
    pub norm_score: f64,
}
