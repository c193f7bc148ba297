//! One group of a service or batch job: what stays, what goes over in place, what is replaced now and what waits for
//! its turn.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::alloc::DeploymentHealth;
use model::plan::{Mark, Rescheduled};
use model::{
    AllocId, Allocation, ClientStatus, DeploymentId, DeploymentStatus, GroupDeployment, Job, JobType,
    TaskGroup, Trigger,
};

use super::bucket::{Bucket, View};
use super::names::Names;
use super::{
    GroupChanges, LOST, Later, MIGRATED, NOT_NEEDED, Question, RECONNECTED, RESCHEDULED, UNKNOWN, UPDATED,
    Wanted, planned_stop, room_to_update, update,
};
use crate::feasible::Suits;

/// Failed allocations whose time comes within this span of each other share one evaluation, ns.
const BATCH_NS: i64 = 5_000_000_000;

/// Compares a group with its allocations.
pub fn reconcile(
    question: &Question<'_>,
    job: &Job,
    group: &TaskGroup,
    allocs: &[&Arc<Allocation>],
) -> GroupChanges {
    let mut work = Work::new(question, job, group);
    work.sort(allocs);
    work.settle_reconnected();
    work.stop_excess();
    work.compare_versions(allocs);
    work.place_canaries();
    work.place();
    work.replace();
    work.migrate();
    work.changes
}

type Allocs<'a> = Vec<&'a Allocation>;

/// An allocation that another one takes the place of.
struct Gone<'a> {
    alloc: &'a Allocation,
    rescheduled: Option<Rescheduled>,
}

struct Work<'a> {
    view: View<'a>,
    group: &'a TaskGroup,
    count: usize,
    /// Replaced step by step, watched by a deployment.
    max_parallel: Option<i64>,
    wanted_canaries: i64,
    progress: Option<&'a GroupDeployment>,
    deployment: DeploymentId,
    held: bool,
    failed: bool,
    changes: GroupChanges,
    names: Names,
    stays: Allocs<'a>,
    canaries: Allocs<'a>,
    migrates: Vec<(&'a Allocation, bool)>,
    gone: Vec<Gone<'a>>,
    /// Their nodes are silent and nothing takes their place yet.
    waiting: usize,
    destructive: Allocs<'a>,
    /// What may still be replaced in this round.
    limit: usize,
}

impl<'a> Work<'a> {
    fn new(question: &Question<'a>, job: &'a Job, group: &'a TaskGroup) -> Self {
        let batch = job.kind == JobType::Batch;
        let deployment = question.deployment;
        let status = deployment.map(|deployment| deployment.status);
        let update = group.update.as_ref().filter(|update| !batch && update.max_parallel > 0);
        let active = deployment.filter(|deployment| deployment.status.active());
        let view = View {
            state: question.state,
            job,
            eval_id: question.eval_id,
            batch,
            deployment: active.map_or(DeploymentId::NIL, |deployment| deployment.id),
            now_ns: question.now_ns,
        };
        Work {
            view,
            group,
            count: usize::try_from(group.count).unwrap_or(0),
            max_parallel: update.map(|update| update.max_parallel),
            wanted_canaries: update.map_or(0, |update| update.canary),
            progress: deployment.and_then(|deployment| deployment.task_groups.get(&group.name)),
            deployment: deployment.map_or(DeploymentId::NIL, |deployment| deployment.id),
            held: status == Some(DeploymentStatus::Paused),
            failed: status == Some(DeploymentStatus::Failed),
            changes: GroupChanges { name: group.name.clone(), ..GroupChanges::default() },
            names: Names::default(),
            stays: Vec::new(),
            canaries: Vec::new(),
            migrates: Vec::new(),
            gone: Vec::new(),
            waiting: 0,
            destructive: Vec::new(),
            limit: 0,
        }
    }

