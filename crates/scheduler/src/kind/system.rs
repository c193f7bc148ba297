//! System and sysbatch jobs: one allocation of each group on every node that may hold it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::id::NodeId;
use model::{Allocation, ClientStatus, DeploymentStatus, Job, JobType, Node, TaskGroup};
use state::State;

use crate::feasible::{Suits, in_reach};
use crate::reconcile::{
    GroupChanges, LOST, NOT_NEEDED, Question, UPDATED, Wanted, planned_stop, room_to_update, stop_all, update,
};

const TAINTED: &str = "alloc not needed as node is tainted";

/// Ready nodes of the job's pool and datacenters.
pub fn nodes<'a>(state: &'a State, job: &'a Job) -> impl Iterator<Item = &'a Arc<Node>> {
    state.nodes().filter(|node| node.ready() && in_reach(job, node))
}

/// Compares what is wanted of a system job with what there is.
pub fn reconcile(question: &Question<'_>) -> Vec<GroupChanges> {
    let mut existing = question.by_group();
    let mut changes = Vec::new();
    if let Some(job) = question.job {
        for group in &job.task_groups {
            let allocs = existing.remove(group.name.as_str()).unwrap_or_default();
            changes.push(reconcile_group(question, job, group, &allocs));
        }
    }
    changes.extend(existing.into_iter().map(|(name, allocs)| stop_all(question.state, name, &allocs)));
    changes
}

fn reconcile_group(
    question: &Question<'_>,
    job: &Job,
    group: &TaskGroup,
    allocs: &[&Arc<Allocation>],
) -> GroupChanges {
    let mut work = Work {
        question,
        job,
        group,
        changes: GroupChanges { name: group.name.clone(), ..GroupChanges::default() },
        held: BTreeSet::new(),
        before: BTreeMap::new(),
        outdated: Vec::new(),
        suits: OnceCell::new(),
    };
    for alloc in allocs {
        work.look_at(alloc);
    }
    // Where canaries of an earlier version ran, this one's come first.
    work.outdated.sort_by_key(|alloc| !is_canary(alloc));
    let known = allocs.iter().any(|alloc| current(job, alloc));
    work.replace(allocs);
    work.fill();
    let changed = !work.outdated.is_empty() || !work.changes.in_place.is_empty();
    let watched = group.update.as_ref().is_some_and(|update| update.max_parallel > 0);
    let places = !known && !work.changes.wanted.is_empty();
    work.changes.rolls_out = watched && (places || changed);
    work.changes
}

fn current(job: &Job, alloc: &Allocation) -> bool {
    (alloc.job_create_index, alloc.job_version) == (job.create_index, job.version)
}

fn is_canary(alloc: &Allocation) -> bool {
    alloc.deployment_status.is_some_and(|status| status.canary)
}

/// A node and a number in a name.
type Slot = (NodeId, u64);

struct Work<'a> {
    question: &'a Question<'a>,
    job: &'a Job,
    group: &'a TaskGroup,
    changes: GroupChanges,
    /// Places that an allocation holds, or that need none.
    held: BTreeSet<Slot>,
    /// What was there before and has ended.
    before: BTreeMap<Slot, &'a Allocation>,
    outdated: Vec<&'a Allocation>,
    /// Read when the first allocation of another version is met.
    suits: OnceCell<Suits<'a>>,
}

impl<'a> Work<'a> {
    fn look_at(&mut self, alloc: &'a Allocation) {
        let slot = (alloc.node_id, alloc.index().unwrap_or(0));
        if alloc.terminal() {
            // Work that is done, well or badly, is not done again by this version.
            let done = self.job.kind == JobType::Sysbatch && alloc.client_status != ClientStatus::Lost;
            if done && current(self.job, alloc) && alloc.client_status.terminal() {
                self.held.insert(slot);
                self.changes.updates.ignore += 1;
            } else if self.before.get(&slot).is_none_or(|other| other.create_index < alloc.create_index) {
                self.before.insert(slot, alloc);
            }
            return;
        }
        let node = self.question.state.node(alloc.node_id);
        let Some(node) = node.filter(|node| !node.gone()) else {
            self.changes.stop(alloc, LOST, Some(ClientStatus::Lost));
            self.changes.updates.stop += 1;
            return;
        };
        if alloc.desired_transition.should_migrate() {
            self.changes.stop(alloc, TAINTED, None);
            self.changes.updates.stop += 1;
            return;
        }
        let unwanted = slot.1 >= u64::try_from(self.group.count).unwrap_or(0) || self.held.contains(&slot);
        if unwanted || !in_reach(self.job, node) {
            self.changes.stop(alloc, NOT_NEEDED, None);
            self.changes.updates.stop += 1;
            return;
        }
        self.held.insert(slot);
        if current(self.job, alloc) || !node.ready() {
            // A node that takes nothing new keeps what it has, as it is.
            self.changes.updates.ignore += 1;
        } else {
            self.compare(alloc);
        }
    }

