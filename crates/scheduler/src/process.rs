//! From an evaluation to a decision: reconcile, place group by group, explain what found no place.

mod deployment;
mod follow_up;

use std::collections::BTreeMap;

use model::deployment::{Deployment, DeploymentStatus};
use model::eval::DesiredUpdates;
use model::id::{AllocId, DeploymentId};
use model::plan::{InPlaceUpdate, Placement, Plan};
use model::{EvalStatus, Evaluation, Job, JobType, TaskGroup, Trigger};
use state::State;

use deployment::of_version;

use crate::reconcile::{self, GroupChanges, Question, Wanted};
use crate::stack::{Refused, Stack, Wish};
use crate::{Context, Decision, kind};

/// Numbers drawn from the seed: allocations come after these, and other evaluations far beyond them.
const DRAW_DEPLOYMENT: u64 = 0;
const DRAW_BLOCKED: u64 = 1;
const DRAW_ALLOCS: u64 = 2;
const DRAW_FOLLOW_UPS: u64 = 1 << 40;

/// How often places are looked for anew because a replacement found none.
const PASSES_MAX: usize = 4;

/// Decides what an evaluation changes.
pub fn process(state: &State, eval: &Evaluation, context: &Context) -> Decision {
    let key = eval.job_key();
    let job = state.job(&key).filter(|job| !job.stop).map(|job| &**job);
    let mut work = Work::new(state, eval, context, job);
    let question = Question {
        state,
        key: &key,
        job,
        deployment: work.deployment,
        eval_id: eval.id,
        now_ns: context.now_ns,
    };
    let mut changes = match eval.kind {
        JobType::System | JobType::Sysbatch => kind::system::reconcile(&question),
        _ => reconcile::reconcile(&question),
    };
    for group in &mut changes {
        work.plan.stops.append(&mut group.stops);
        work.plan.marks.append(&mut group.marks);
        work.eval.queued_allocations.insert(group.name.clone(), 0);
        for later in group.later.drain(..) {
            work.follow_up(later);
        }
    }
    work.settle_deployment(&changes);
    if let Some(job) = job {
        work.place_all(job, &mut changes);
    }
    work.finish(&changes)
}

struct Work<'a> {
    state: &'a State,
    context: &'a Context,
    job: Option<&'a Job>,
    plan: Plan,
    eval: Evaluation,
    /// The newest deployment of this version that has not ended well.
    deployment: Option<&'a Deployment>,
    /// Deployment that placements count for.
    deployment_id: DeploymentId,
    stack: Option<Stack<'a>>,
    follow_ups: Vec<Evaluation>,
    drawn: u64,
    /// Allocations whose replacement finds no place: they stay where they are.
    stuck: BTreeMap<AllocId, Refused>,
}

impl<'a> Work<'a> {
    fn new(state: &'a State, eval: &Evaluation, context: &'a Context, job: Option<&'a Job>) -> Self {
        let plan = Plan {
            eval_id: eval.id,
            job: eval.job_key(),
            job_create_index: job.map_or(0, |job| job.create_index),
            job_version: job.map_or(0, |job| job.version),
            snapshot_index: state.index(),
            all_at_once: job.is_some_and(|job| job.all_at_once),
            ..Plan::default()
        };
        let deployment = job.and_then(|job| {
            let mine = state.deployments_of_job(&plan.job).filter(|deployment| of_version(deployment, job));
            let newest = mine.max_by_key(|deployment| (deployment.create_index, deployment.id))?;
            let open = newest.status.active() || newest.status == DeploymentStatus::Failed;
            open.then_some(&**newest)
        });
        let eval = Evaluation {
            snapshot_index: state.index(),
            failed_tg_allocs: Default::default(),
            placed_metrics: Default::default(),
            queued_allocations: Default::default(),
            ..eval.clone()
        };
        let active = deployment.filter(|deployment| deployment.status.active());
        Work {
            state,
            context,
            job,
            plan,
            eval,
            deployment,
            deployment_id: active.map_or(DeploymentId::NIL, |deployment| deployment.id),
            stack: None,
            follow_ups: Vec::new(),
            drawn: DRAW_ALLOCS,
            stuck: BTreeMap::new(),
        }
    }

