//! What is told of a search: counts of nodes by what stood in their way.

use model::metric::Exhausted;
use model::{AllocMetric, Node, TaskGroup};

/// Counts nodes of one class that may not hold the group.
pub(super) fn count_filtered(metric: &mut AllocMetric, node: &Node, reason: String, nodes: u64) {
    metric.nodes_filtered += nodes;
    *metric.constraint_filtered.entry(reason).or_default() += nodes;
    if !node.node_class.is_empty() {
        *metric.class_filtered.entry(node.node_class.clone()).or_default() += nodes;
    }
}

/// Counts nodes of one class that may, but have no room.
pub(super) fn count_exhausted(metric: &mut AllocMetric, node: &Node, dimension: String, nodes: u64) {
    metric.nodes_exhausted += nodes;
    *metric.dimension_exhausted.entry(dimension).or_default() += nodes;
    if !node.node_class.is_empty() {
        *metric.class_exhausted.entry(node.node_class.clone()).or_default() += nodes;
    }
}

/// Adds what one allocation of the group would have needed of CPU and memory, where those ran out. Tasks are named also
/// where something else did, as the original does.
pub(super) fn add_wanted(metric: &mut AllocMetric, group: &TaskGroup) {
    if metric.dimension_exhausted.is_empty() {
        return;
    }
    let ran_out = |dimension: &str| metric.dimension_exhausted.contains_key(dimension);
    let (cpu, memory) = (ran_out("cpu"), ran_out("memory"));
    for task in &group.tasks {
        let wanted: &mut Exhausted = metric.resources_exhausted.entry(task.name.clone()).or_default();
        wanted.cpu += if cpu { task.resources.cpu } else { 0 };
        wanted.memory_mb += if memory { task.resources.memory_mb } else { 0 };
    }
}

/// Adds the counts of another search over other nodes.
pub(super) fn merge_filtered(into: &mut AllocMetric, other: &AllocMetric) {
    into.nodes_evaluated += other.nodes_evaluated;
    into.nodes_filtered += other.nodes_filtered;
    for (reason, nodes) in &other.constraint_filtered {
        *into.constraint_filtered.entry(reason.clone()).or_default() += nodes;
    }
    for (class, nodes) in &other.class_filtered {
        *into.class_filtered.entry(class.clone()).or_default() += nodes;
    }
}
