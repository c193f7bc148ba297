//! From an evaluation to a decision: reconcile, place group by group, explain what found no place.

use model::deployment::{Deployment, DeploymentStatus, DeploymentStatusUpdate, GroupDeployment};
use model::id::{AllocId, DeploymentId};
use model::plan::{Placement, Plan};
use model::{EvalStatus, Evaluation, Job, JobType, Trigger};
use state::State;

use crate::reconcile::{self, GroupChanges, Wanted};
use crate::stack::{Stack, Wish};
use crate::{Context, Decision};

/// Numbers drawn from the seed: allocations come after these.
const DRAW_DEPLOYMENT: u64 = 0;
const DRAW_BLOCKED: u64 = 1;
const DRAW_ALLOCS: u64 = 2;

/// Decides what an evaluation changes.
pub fn process(state: &State, eval: &Evaluation, context: &Context) -> Decision {
    let key = eval.job_key();
    let job = state.job(&key).filter(|job| !job.stop);
    let changes = reconcile::reconcile(state, &key, job.map(|job| &**job));
    let mut work = Work::new(state, eval, context, job.map(|job| &**job));
    for group in &changes {
        work.plan.stops.extend(group.stops.iter().cloned());
        work.eval.queued_allocations.insert(group.name.clone(), 0);
    }
    work.settle_deployment(&changes);
    if let Some(job) = job {
        work.place_all(job, &changes);
    }
    work.finish(&changes)
}

struct Work<'a> {
    state: &'a State,
    context: &'a Context,
    job: Option<&'a Job>,
    plan: Plan,
    eval: Evaluation,
    deployment_id: DeploymentId,
    stack: Option<Stack<'a>>,
    drawn: u64,
}

impl<'a> Work<'a> {
    fn new(state: &'a State, eval: &Evaluation, context: &'a Context, job: Option<&'a Job>) -> Self {
        let plan = Plan {
            eval_id: eval.id,
            job: eval.job_key(),
            job_create_index: job.map_or(0, |job| job.create_index),
            job_version: job.map_or(0, |job| job.version),
            snapshot_index: state.index(),
            stops: Vec::new(),
            placements: Vec::new(),
            in_place: Vec::new(),
            marks: Vec::new(),
            deployment: None,
            deployment_updates: Vec::new(),
            all_at_once: job.is_some_and(|job| job.all_at_once),
        };
        let eval = Evaluation {
            snapshot_index: state.index(),
            failed_tg_allocs: Default::default(),
            placed_metrics: Default::default(),
            queued_allocations: Default::default(),
            ..eval.clone()
        };
        Work {
            state,
            context,
            job,
            plan,
            eval,
            deployment_id: DeploymentId::NIL,
            stack: None,
            drawn: DRAW_ALLOCS,
        }
    }

    /// Ends deployments that are overtaken and starts the one that this version needs.
    fn settle_deployment(&mut self, changes: &[GroupChanges]) {
        let key = &self.plan.job;
        let active = self.state.deployments_of_job(key).filter(|deployment| deployment.status.active());
        let mine = |deployment: &Deployment| {
            self.job.is_some_and(|job| {
                deployment.job_create_index == job.create_index && deployment.job_version == job.version
            })
        };
        for deployment in active {
            if mine(deployment) {
                self.deployment_id = deployment.id;
                continue;
            }
            let description = match self.job {
                Some(_) => "Cancelled due to newer version of job",
                None => "Cancelled because job is stopped",
            };
            self.plan.deployment_updates.push(DeploymentStatusUpdate {
                id: deployment.id,
                status: DeploymentStatus::Cancelled,
                description: description.to_owned(),
            });
        }
        let Some(job) = self.job else { return };
        let known = self.state.deployments_of_job(key).any(|deployment| mine(deployment));
        let fresh = changes.iter().any(|group| group.fresh_version && !group.wanted.is_empty());
        if job.kind == JobType::Service && fresh && !known && self.deployment_id.is_nil() {
            let deployment = self.new_deployment(job);
            if !deployment.task_groups.is_empty() {
                self.deployment_id = deployment.id;
                self.plan.deployment = Some(deployment);
            }
        }
    }