    /// Places everything, or as much as there is room for. What is to be replaced makes room for others only if its own
    /// replacement finds a place: where one does not, everything is placed anew with that one left where it is.
    fn place_all(&mut self, job: &'a Job, changes: &mut [GroupChanges]) {
        self.update_in_place(job, changes);
        if changes.iter().all(|group| group.wanted.is_empty()) {
            return;
        }
        let before = (self.plan.clone(), self.eval.clone(), self.drawn);
        let updates: Vec<_> = changes.iter().map(|group| group.updates.clone()).collect();
        for pass in 1.. {
            let found_none = self.place_once(job, changes);
            if found_none.is_empty() {
                break;
            }
            let all = changes.iter().flat_map(|group| &group.wanted).filter_map(|own| self.replaced(own));
            match pass < PASSES_MAX {
                true => self.stuck.extend(found_none),
                // One after the other stays where it is: then nothing is replaced in this round.
                false => self.stuck.extend(all.map(|id| (id, Refused::Exhausted)).collect::<Vec<_>>()),
            }
            let failed = std::mem::take(&mut self.eval.failed_tg_allocs);
            (self.plan, self.eval, self.drawn) = before.clone();
            self.eval.failed_tg_allocs = failed;
            for (group, updates) in changes.iter_mut().zip(&updates) {
                group.updates = updates.clone();
            }
        }
    }

    /// The allocation that takes up room until there is a place for what is wanted in its stead.
    fn replaced(&self, wanted: &Wanted) -> Option<AllocId> {
        let id = wanted.instead_of.as_ref()?.alloc_id;
        self.state.alloc(id).filter(|alloc| alloc.occupies()).map(|alloc| alloc.id)
    }

