//! A filter before the log: leaves out what plainly no longer fits the newest snapshot.
//!
//! It decides nothing: `state::apply` checks every node again on the state that the plan meets there. Its use is to
//! spare the log and the other servers a plan that would come to nothing.

use std::collections::{BTreeMap, BTreeSet};

use model::id::NodeId;
use model::{AllocatedResources, Evaluation, Plan, PlanResult};
use state::{Command, Outcome, Refusal, State};

/// What carries out a decision.
#[derive(Debug)]
pub struct Step {
    /// What to propose.
    pub command: Command,
    /// For how many nodes the plan was trimmed: the evaluation is not done when there are any.
    pub trimmed: usize,
}

/// The step that carries out a plan and writes `evals`, as far as the newest state takes it. None when nothing of it fits
/// any more: the evaluation has to be looked at again, on a newer snapshot.
pub fn step(state: &State, tenure: u64, mut plan: Plan, evals: Vec<Evaluation>) -> Option<Step> {
    if plan.is_empty() {
        return Some(Step { command: Command::UpdateEvals { tenure, evals }, trimmed: 0 });
    }
    let trimmed = trim(state, &mut plan).len();
    if trimmed > 0 && (plan.is_empty() || plan.all_at_once) {
        return None;
    }
    // What is left is worth applying, but the evaluation is not done with it.
    let evals = if trimmed > 0 { Vec::new() } else { evals };
    Some(Step { command: Command::ApplyPlan { tenure, plan: Box::new(plan), evals }, trimmed })
}

/// Whether the evaluation is done with what a [`Step`] came to.
///
/// # Errors
/// The state refused it.
pub fn done(outcome: Outcome, trimmed: usize) -> Result<bool, Refusal> {
    match outcome {
        // A stale plan is looked at again too: the job or the evaluation has changed meanwhile.
        Outcome::Plan(PlanResult { trimmed: late, stale, .. }) => {
            Ok(trimmed == 0 && late.is_empty() && !stale)
        }
        Outcome::Refused(refusal) => Err(refusal),
        _ => Ok(true),
    }
}

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