    fn compare(&mut self, alloc: &'a Allocation) {
        let asks = || Suits::new(self.question.state, self.job, self.group);
        let old = alloc.group().filter(|_| alloc.job_create_index == self.job.create_index);
        match old.map(|old| update::destructive(&alloc.job, old, self.job, self.group)) {
            Some(false) if self.suits.get_or_init(asks).stays(alloc) => {
                self.changes.in_place.push(alloc.id);
                self.changes.updates.in_place_update += 1;
            }
            _ => self.outdated.push(alloc),
        }
    }

    fn instead_of(&self, alloc: &Allocation) -> Wanted {
        Wanted {
            index: alloc.index().unwrap_or(0),
            previous: alloc.id,
            only: Some(alloc.node_id),
            instead_of: Some(planned_stop(alloc, UPDATED, None)),
            ..Wanted::default()
        }
    }

    /// Replaces as many of the outdated ones as may be replaced now.
    fn replace(&mut self, allocs: &[&'a Arc<Allocation>]) {
        let mut now = self.room_to_update(allocs).min(self.outdated.len());
        let canaries = self.canaries();
        if let Some(wanted) = canaries {
            let mine =
                |alloc: &&&Arc<Allocation>| is_canary(alloc) && current(self.job, alloc) && !alloc.terminal();
            now = now.min(wanted.saturating_sub(allocs.iter().filter(mine).count()));
            self.changes.canaries = i64::try_from(wanted).unwrap_or(i64::MAX);
            self.changes.updates.canary = now as u64;
        }
        for alloc in &self.outdated[..now] {
            let wanted = Wanted { canary: canaries.is_some(), ..self.instead_of(alloc) };
            self.changes.wanted.push(wanted);
        }
        self.changes.updates.destructive_update = now as u64;
        self.changes.updates.ignore += (self.outdated.len() - now) as u64;
    }

    /// How many nodes try this version until it is promoted, if any have to: that share of the nodes which may hold the
    /// group, in percent, rounded up. A canary takes the place of what ran on its node, so going back to what the
    /// others still run asks for none.
    fn canaries(&self) -> Option<usize> {
        let update = self.group.update.as_ref().filter(|_| self.job.kind == JobType::System)?;
        let progress = self.question.deployment.and_then(|d| d.task_groups.get(&self.group.name));
        let wanted = match progress {
            Some(progress) => (!progress.promoted).then_some(progress.desired_canaries)?,
            None if self.outdated.iter().all(|alloc| is_canary(alloc)) => 0,
            None => {
                let total = super::desired_total(self.question.state, self.job, self.group);
                total.saturating_mul(update.canary.clamp(0, 100)).saturating_add(99) / 100
            }
        };
        usize::try_from(wanted).ok().filter(|wanted| *wanted > 0)
    }

    fn room_to_update(&self, allocs: &[&'a Arc<Allocation>]) -> usize {
        let update = self.group.update.as_ref().filter(|_| self.job.kind == JobType::System);
        let Some(max_parallel) = update.map(|update| update.max_parallel).filter(|&limit| limit > 0) else {
            return usize::MAX;
        };
        let Some(deployment) = self.question.deployment else {
            return usize::try_from(max_parallel).unwrap_or(usize::MAX);
        };
        if deployment.status != DeploymentStatus::Running {
            return 0;
        }
        let mine = |alloc: &&Allocation| alloc.deployment_id == deployment.id && !alloc.terminal();
        room_to_update(max_parallel, allocs.iter().map(|alloc| &***alloc).filter(mine))
    }

    /// Every node that has none gets one.
    fn fill(&mut self) {
        let frozen = self.question.deployment.is_some_and(|d| d.status != DeploymentStatus::Running);
        if frozen && !self.outdated.is_empty() {
            return;
        }
        // What a roll-out over the nodes comes to is counted as placed, whatever is there already: so the original
        // annotates plans of system jobs.
        let rolls = self.job.kind == JobType::System;
        for node in nodes(self.question.state, self.job) {
            for index in 0..u64::try_from(self.group.count).unwrap_or(0) {
                let held = self.held.contains(&(node.id, index));
                self.changes.updates.place += u64::from(rolls || !held);
                if held {
                    continue;
                }
                let previous = self.before.get(&(node.id, index)).map(|alloc| alloc.id).unwrap_or_default();
                let only = Some(node.id);
                self.changes.wanted.push(Wanted { index, previous, only, ..Wanted::default() });
            }
        }
    }
}