    /// One pass; answers the allocations whose replacement found no place, and why.
    fn place_once(&mut self, job: &'a Job, changes: &mut [GroupChanges]) -> Vec<(AllocId, Refused)> {
        let replaced = changes.iter().flat_map(|group| &group.wanted).filter_map(|own| self.replaced(own));
        let leaving = replaced.filter(|id| !self.stuck.contains_key(id));
        let stopped: Vec<AllocId> = self.plan.stops.iter().map(|stop| stop.alloc_id).chain(leaving).collect();
        let mut stack = Stack::new(self.state, job, &stopped, self.context.seed);
        let mut found_none = Vec::new();
        for changes in changes.iter_mut().filter(|group| !group.wanted.is_empty()) {
            let Some(group) = job.group(&changes.name) else {
                continue;
            };
            let wanted = changes.wanted.clone();
            let (as_before, wanted): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|own| own.keeps_version);
            self.place_as_before(changes, as_before, &stopped);
            stack.enter_group(group);
            for wanted in wanted {
                let replaced = self.replaced(&wanted);
                match replaced.and_then(|id| self.stuck.get(&id).copied()) {
                    Some(refused) => self.note_refused(changes, wanted.only.is_some(), refused),
                    None => {
                        let found = self.place(&mut stack, group, changes, wanted);
                        found_none.extend(replaced.zip(found.err()));
                    }
                }
            }
            if let Some(metric) = stack.placed() {
                self.eval.placed_metrics.insert(changes.name.clone(), Box::new(metric));
            }
            if let Some(metric) = stack.leave_group() {
                self.eval.failed_tg_allocs.entry(changes.name.clone()).or_insert_with(|| Box::new(metric));
            }
        }
        self.stack = Some(stack);
        found_none
    }

    fn update_in_place(&mut self, job: &Job, changes: &mut [GroupChanges]) {
        for changes in changes.iter_mut() {
            let update = job.group(&changes.name).and_then(|group| group.update.as_ref());
            let watched = update.is_some_and(|update| update.max_parallel > 0);
            let deployment_id = if watched { self.deployment_id } else { DeploymentId::NIL };
            let moved = changes.in_place.drain(..).map(|alloc_id| InPlaceUpdate { alloc_id, deployment_id });
            self.plan.in_place.extend(moved);
        }
    }

    /// Places what keeps the version of the allocation that it replaces.
    fn place_as_before(&mut self, changes: &mut GroupChanges, wanted: Vec<Wanted>, stopped: &[AllocId]) {
        for wanted in wanted {
            let Some(job) = self.state.alloc(wanted.previous).map(|alloc| &*alloc.job) else { continue };
            let Some(group) = job.group(&changes.name) else { continue };
            let mut stack = Stack::new(self.state, job, stopped, self.context.seed);
            stack.enter_group(group);
            // It is counted where it finds no place; what it stands in for is gone either way.
            let _ = self.place(&mut stack, group, changes, wanted);
            if let Some(metric) = stack.leave_group() {
                self.eval.failed_tg_allocs.insert(changes.name.clone(), Box::new(metric));
            }
        }
    }

    fn place(
        &mut self,
        stack: &mut Stack<'a>,
        group: &TaskGroup,
        changes: &mut GroupChanges,
        wanted: Wanted,
    ) -> Result<(), Refused> {
        let wish = Wish { avoid: wanted.avoid, prefer: wanted.prefer, only: wanted.only };
        let choice = match stack.select(group, &wish) {
            Ok(choice) => choice,
            Err(refused) => {
                self.note_refused(changes, wish.only.is_some(), refused);
                return Err(refused);
            }
        };
        self.plan.stops.extend(wanted.instead_of);
        changes.updates.preemptions += choice.preempted.len() as u64;
        let older = self.state.alloc(wanted.previous).filter(|_| wanted.keeps_version);
        let older_version = older.map(|alloc| alloc.job_version);
        let watched = group.update.as_ref().is_some_and(|update| update.max_parallel > 0);
        let watched = watched && older_version.is_none();
        self.plan.placements.push(Placement {
            alloc_id: AllocId(self.context.seed.uuid(self.drawn)),
            node_id: choice.node_id,
            task_group: group.name.clone(),
            index: wanted.index,
            given: choice.given,
            deployment_id: if watched { self.deployment_id } else { DeploymentId::NIL },
            previous: wanted.previous,
            canary: wanted.canary && !self.deployment_id.is_nil(),
            rescheduled: wanted.rescheduled,
            older_version,
            preempted: choice.preempted,
        });
        self.drawn += 1;
        Ok(())
    }

    /// Counts what found no place. A system job wants nothing of a node that cannot hold it.
    fn note_refused(&mut self, changes: &mut GroupChanges, for_one_node: bool, refused: Refused) {
        if for_one_node && refused == Refused::Filtered {
            changes.updates.place = changes.updates.place.saturating_sub(1);
        } else {
            *self.eval.queued_allocations.entry(changes.name.clone()).or_default() += 1;
        }
    }

    fn finish(mut self, changes: &[GroupChanges]) -> Decision {
        // Groups of system jobs that nothing becomes of are not named: so the original annotates them.
        let system = matches!(self.eval.kind, JobType::System | JobType::Sysbatch);
        let shown = changes.iter().filter(|group| !system || group.updates != DesiredUpdates::default());
        self.eval.plan_annotations =
            Some(shown.map(|group| (group.name.clone(), group.updates.clone())).collect());
        // Without one of its own, an evaluation names the job's newest: what monitors show behind it.
        let newest =
            || self.state.latest_deployment(&self.plan.job).map_or(DeploymentId::NIL, |newest| newest.id);
        let own = self.deployment_id;
        self.eval.deployment_id = if own.is_nil() { newest() } else { own };
        // What no node may hold is no reason to wait: a node that may will ask for it when it comes.
        let failed = self.eval.queued_allocations.values().any(|&queued| queued > 0);
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
        self.make_way();
        Decision { plan: self.plan, eval: self.eval, blocked, follow_ups: self.follow_ups }
    }

    fn note_classes(&mut self) {
        if let Some(stack) = &self.stack {
            (self.eval.class_eligibility, self.eval.escaped_computed_class) = stack.class_eligibility();
        }
    }
}