    /// Canaries have been placed, or have to be, and nobody has promoted them.
    fn canarying(&self) -> bool {
        self.progress.is_some_and(|group| group.desired_canaries > 0 && !group.promoted)
    }

    fn sort(&mut self, allocs: &[&'a Arc<Allocation>]) {
        let mut later: BTreeMap<i64, Vec<AllocId>> = BTreeMap::new();
        for alloc in allocs.iter().map(|alloc| &***alloc) {
            if self.stop_stale_canary(alloc) {
                continue;
            }
            match self.view.bucket(alloc) {
                Bucket::Over => {}
                Bucket::Stay => self.stay(alloc),
                Bucket::Migrate(replace) => self.migrates.push((alloc, replace)),
                Bucket::Lost => {
                    self.changes.stop(alloc, LOST, Some(ClientStatus::Lost));
                    self.gone.push(Gone { alloc, rescheduled: None });
                }
                Bucket::RescheduleNow(delay_ns) => {
                    let rescheduled = Some(Rescheduled { time_ns: self.view.now_ns, delay_ns });
                    self.gone.push(Gone { alloc, rescheduled });
                }
                Bucket::RescheduleLater(at) => {
                    if alloc.follow_up_eval.is_nil() {
                        later.entry(at).or_default().push(alloc.id);
                    }
                    self.stay(alloc);
                }
                Bucket::Disconnect { until_ns, replace } => self.disconnect(alloc, until_ns, replace),
                Bucket::Waiting(true) => {}
                Bucket::Waiting(false) => self.wait(alloc),
                Bucket::StopsOnClient(until_ns) => {
                    if alloc.follow_up_eval.is_nil() {
                        let mark = Mark { alloc_id: alloc.id, ..Mark::default() };
                        let trigger = Trigger::MaxDisconnectTimeout;
                        self.changes.later.push(Later { at_ns: until_ns, trigger, marks: vec![mark] });
                    }
                    self.wait(alloc);
                }
            }
        }
        self.changes.updates.reschedule_later = later.values().map(|ids| ids.len() as u64).sum();
        self.changes.later.extend(batches(later));
    }

    fn stay(&mut self, alloc: &'a Allocation) {
        let canary = alloc.deployment_status.is_some_and(|status| status.canary);
        if canary && alloc.deployment_id == self.deployment {
            self.canaries.push(alloc);
        } else {
            self.stays.push(alloc);
        }
    }

    fn wait(&mut self, alloc: &Allocation) {
        self.waiting += 1;
        self.names.take(alloc.index().unwrap_or(0));
        self.changes.updates.ignore += 1;
    }

    fn disconnect(&mut self, alloc: &'a Allocation, until_ns: i64, replace: bool) {
        let mark = Mark {
            alloc_id: alloc.id,
            client_status: Some(ClientStatus::Unknown),
            client_description: UNKNOWN.to_owned(),
            ..Mark::default()
        };
        self.changes.updates.disconnect += 1;
        if until_ns == i64::MAX {
            self.changes.marks.push(mark);
        } else {
            let trigger = Trigger::MaxDisconnectTimeout;
            self.changes.later.push(Later { at_ns: until_ns, trigger, marks: vec![mark] });
        }
        if replace {
            self.gone.push(Gone { alloc, rescheduled: None });
        } else {
            self.waiting += 1;
            self.names.take(alloc.index().unwrap_or(0));
        }
    }

    /// Canaries of a roll-out that was overtaken or has failed are of no use.
    fn stop_stale_canary(&mut self, alloc: &Allocation) -> bool {
        let canary = alloc.deployment_status.is_some_and(|status: DeploymentHealth| status.canary);
        let stale = alloc.deployment_id != self.deployment || self.failed && self.canarying();
        if !canary || !stale || alloc.terminal() {
            return false;
        }
        self.changes.stop(alloc, NOT_NEEDED, None);
        self.changes.updates.stop += 1;
        true
    }

    /// Where an allocation and its stand-in both run, one of them has to go: `disconnect.reconcile`.
    fn settle_reconnected(&mut self) {
        let pairs: Vec<(&Allocation, AllocId)> = self
            .stays
            .iter()
            .filter(|alloc| !alloc.terminal())
            .filter_map(|alloc| Some((*alloc, self.view.stand_in(alloc)?)))
            .collect();
        for (original, stand_in) in pairs {
            let Some(other) = self.view.state.alloc(stand_in) else { continue };
            let keep_original = self.view.current(original) && prefers(self.group, original, other);
            let leaves = if keep_original { stand_in } else { original.id };
            let Some(leaving) = self.stays.iter().position(|alloc| alloc.id == leaves) else { continue };
            let leaving = self.stays.remove(leaving);
            self.changes.stop(leaving, RECONNECTED, None);
            self.changes.updates.stop += 1;
            self.changes.updates.reconnect += 1;
        }
    }

    /// Stops what is too much: doubles of a name first, then what has to move anyway, then the highest numbers.
    fn stop_excess(&mut self) {
        let present = self.stays.len() + self.migrates.len() + self.waiting;
        let mut excess = present.saturating_sub(self.count);
        self.stays.sort_by_key(|alloc| (alloc.index().unwrap_or(0), alloc.create_index, alloc.id));
        for at in (0..self.stays.len()).rev() {
            // No name runs twice: a promoted canary takes the place of the one whose name it has, even where that
            // leaves fewer than are wanted.
            if let Some(double) = self.double_of(at) {
                let alloc = self.stays.remove(double);
                self.drop_excess(alloc);
                excess = excess.saturating_sub(1);
            }
        }
        while excess > 0 {
            let Some((alloc, _)) = self.migrates.pop() else { break };
            self.drop_excess(alloc);
            excess -= 1;
        }
        while excess > 0 {
            let Some(alloc) = self.stays.pop() else { break };
            self.drop_excess(alloc);
            excess -= 1;
        }
    }

    /// Of the allocation at `at` and its neighbour of the same name, the one that goes: one that has ended, one of
    /// another version, or else the younger one.
    fn double_of(&self, at: usize) -> Option<usize> {
        let older = at.checked_sub(1)?;
        if self.stays[older].index() != self.stays[at].index() {
            return None;
        }
        let weak = |at: usize| {
            let alloc = self.stays[at];
            (alloc.terminal(), !self.view.current(alloc))
        };
        Some(if weak(older) > weak(at) { older } else { at })
    }

    fn drop_excess(&mut self, alloc: &Allocation) {
        if alloc.terminal() {
            return;
        }
        self.changes.stop(alloc, NOT_NEEDED, None);
        self.changes.updates.stop += 1;
    }

    /// Sorts what stays by what the new version asks of it.
    fn compare_versions(&mut self, allocs: &[&'a Arc<Allocation>]) {
        let mut same = 0;
        for (alloc, _) in &self.migrates {
            self.names.take(alloc.index().unwrap_or(0));
        }
        let asks = || Suits::new(self.view.state, self.view.job, self.group);
        let mut suits = None;
        for alloc in std::mem::take(&mut self.stays) {
            self.names.take(alloc.index().unwrap_or(0));
            if self.view.current(alloc) {
                same += 1;
                self.stays.push(alloc);
                continue;
            }
            let comparable = alloc.job_create_index == self.view.job.create_index;
            let old = alloc.group().filter(|_| comparable);
            match old.map(|old| update::destructive(&alloc.job, old, self.view.job, self.group)) {
                Some(false) if alloc.terminal() => {
                    same += 1;
                    self.stays.push(alloc);
                }
                Some(false) if suits.get_or_insert_with(asks).stays(alloc) => {
                    self.changes.in_place.push(alloc.id);
                    self.stays.push(alloc);
                }
                _ => self.destructive.push(alloc),
            }
        }
        self.changes.updates.ignore += same;
        self.changes.updates.in_place_update = self.changes.in_place.len() as u64;
        let known = allocs.iter().any(|alloc| self.view.current(alloc));
        let changed = !self.destructive.is_empty() || !self.changes.in_place.is_empty();
        self.changes.rolls_out = self.max_parallel.is_some() && self.count > 0 && (!known || changed);
    }

    fn place_canaries(&mut self) {
        let promoted = self.progress.is_some_and(|group| group.promoted);
        let canarying = self.canarying() || !self.destructive.is_empty();
        let required = self.wanted_canaries > 0 && !promoted && canarying;
        for canary in &self.canaries {
            self.names.take(canary.index().unwrap_or(0));
        }
        self.changes.updates.ignore += self.canaries.len() as u64;
        if required {
            self.changes.canaries = self.wanted_canaries;
        }
        self.limit = self.room_to_update(required || self.canarying());
        let missing = usize::try_from(self.wanted_canaries).unwrap_or(0).saturating_sub(self.canaries.len());
        if !required || self.held || self.failed {
            return;
        }
        self.changes.updates.canary = missing as u64;
        let taken: BTreeSet<u64> = self.canaries.iter().filter_map(|alloc| alloc.index()).collect();
        let old = self.destructive.iter().filter_map(|alloc| alloc.index());
        let mut free: Vec<u64> = old.filter(|index| !taken.contains(index)).collect();
        free.reverse();
        let (lost, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.gone).into_iter().partition(|gone| {
            let canary = gone.alloc.deployment_status.is_some_and(|status| status.canary);
            canary && gone.alloc.deployment_id == self.deployment
        });
        self.gone = gone;
        for gone in lost.iter().take(missing) {
            let wanted = self.replacement(gone.alloc, RESCHEDULED);
            self.changes.wanted.push(Wanted { rescheduled: gone.rescheduled, ..wanted });
        }
        for _ in lost.len()..missing {
            let index = free.pop().unwrap_or_else(|| self.names.lowest_free());
            self.changes.wanted.push(Wanted { index, canary: true, ..Wanted::default() });
        }
    }

    /// How many allocations may be replaced in this round.
    fn room_to_update(&self, canarying: bool) -> usize {
        let Some(max_parallel) = self.max_parallel else {
            return usize::MAX;
        };
        if self.held || self.failed || canarying {
            return 0;
        }
        let watched = |alloc: &&Allocation| {
            !self.deployment.is_nil() && alloc.deployment_id == self.deployment && !alloc.terminal()
        };
        let there = self.stays.iter().chain(&self.canaries).copied();
        room_to_update(max_parallel, there.filter(watched))
    }

    /// Fills what is missing: first what others leave behind, then new names.
    fn place(&mut self) {
        let canarying = self.changes.canaries > 0 && self.progress.is_none_or(|group| !group.promoted);
        let ready = !self.held && !self.failed && !canarying && !self.canarying();
        let present = self.stays.len()
            + self.destructive.len()
            + self.migrates.len()
            + self.waiting
            + if canarying || self.canarying() { 0 } else { self.canaries.len() };
        let mut missing = self.count.saturating_sub(present);
        let mut placed = 0;
        for gone in std::mem::take(&mut self.gone) {
            let of_failed = self.failed && gone.rescheduled.is_some();
            if missing == 0 || of_failed && gone.alloc.deployment_id == self.deployment {
                continue;
            }
            missing -= 1;
            placed += 1;
            let mut wanted = self.replacement(gone.alloc, RESCHEDULED);
            wanted.keeps_version = self.keeps_version(gone.alloc);
            wanted.index = self.names.claim(wanted.index);
            wanted.rescheduled = gone.rescheduled;
            match gone.rescheduled {
                Some(_) => self.changes.updates.reschedule_now += 1,
                None => wanted.instead_of = None,
            }
            self.changes.wanted.push(wanted);
        }
        if ready {
            placed += missing;
            for _ in 0..missing {
                let index = self.names.lowest_free();
                self.changes.wanted.push(Wanted { index, ..Wanted::default() });
            }
        }
        self.changes.updates.place += placed as u64;
        self.limit = self.limit.saturating_sub(placed);
    }

    /// Replaces as many of the outdated ones as may be replaced now; the others wait for their turn.
    fn replace(&mut self) {
        let now = self.limit.min(self.destructive.len());
        // A promoted canary has the name of an outdated one: that name is not given a second time.
        let held: BTreeSet<u64> = self.stays.iter().filter_map(|alloc| alloc.index()).collect();
        for at in 0..now {
            let mut wanted = self.replacement(self.destructive[at], UPDATED);
            if held.contains(&wanted.index) {
                wanted.index = self.names.lowest_free();
            }
            self.changes.wanted.push(wanted);
        }
        self.changes.updates.destructive_update = now as u64;
        self.changes.updates.ignore += (self.destructive.len() - now) as u64;
    }

    fn migrate(&mut self) {
        for (alloc, replace) in std::mem::take(&mut self.migrates) {
            self.changes.stop(alloc, MIGRATED, None);
            self.changes.updates.migrate += 1;
            if replace {
                let keeps_version = self.keeps_version(alloc);
                let wanted = Wanted { instead_of: None, keeps_version, ..self.replacement(alloc, MIGRATED) };
                self.changes.wanted.push(wanted);
            }
        }
    }

    /// While canaries of the new version wait for their promotion, what goes is replaced as it was.
    fn keeps_version(&self, alloc: &Allocation) -> bool {
        let canarying = self.canarying() || self.changes.canaries > 0;
        let incarnation = alloc.job_create_index == self.view.job.create_index;
        canarying && incarnation && !self.view.current(alloc) && alloc.group().is_some()
    }

    /// What takes the place of an allocation that is stopped once there is room for the new one.
    fn replacement(&self, alloc: &Allocation, description: &str) -> Wanted {
        let failed_on = alloc.reschedule_events.iter().map(|event| event.previous_node);
        let failed = alloc.client_status == ClientStatus::Failed;
        let sticky = self.group.ephemeral_disk.sticky && !failed;
        Wanted {
            index: alloc.index().unwrap_or(0),
            previous: alloc.id,
            canary: alloc.deployment_status.is_some_and(|status| status.canary),
            avoid: failed.then_some(alloc.node_id).into_iter().chain(failed_on).collect(),
            prefer: sticky.then_some(alloc.node_id),
            instead_of: Some(planned_stop(alloc, description, None)),
            ..Wanted::default()
        }
    }
}

/// Which of two that both run is kept, by the strategy of the block; the original unless something speaks for the
/// other.
fn prefers(group: &TaskGroup, original: &Allocation, other: &Allocation) -> bool {
    let strategy = group.disconnect.as_ref().and_then(|block| block.reconcile.as_deref());
    let started = |alloc: &Allocation| {
        let starts = alloc.task_states.values().map(|state| state.started_at_ns);
        starts.filter(|&start| start > 0).max().unwrap_or(i64::MAX)
    };
    match strategy {
        Some("keep_replacement") => false,
        Some("longest_running") => started(original) <= started(other),
        _ => true,
    }
}

/// Failed allocations gathered into as few evaluations as their times allow.
fn batches(later: BTreeMap<i64, Vec<AllocId>>) -> Vec<Later> {
    let mut batches: Vec<Later> = Vec::new();
    for (at_ns, ids) in later {
        let marks = ids.into_iter().map(|alloc_id| Mark { alloc_id, ..Mark::default() });
        match batches.last_mut().filter(|batch| at_ns < batch.at_ns.saturating_add(BATCH_NS)) {
            Some(batch) => batch.marks.extend(marks),
            None => {
                let trigger = Trigger::AllocFailure;
                batches.push(Later { at_ns, trigger, marks: marks.collect() });
            }
        }
    }
    batches
}
