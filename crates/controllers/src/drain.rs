//! Empties nodes: which allocations leave now, and which nodes are done.
//!
//! Services leave as the `migrate` block of their group allows, counted over the whole cluster; batch work may finish
//! until the deadline; system jobs leave when nothing else is left. At the deadline all that is left leaves at once and
//! the drain is over.

mod group;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use model::id::{AllocId, JobKey, NodeId};
use model::{Allocation, JobType, Node};
use state::State;

/// What is to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drains {
    /// Allocations that leave now.
    pub allocs: Vec<AllocId>,
    /// Nodes whose drain is over.
    pub nodes: Vec<NodeId>,
}

/// The nodes that are being drained.
#[derive(Debug, Default)]
pub struct Drainer {
    nodes: BTreeSet<NodeId>,
}

impl Drainer {
    /// Every drain of a state.
    pub fn new(state: &State) -> Self {
        Drainer { nodes: state.nodes().filter(|node| node.drain.is_some()).map(|node| node.id).collect() }
    }

    /// Takes note of a node as the state has it now.
    pub fn note(&mut self, node: &Node) {
        if node.drain.is_some() {
            self.nodes.insert(node.id);
        } else {
            self.nodes.remove(&node.id);
        }
    }

    /// A node is gone, and its drain with it.
    pub fn forget(&mut self, node: NodeId) {
        self.nodes.remove(&node);
    }

    /// How many nodes are being drained.
    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// What can be done at `now_ns`; at most `max` allocations at a time.
    pub fn decide(&self, state: &State, now_ns: i64, max: usize) -> Drains {
        let mut drains = Drains::default();
        let mut jobs = BTreeSet::new();
        for node in self.nodes.iter().filter_map(|id| state.node(*id)) {
            let Some(drain) = &node.drain else { continue };
            let left: Vec<&Allocation> = state.left_on(node).collect();
            if drain.forced(now_ns) {
                drains.allocs.extend(left.iter().filter(|alloc| stays(alloc)).map(|alloc| alloc.id));
                drains.nodes.push(node.id);
            } else if left.is_empty() {
                drains.nodes.push(node.id);
            } else if left.iter().all(|alloc| runs_everywhere(alloc)) {
                drains.allocs.extend(left.iter().filter(|alloc| stays(alloc)).map(|alloc| alloc.id));
            } else {
                let services = left.iter().filter(|alloc| alloc.job.kind == JobType::Service);
                jobs.extend(services.map(|alloc| alloc.job_key()));
            }
        }
        for job in &jobs {
            drains.allocs.extend(self.of_service(state, job, now_ns));
        }
        if drains.allocs.len() > max {
            // Nodes are only given up with all that is left on them.
            drains.allocs.truncate(max);
            drains.nodes.retain(|node| state.allocs_of_node(*node).all(|alloc| !stays(alloc)));
        }
        drains
    }

    fn of_service(&self, state: &State, key: &JobKey, now_ns: i64) -> Vec<AllocId> {
        // What a stopped job, or a group that is gone, still has is stopped without us.
        let Some(job) = state.job(key).filter(|job| !job.stop) else {
            return Vec::new();
        };
        let allocs: Vec<&Allocation> = state.allocs_of_job(key).map(|alloc| &**alloc).collect();
        let of_group = |group| group::leaving(group, &allocs, &self.nodes, now_ns);
        job.task_groups.iter().flat_map(of_group).collect()
    }
}

/// True while nobody has asked it to leave.
fn stays(alloc: &Allocation) -> bool {
    !alloc.terminal() && !alloc.desired_transition.should_migrate()
}

fn runs_everywhere(alloc: &Allocation) -> bool {
    matches!(alloc.job.kind, JobType::System | JobType::Sysbatch)
}
