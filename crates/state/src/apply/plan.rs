//! Plans are decided here, node by node, on the newest state (decision 14).
//!
//! The scheduler worked on an older snapshot and `plan_check` only guessed; what does not fit any more is left
//! out, and the outcome names the nodes, so that the worker looks again.

use std::collections::{BTreeMap, BTreeSet};

use model::alloc::{DeploymentHealth, alloc_name};
use model::id::{AllocId, NodeId};
use model::plan::{Placement, Plan, PlannedStop};
use model::resources::fit;
use model::{AllocatedResources, Allocation, DesiredStatus, Evaluation, Job, PlanResult};

use super::Tx;
use crate::outcome::Outcome;
use crate::table::Table;

impl Tx<'_> {
    pub(super) fn apply_plan(&mut self, tenure: u64, plan: &Plan, evals: &[Evaluation]) -> Outcome {
        if let Err(refused) = self.holds_tenure(tenure) {
            return refused;
        }
        let mut result = PlanResult { index: self.index, ..PlanResult::default() };
        let job = self.state.job_version(&plan.job, plan.job_create_index, plan.job_version).cloned();
        let current = self.state.job(&plan.job).cloned();
        let up_to_date =
            |job: &Job| current.as_ref().is_some_and(|now| now.version == job.version && !now.stop);
        if !plan.placements.is_empty() && !job.as_deref().is_some_and(up_to_date)
            || self.state.eval(plan.eval_id).is_none_or(|eval| eval.terminal())
        {
            result.stale = true;
            return Outcome::Plan(result);
        }
        let fitting = self.fitting_nodes(plan, job.as_deref(), &mut result);
        if plan.all_at_once && !result.trimmed.is_empty() {
            return Outcome::Plan(result);
        }
        for stop in &plan.stops {
            self.stop_alloc(stop);
        }
        if let Some(deployment) = &plan.deployment {
            self.put_deployment(deployment.clone());
        }
        for update in &plan.deployment_updates {
            self.change_deployment_status(update);
        }
        if let Some(job) = job {
            for placement in plan.placements.iter().filter(|placement| fitting.contains(&placement.node_id)) {
                self.place(plan, placement, &job);
                result.placed += 1;
            }
        }
        // The original counts every plan as a change of allocations; clients wait on that index.
        self.touch_table(Table::Allocs);
        if result.trimmed.is_empty() {
            for eval in evals {
                self.update_eval(eval);
            }
        }
        Outcome::Plan(result)
    }

    /// Nodes that everything planned for them still fits on; the others are named in the result.
    fn fitting_nodes(&self, plan: &Plan, job: Option<&Job>, result: &mut PlanResult) -> BTreeSet<NodeId> {
        let stopped: BTreeSet<AllocId> = plan.stops.iter().map(|stop| stop.alloc_id).collect();
        let mut by_node: BTreeMap<NodeId, Vec<&Placement>> = BTreeMap::new();
        for placement in &plan.placements {
            by_node.entry(placement.node_id).or_default().push(placement);
        }
        let mut fitting = BTreeSet::new();
        for (node_id, placements) in by_node {
            if self.node_takes(node_id, &placements, job, &stopped) {
                fitting.insert(node_id);
            } else {
                result.trimmed.push(node_id);
            }
        }
        fitting
    }

    fn node_takes(
        &self,
        node_id: NodeId,
        placements: &[&Placement],
        job: Option<&Job>,
        stopped: &BTreeSet<AllocId>,
    ) -> bool {
        let (Some(node), Some(job)) = (self.state.node(node_id), job) else {
            return false;
        };
        if !node.ready() || placements.iter().any(|placement| self.state.alloc(placement.alloc_id).is_some())
        {
            return false;
        }
        let there = self.state.allocs_of_node(node_id).filter(|alloc| alloc.occupies());
        let staying = there.filter(|alloc| !stopped.contains(&alloc.id)).map(|alloc| &alloc.resources);
        let wanted = |placement: &&Placement| {
            Some(AllocatedResources::of_group(job.group(&placement.task_group)?, placement.ports.clone()))
        };
        let Some(new) = placements.iter().map(wanted).collect::<Option<Vec<_>>>() else {
            return false;
        };
        fit::all_fit(node, staying.chain(&new)).is_ok()
    }

    fn stop_alloc(&mut self, stop: &PlannedStop) {
        let Some(alloc) = self.state.alloc(stop.alloc_id) else {
            return;
        };
        let mut alloc = (**alloc).clone();
        alloc.desired_status = DesiredStatus::Stop;
        alloc.desired_description.clone_from(&stop.description);
        alloc.modify_time_ns = self.now_ns;
        if let Some(status) = stop.client_status {
            alloc.client_status = status;
        }
        self.put_alloc(alloc, true);
    }

    fn place(&mut self, plan: &Plan, placement: &Placement, job: &std::sync::Arc<Job>) {
        let Some(group) = job.group(&placement.task_group) else {
            return;
        };
        let node_name = self.state.node(placement.node_id).map(|node| node.name.clone()).unwrap_or_default();
        let alloc = Allocation {
            id: placement.alloc_id,
            eval_id: plan.eval_id,
            name: alloc_name(&job.id, &group.name, placement.index),
            node_id: placement.node_id,
            node_name,
            namespace: job.namespace.clone(),
            job_id: job.id.clone(),
            job_create_index: job.create_index,
            job_version: job.version,
            job: job.clone(),
            task_group: group.name.clone(),
            resources: AllocatedResources::of_group(group, placement.ports.clone()),
            deployment_id: placement.deployment_id,
            deployment_status: (!placement.deployment_id.is_nil()).then(DeploymentHealth::default),
            previous_allocation: placement.previous,
            modify_time_ns: self.now_ns,
            trace: self.trace.to_owned(),
            ..Allocation::default()
        };
        if let Some(previous) = self.state.alloc(placement.previous) {
            let previous = Allocation { next_allocation: alloc.id, ..(**previous).clone() };
            self.put_alloc(previous, false);
        }
        self.count_placed(&alloc);
        self.put_alloc(alloc, true);
    }
}
