//! A filter before the log: leaves out what plainly no longer fits the newest snapshot.
//!
//! It decides nothing: `state::apply` checks every node again on the state that the plan meets there. Its use is to
//! spare the log and the other servers a plan that would come to nothing.

use std::collections::{BTreeMap, BTreeSet};

use model::id::NodeId;
use model::{AllocatedResources, Plan};
use state::State;

/// Removes placements that cannot be applied; answers the nodes that they were for.
pub fn trim(state: &State, plan: &mut Plan) -> Vec<NodeId> {
    if state.job_version(&plan.job, plan.job_create_index, plan.job_version).is_none() {
        let nodes: BTreeSet<_> = plan.placements.drain(..).map(|placement| placement.node_id).collect();
        return nodes.into_iter().collect();
    }
    let preempted = plan.placements.iter().flat_map(|placement| &placement.preempted);
    let stopped: BTreeSet<_> =
        plan.stops.iter().map(|stop| &stop.alloc_id).chain(preempted).copied().collect();
    let mut by_node: BTreeMap<NodeId, Vec<AllocatedResources>> = BTreeMap::new();
    for placement in &plan.placements {
        let job = state.job_of_placement(plan, placement);
        if let Some(group) = job.and_then(|job| job.group(&placement.task_group)) {
            let resources = AllocatedResources::of_group(group, &placement.given);
            by_node.entry(placement.node_id).or_default().push(resources);
        }
    }
    let takes = |node_id: NodeId, new: &[AllocatedResources]| {
        let Some(node) = state.node(node_id).filter(|node| node.ready()) else {
            return false;
        };
        state.node_takes(node, &stopped, new.iter()).is_ok()
    };
    let refused: BTreeSet<NodeId> =
        by_node.iter().filter(|(node_id, new)| !takes(**node_id, new)).map(|(node_id, _)| *node_id).collect();
    plan.placements.retain(|placement| !refused.contains(&placement.node_id));
    refused.into_iter().collect()
}
