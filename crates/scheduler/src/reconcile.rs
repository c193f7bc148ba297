//! What should change: the job as it is wanted against the allocations that there are. Where things go is not
//! decided here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::eval::DesiredUpdates;
use model::id::{AllocId, JobKey};
use model::plan::PlannedStop;
use model::{Allocation, ClientStatus, DesiredStatus, Job, TaskGroup};
use state::State;

const NOT_NEEDED: &str = "alloc not needed due to job update";
const UPDATED: &str = "alloc is being updated due to job update";
const MIGRATED: &str = "alloc is being migrated";
const LOST: &str = "alloc is lost since its node is down";

/// An allocation to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Number in its name.
    pub index: u64,
    /// The allocation that it replaces.
    pub previous: AllocId,
}

/// What should change in one group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupChanges {
    /// The group.
    pub name: String,
    /// Allocations to stop.
    pub stops: Vec<PlannedStop>,
    /// Allocations to make.
    pub wanted: Vec<Wanted>,
    /// Nothing of this version has been placed yet: a roll-out begins.
    pub fresh_version: bool,
    ignored: u64,
    replaced: u64,
    migrated: u64,
}

impl GroupChanges {
    /// As plan annotations show it.
    pub fn updates(&self) -> DesiredUpdates {
        DesiredUpdates {
            ignore: self.ignored,
            place: self.wanted.len() as u64 - self.replaced - self.migrated,
            stop: self.stops.len() as u64 - self.replaced - self.migrated,
            migrate: self.migrated,
            destructive_update: self.replaced,
            ..DesiredUpdates::default()
        }
    }

    fn stop(&mut self, alloc: &Allocation, description: &str, client_status: Option<ClientStatus>) {
        self.stops.push(PlannedStop {
            alloc_id: alloc.id,
            description: description.to_owned(),
            client_status,
            ..PlannedStop::default()
        });
    }
}

/// Compares what is wanted with what there is. `job` is `None` when nothing of it should run.
pub fn reconcile(state: &State, key: &JobKey, job: Option<&Job>) -> Vec<GroupChanges> {
    let mut existing: BTreeMap<&str, Vec<&Arc<Allocation>>> = BTreeMap::new();
    for alloc in state.allocs_of_job(key) {
        existing.entry(&alloc.task_group).or_default().push(alloc);
    }
    let mut changes = Vec::new();
    for group in job.iter().flat_map(|job| &job.task_groups) {
        let allocs = existing.remove(group.name.as_str()).unwrap_or_default();
        let job = job.expect("there are groups only where there is a job");
        changes.push(reconcile_group(state, job, group, &allocs));
    }
    // What is left belongs to groups that the job does not have (any more).
    for (name, allocs) in existing {
        let mut group = GroupChanges { name: name.to_owned(), ..GroupChanges::default() };
        for alloc in allocs.into_iter().filter(|alloc| !alloc.terminal()) {
            match gone(state, alloc) {
                true => group.stop(alloc, LOST, Some(ClientStatus::Lost)),
                false => group.stop(alloc, NOT_NEEDED, None),
            }
        }
        changes.push(group);
    }
    changes
}

fn gone(state: &State, alloc: &Allocation) -> bool {
    state.node(alloc.node_id).is_none_or(|node| node.gone())
}

fn reconcile_group(state: &State, job: &Job, group: &TaskGroup, allocs: &[&Arc<Allocation>]) -> GroupChanges {
    let mut changes = GroupChanges { name: group.name.clone(), ..GroupChanges::default() };
    let current =
        |alloc: &Allocation| alloc.job_create_index == job.create_index && alloc.job_version == job.version;
    changes.fresh_version = !allocs.iter().any(|alloc| current(alloc));
    let mut taken: BTreeMap<u64, &Allocation> = BTreeMap::new();
    let mut previous: BTreeMap<u64, AllocId> = BTreeMap::new();
    let mut replaced: BTreeSet<u64> = BTreeSet::new();
    let mut migrated: BTreeSet<u64> = BTreeSet::new();
    for alloc in allocs {
        let index = alloc.index().unwrap_or(0);
        match fate(state, alloc, current(alloc)) {
            Fate::Forget => {}
            Fate::Lost => {
                changes.stop(alloc, LOST, Some(ClientStatus::Lost));
                previous.insert(index, alloc.id);
            }
            Fate::Replace => {
                changes.stop(alloc, UPDATED, None);
                previous.insert(index, alloc.id);
                replaced.insert(index);
            }
            Fate::Migrate => {
                changes.stop(alloc, MIGRATED, None);
                previous.insert(index, alloc.id);
                migrated.insert(index);
            }
            Fate::Keep => {
                // Two with one name: the older one stays.
                if let Some(other) = taken.insert(index, alloc) {
                    let (stay, leave) = if other.create_index <= alloc.create_index {
                        (other, &***alloc)
                    } else {
                        (&***alloc, other)
                    };
                    taken.insert(index, stay);
                    if !leave.terminal() {
                        changes.stop(leave, NOT_NEEDED, None);
                    }
                }
            }
        }
    }
    fill(group, &mut changes, &taken, &previous);
    let count = u64::try_from(group.count).unwrap_or(0);
    let placed_anew = |indexes: &BTreeSet<u64>| {
        indexes.iter().filter(|&&index| index < count && !taken.contains_key(&index)).count()
    };
    changes.replaced = placed_anew(&replaced) as u64;
    changes.migrated = placed_anew(&migrated) as u64;
    changes
}

enum Fate {
    /// It holds its name.
    Keep,
    /// It is over; its name is free.
    Forget,
    /// Its node is down.
    Lost,
    /// It runs another version.
    Replace,
    /// Somebody wants it moved.
    Migrate,
}

fn fate(state: &State, alloc: &Allocation, current: bool) -> Fate {
    if alloc.desired_status != DesiredStatus::Run {
        return Fate::Forget;
    }
    match alloc.client_status {
        // Finished work of this version is not done again, and a failed allocation stays failed.
        ClientStatus::Complete | ClientStatus::Failed if current => Fate::Keep,
        ClientStatus::Complete | ClientStatus::Failed | ClientStatus::Lost => Fate::Forget,
        _ if gone(state, alloc) => Fate::Lost,
        _ if alloc.desired_transition.should_migrate() => Fate::Migrate,
        _ if current => Fate::Keep,
        _ => Fate::Replace,
    }
}

/// Stops what is too much, from the highest number down, and asks for what is missing, from the lowest up.
fn fill(
    group: &TaskGroup,
    changes: &mut GroupChanges,
    taken: &BTreeMap<u64, &Allocation>,
    previous: &BTreeMap<u64, AllocId>,
) {
    let count = u64::try_from(group.count).unwrap_or(0);
    for (&index, alloc) in taken {
        if index >= count && !alloc.terminal() {
            changes.stop(alloc, NOT_NEEDED, None);
        } else {
            changes.ignored += 1;
        }
    }
    for index in (0..count).filter(|index| !taken.contains_key(index)) {
        let previous = previous.get(&index).copied().unwrap_or(AllocId::NIL);
        changes.wanted.push(Wanted { index, previous });
    }
}
