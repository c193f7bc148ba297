//! What should change: the job as it is wanted against the allocations that there are. Where things go is not
//! decided here.

pub mod bucket;
pub mod group;
pub mod names;
pub mod reschedule;
pub mod update;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::eval::DesiredUpdates;
use model::id::{AllocId, EvalId, JobKey, NodeId};
use model::plan::{Mark, PlannedStop, Rescheduled};
use model::{Allocation, ClientStatus, Deployment, Job, Trigger};
use state::State;

pub(crate) const NOT_NEEDED: &str = "alloc not needed due to job update";
pub(crate) const UPDATED: &str = "alloc is being updated due to job update";
pub(crate) const MIGRATED: &str = "alloc is being migrated";
pub(crate) const LOST: &str = "alloc is lost since its node is down";
const UNKNOWN: &str = "alloc is unknown since its node is disconnected";
const RESCHEDULED: &str = "alloc was rescheduled because it failed";
const RECONNECTED: &str = "alloc not needed due to disconnected client reconnect";

/// An allocation to make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Number in its name.
    pub index: u64,
    /// The allocation that it replaces.
    pub previous: AllocId,
    /// It stays what it was: of the version of the allocation that it replaces.
    pub keeps_version: bool,
    /// It goes ahead of the others of its version.
    pub canary: bool,
    /// It stands in for one that failed.
    pub rescheduled: Option<Rescheduled>,
    /// Nodes that earlier ones failed on.
    pub avoid: Vec<NodeId>,
    /// Node that has its data.
    pub prefer: Option<NodeId>,
    /// The node that it is for, of a system job.
    pub only: Option<NodeId>,
    /// What is stopped once there is a place for it, and not before.
    pub instead_of: Option<PlannedStop>,
}

/// Something to look at again later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// When, ns since 1970.
    pub at_ns: i64,
    /// Why the evaluation is made.
    pub trigger: Trigger,
    /// What to note of the allocations that wait for it.
    pub marks: Vec<Mark>,
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
    /// Allocations that go over to the new version in place.
    pub in_place: Vec<AllocId>,
    /// What is noted of allocations that stay.
    pub marks: Vec<Mark>,
    /// What has to be looked at again later.
    pub later: Vec<Later>,
    /// Something of this version has to be rolled out: a deployment watches over it.
    pub rolls_out: bool,
    /// Canaries that the deployment asks for.
    pub canaries: i64,
    /// As plan annotations show it.
    pub updates: DesiredUpdates,
}

impl GroupChanges {
    pub(crate) fn stop(
        &mut self,
        alloc: &Allocation,
        description: &str,
        client_status: Option<ClientStatus>,
    ) {
        self.stops.push(planned_stop(alloc, description, client_status));
    }
}

pub(crate) fn planned_stop(
    alloc: &Allocation,
    description: &str,
    client_status: Option<ClientStatus>,
) -> PlannedStop {
    PlannedStop {
        alloc_id: alloc.id,
        description: description.to_owned(),
        client_status,
        ..PlannedStop::default()
    }
}

/// What is asked of a reconciliation.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The cluster.
    pub state: &'a State,
    /// The job's name.
    pub key: &'a JobKey,
    /// The job; `None` when nothing of it should run.
    pub job: Option<&'a Job>,
    /// The newest deployment of this version that has not ended well.
    pub deployment: Option<&'a Deployment>,
    /// The evaluation in hand.
    pub eval_id: EvalId,
    /// Now, ns since 1970.
    pub now_ns: i64,
}

impl<'a> Question<'a> {
    /// The job's allocations by group, in the order of their ids.
    pub(crate) fn by_group(&self) -> BTreeMap<&'a str, Vec<&'a Arc<Allocation>>> {
        let mut groups: BTreeMap<&str, Vec<&Arc<Allocation>>> = BTreeMap::new();
        for alloc in self.state.allocs_of_job(self.key) {
            groups.entry(&alloc.task_group).or_default().push(alloc);
        }
        groups
    }
}

/// Compares what is wanted of a service or batch job with what there is.
pub fn reconcile(question: &Question<'_>) -> Vec<GroupChanges> {
    let mut existing = question.by_group();
    let mut changes = Vec::new();
    if let Some(job) = question.job {
        for group in &job.task_groups {
            let allocs = existing.remove(group.name.as_str()).unwrap_or_default();
            changes.push(group::reconcile(question, job, group, &allocs));
        }
    }
    // What is left belongs to groups that the job does not have (any more).
    changes.extend(existing.into_iter().map(|(name, allocs)| stop_all(question.state, name, &allocs)));
    changes
}

/// How many allocations may be replaced in this round without leaving too few well ones: none while one of the
/// roll-out is unwell, and the fewer the more have not said yet.
pub(crate) fn room_to_update<'a>(max_parallel: i64, watched: impl Iterator<Item = &'a Allocation>) -> usize {
    let mut room = usize::try_from(max_parallel).unwrap_or(0);
    for alloc in watched {
        match alloc.deployment_status.and_then(|status| status.healthy) {
            Some(true) => {}
            Some(false) => return 0,
            None => room = room.saturating_sub(1),
        }
    }
    room
}

/// Stops everything of a group.
pub(crate) fn stop_all(state: &State, name: &str, allocs: &[&Arc<Allocation>]) -> GroupChanges {
    let mut group = GroupChanges { name: name.to_owned(), ..GroupChanges::default() };
    for alloc in allocs.iter().filter(|alloc| !alloc.terminal()) {
        match state.node(alloc.node_id).is_none_or(|node| node.gone()) {
            true => group.stop(alloc, LOST, Some(ClientStatus::Lost)),
            false => group.stop(alloc, NOT_NEEDED, None),
        }
    }
    group.updates.stop = group.stops.len() as u64;
    group
}