    fn new_deployment(&self, job: &Job) -> Deployment {
        let groups = job.task_groups.iter().filter_map(|group| {
            // `max_parallel = 0` asks for no deployment at all.
            let update = group.update.as_ref().filter(|update| update.max_parallel > 0)?;
            let progress = GroupDeployment {
                auto_revert: update.auto_revert,
                auto_promote: update.auto_promote,
                progress_deadline_ns: update.progress_deadline_ns,
                desired_total: group.count,
                ..GroupDeployment::default()
            };
            Some((group.name.clone(), progress))
        });
        Deployment {
            id: DeploymentId(self.context.seed.uuid(DRAW_DEPLOYMENT)),
            namespace: job.namespace.clone(),
            job_id: job.id.clone(),
            job_version: job.version,
            job_modify_index: job.modify_index,
            job_spec_modify_index: job.job_modify_index,
            job_create_index: job.create_index,
            task_groups: groups.collect(),
            status: DeploymentStatus::Running,
            status_description: "Deployment is running".to_owned(),
            eval_priority: self.eval.priority,
            ..Deployment::default()
        }
    }

    fn place_all(&mut self, job: &'a Job, changes: &[GroupChanges]) {
        if changes.iter().all(|group| group.wanted.is_empty()) {
            return;
        }
        let stopped: Vec<AllocId> = self.plan.stops.iter().map(|stop| stop.alloc_id).collect();
        let mut stack = Stack::new(self.state, job, &stopped, self.context.seed);
        for changes in changes.iter().filter(|group| !group.wanted.is_empty()) {
            let Some(group) = job.group(&changes.name) else {
                continue;
            };
            stack.enter_group(group);
            for wanted in &changes.wanted {
                self.place(&mut stack, group, wanted);
            }
            if let Some(metric) = stack.placed() {
                self.eval.placed_metrics.insert(changes.name.clone(), metric);
            }
            if let Some(metric) = stack.leave_group() {
                self.eval
                    .queued_allocations
                    .insert(changes.name.clone(), 1 + metric.coalesced_failures as i64);
                self.eval.failed_tg_allocs.insert(changes.name.clone(), metric);
            }
        }
        self.stack = Some(stack);
    }

    fn place(&mut self, stack: &mut Stack<'a>, group: &'a model::TaskGroup, wanted: &Wanted) {
        let Ok(choice) = stack.select(group, &Wish::default()) else {
            return;
        };
        let watched = group.update.as_ref().is_some_and(|update| update.max_parallel > 0);
        self.plan.placements.push(Placement {
            alloc_id: AllocId(self.context.seed.uuid(self.drawn)),
            node_id: choice.node_id,
            task_group: group.name.clone(),
            index: wanted.index,
            given: choice.given,
            deployment_id: if watched { self.deployment_id } else { DeploymentId::NIL },
            previous: wanted.previous,
            ..Placement::default()
        });
        self.drawn += 1;
    }

    fn finish(mut self, changes: &[GroupChanges]) -> Decision {
        self.eval.plan_annotations =
            Some(changes.iter().map(|group| (group.name.clone(), group.updates())).collect());
        if !self.deployment_id.is_nil() {
            self.eval.deployment_id = self.deployment_id;
        }
        let failed = !self.eval.failed_tg_allocs.is_empty();
        let was_blocked = self.eval.triggered_by == Trigger::QueuedAllocs;
        if failed && was_blocked {
            // Still no room: the same evaluation goes on waiting, with what it has seen now.
            self.eval.status = EvalStatus::Blocked;
            self.note_classes();
        } else {
            self.eval.status = EvalStatus::Complete;
        }
        let blocked = (failed && !was_blocked).then(|| self.blocked_eval());
        if let Some(blocked) = &blocked {
            self.eval.blocked_eval = blocked.id;
        }
        Decision { plan: self.plan, eval: self.eval, blocked, follow_ups: Vec::new() }
    }

    fn blocked_eval(&self) -> Evaluation {
        let (class_eligibility, escaped_computed_class) =
            self.stack.as_ref().map(Stack::class_eligibility).unwrap_or_default();
        Evaluation {
            id: self.context.seed.eval_id(DRAW_BLOCKED),
            namespace: self.eval.namespace.clone(),
            priority: self.eval.priority,
            kind: self.eval.kind.clone(),
            triggered_by: Trigger::QueuedAllocs,
            job_id: self.eval.job_id.clone(),
            job_modify_index: self.eval.job_modify_index,
            status: EvalStatus::Blocked,
            status_description: "created to place remaining allocations".to_owned(),
            previous_eval: self.eval.id,
            failed_tg_allocs: self.eval.failed_tg_allocs.clone(),
            class_eligibility,
            escaped_computed_class,
            snapshot_index: self.state.index(),
            trace: self.eval.trace.clone(),
            ..Evaluation::default()
        }
    }

    fn note_classes(&mut self) {
        if let Some(stack) = &self.stack {
            (self.eval.class_eligibility, self.eval.escaped_computed_class) = stack.class_eligibility();
        }
    }
}
