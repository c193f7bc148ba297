//! Plans are decided here, node by node, on the newest state (decision 14).
//!
//! The scheduler worked on an older snapshot and `plan_check` only guessed; what does not fit any more is left
//! out, and the outcome names the nodes, so that the worker looks again.

use std::collections::{BTreeMap, BTreeSet};

use model::alloc::{DeploymentHealth, alloc_name};
use model::alloc::{RescheduleEvent, StatusChange};
use model::id::{AllocId, NodeId};
use model::plan::{InPlaceUpdate, Mark, Placement, Plan, PlannedStop};
use model::planted::{self, Bug};
use model::{AllocatedResources, Allocation, ClientStatus, DesiredStatus, Evaluation, Job, PlanResult};

use super::Tx;
use crate::outcome::Outcome;
use crate::table::Table;

/// Failures remembered with an allocation: more than any interval of a policy asks for, and no week of failing
/// tasks makes a row grow.
const RESCHEDULE_EVENTS_MAX: usize = 64;

impl Tx<'_> {
    pub(super) fn apply_plan(&mut self, tenure: u64, plan: &Plan, evals: Vec<Evaluation>) -> Outcome {
        if let Err(refused) = self.holds_tenure(tenure) {
            return refused;
        }
        let mut result = PlanResult { index: self.index, ..PlanResult::default() };
        let job = self.state.job_version(&plan.job, plan.job_create_index, plan.job_version).cloned();
        let current = self.state.job(&plan.job).cloned();
        let up_to_date =
            |job: &Job| current.as_ref().is_some_and(|now| now.version == job.version && !now.stop);
        let moves = !plan.placements.is_empty() || !plan.in_place.is_empty();
        if moves && !job.as_deref().is_some_and(up_to_date)
            || self.state.eval(plan.eval_id).is_none_or(|eval| eval.terminal())
        {
            result.stale = true;
            return Outcome::Plan(result);
        }
        let fitting = self.fitting_nodes(plan, &mut result);
        if plan.all_at_once && !result.trimmed.is_empty() {
            return Outcome::Plan(result);
        }
        for stop in &plan.stops {
            self.stop_alloc(stop);
        }
        // Marks name evaluations that come with the plan: without these they would point at nothing.
        for mark in plan.marks.iter().filter(|_| result.trimmed.is_empty() && !evals.is_empty()) {
            self.mark_alloc(mark);
        }
        if let Some(deployment) = &plan.deployment {
            self.put_deployment(deployment.clone());
        }
        for update in &plan.deployment_updates {
            self.change_deployment_status(update);
        }
        if let Some(job) = job {
            for update in &plan.in_place {
                self.update_in_place(plan, update, &job);
            }
            for placement in plan.placements.iter().filter(|placement| fitting.contains(&placement.node_id)) {
                if let Some(job) = self.state.job_of_placement(plan, placement).cloned() {
                    self.place(plan, placement, &job);
                    result.placed += 1;
                }
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
    fn fitting_nodes(&self, plan: &Plan, result: &mut PlanResult) -> BTreeSet<NodeId> {
        let preempted = plan.placements.iter().flat_map(|placement| &placement.preempted);
        let stopped: BTreeSet<AllocId> =
            plan.stops.iter().map(|stop| &stop.alloc_id).chain(preempted).copied().collect();
        let mut by_node: BTreeMap<NodeId, Vec<&Placement>> = BTreeMap::new();
        for placement in &plan.placements {
            by_node.entry(placement.node_id).or_default().push(placement);
        }
        let mut fitting = BTreeSet::new();
        for (node_id, placements) in by_node {
            let takes = || self.node_takes(node_id, plan, &placements, &stopped);
            if planted::is(Bug::PlanOnOldSnapshot) || takes() {
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
        plan: &Plan,
        placements: &[&Placement],
        stopped: &BTreeSet<AllocId>,
    ) -> bool {
        let Some(node) = self.state.node(node_id) else {
            return false;
        };
        if !node.ready() || placements.iter().any(|placement| self.state.alloc(placement.alloc_id).is_some())
        {
            return false;
        }
        let wanted = |placement: &&Placement| {
            let job = self.state.job_of_placement(plan, placement)?;
            Some(AllocatedResources::of_group(job.group(&placement.task_group)?, &placement.given))
        };
        let Some(new) = placements.iter().map(wanted).collect::<Option<Vec<_>>>() else {
            return false;
        };
        self.state.node_takes(node, stopped, new.iter()).is_ok()
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
            self.note_status(&mut alloc, status);
        }
        if !stop.follow_up_eval.is_nil() {
            alloc.follow_up_eval = stop.follow_up_eval;
        }
        self.put_alloc(alloc, true);
    }

    /// A status that the servers give an allocation themselves, with the time where clients are told it.
    fn note_status(&self, alloc: &mut Allocation, status: ClientStatus) {
        if alloc.client_status == status {
            return;
        }
        if [alloc.client_status, status].contains(&ClientStatus::Unknown) {
            alloc.status_changes.push(StatusChange { status, time_ns: self.now_ns });
        }
        alloc.client_status = status;
    }

    fn mark_alloc(&mut self, mark: &Mark) {
        let Some(alloc) = self.state.alloc(mark.alloc_id) else {
            return;
        };
        let mut alloc = (**alloc).clone();
        if let Some(status) = mark.client_status {
            self.note_status(&mut alloc, status);
        }
        if !mark.client_description.is_empty() {
            alloc.client_description.clone_from(&mark.client_description);
        }
        alloc.follow_up_eval = mark.follow_up_eval;
        alloc.modify_time_ns = self.now_ns;
        // An agent that lost sight of the servers learns by this that it has to say again how its allocation is.
        self.put_alloc(alloc, mark.client_status.is_some());
    }

    fn update_in_place(&mut self, plan: &Plan, update: &InPlaceUpdate, job: &std::sync::Arc<Job>) {
        let Some(alloc) = self.state.alloc(update.alloc_id).filter(|alloc| !alloc.terminal()) else {
            return;
        };
        let mut alloc = (**alloc).clone();
        alloc.eval_id = plan.eval_id;
        alloc.job_create_index = job.create_index;
        alloc.job_version = job.version;
        alloc.job = job.clone();
        alloc.modify_time_ns = self.now_ns;
        let other = alloc.deployment_id != update.deployment_id;
        if other {
            // Another roll-out has to see for itself that it is well.
            alloc.deployment_id = update.deployment_id;
            alloc.deployment_status = None;
        }
        if other && !update.deployment_id.is_nil() {
            alloc.deployment_status = Some(DeploymentHealth::default());
            self.count_placed(&alloc);
        }
        self.put_alloc(alloc, true);
    }

    fn preempt(&mut self, id: AllocId, by: AllocId) {
        let Some(alloc) = self.state.alloc(id).filter(|alloc| !alloc.terminal()) else {
            return;
        };
        let mut alloc = (**alloc).clone();
        alloc.desired_status = DesiredStatus::Evict;
        alloc.desired_description = format!("Preempted by alloc ID {by}");
        alloc.preempted_by = by;
        alloc.modify_time_ns = self.now_ns;
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
            resources: AllocatedResources::of_group(group, &placement.given),
            deployment_id: placement.deployment_id,
            deployment_status: (!placement.deployment_id.is_nil())
                .then(|| DeploymentHealth { canary: placement.canary, ..DeploymentHealth::default() }),
            previous_allocation: placement.previous,
            reschedule_events: self.reschedule_events(placement),
            preempted_allocations: placement.preempted.clone(),
            modify_time_ns: self.now_ns,
            trace: self.trace.to_owned(),
            ..Allocation::default()
        };
        for preempted in &placement.preempted {
            self.preempt(*preempted, alloc.id);
        }
        if let Some(previous) = self.state.alloc(placement.previous) {
            let previous = Allocation { next_allocation: alloc.id, ..(**previous).clone() };
            self.put_alloc(previous, false);
        }
        self.count_placed(&alloc);
        self.put_alloc(alloc, true);
    }

    /// What the allocation's ancestors went through, and what it has gone through itself. A replacement that is no
    /// reschedule, such as a move off a draining node, hands the history on.
    fn reschedule_events(&self, placement: &Placement) -> Vec<RescheduleEvent> {
        let Some(previous) = self.state.alloc(placement.previous) else {
            return Vec::new();
        };
        let mut events = previous.reschedule_events.clone();
        if let Some(rescheduled) = placement.rescheduled {
            events.push(RescheduleEvent {
                time_ns: rescheduled.time_ns,
                previous_alloc: previous.id,
                previous_node: previous.node_id,
                delay_ns: rescheduled.delay_ns,
            });
        }
        let excess = events.len().saturating_sub(RESCHEDULE_EVENTS_MAX);
        events.drain(..excess);
        events
    }
}
