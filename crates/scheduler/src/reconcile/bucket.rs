//! What one allocation is to its group: it stays, it has to move, it is lost, it failed and comes back.

use model::{AllocId, Allocation, ClientStatus, DesiredStatus, EvalId, Job, Node, TaskGroup, TaskState};
use state::State;

use super::reschedule::{self, Again};

/// What is known beside the allocation itself.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The cluster.
    pub state: &'a State,
    /// The job as it is wanted.
    pub job: &'a Job,
    /// The evaluation in hand.
    pub eval_id: EvalId,
    /// Finished work is not done again.
    pub batch: bool,
    /// The active deployment of this version: what failed in it comes back only when it is told to.
    pub deployment: model::DeploymentId,
    /// Now, ns since 1970.
    pub now_ns: i64,
}

/// What an allocation is to its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// It counts for nothing; its name is free.
    Over,
    /// It holds its place: it runs, or what it had to do is done, or it has failed for good.
    Stay,
    /// It has to leave its node. False: and nothing takes its place.
    Migrate(bool),
    /// Its node is gone.
    Lost,
    /// It failed and is placed anew now, after this delay, ns.
    RescheduleNow(i64),
    /// It failed and is placed anew at this time, ns since 1970. Until then it holds its place.
    RescheduleLater(i64),
    /// Its node has just fallen silent and may come back until then, ns since 1970.
    Disconnect {
        /// When it counts as lost.
        until_ns: i64,
        /// Another one runs meanwhile.
        replace: bool,
    },
    /// Its node is silent, and its time is not up. True: another one runs meanwhile.
    Waiting(bool),
    /// Its node is gone, but its tasks may run on until then, ns since 1970: nothing takes its place before.
    StopsOnClient(i64),
}

impl<'a> View<'a> {
    /// True when the allocation runs the version that is wanted.
    pub fn current(&self, alloc: &Allocation) -> bool {
        alloc.job_create_index == self.job.create_index && alloc.job_version == self.job.version
    }

    /// Sorts an allocation.
    pub fn bucket(&self, alloc: &Allocation) -> Bucket {
        let ended = alloc.client_status.terminal();
        if self.batch && ended && !self.current(alloc) {
            return Bucket::Over;
        }
        if alloc.desired_status != DesiredStatus::Run {
            let done = self.batch && ended && ran_well(alloc);
            return if done { Bucket::Stay } else { Bucket::Over };
        }
        match alloc.client_status {
            ClientStatus::Complete if self.batch => Bucket::Stay,
            ClientStatus::Complete | ClientStatus::Lost => Bucket::Over,
            ClientStatus::Failed => self.failed(alloc),
            ClientStatus::Pending | ClientStatus::Running | ClientStatus::Unknown => self.living(alloc),
        }
    }

    fn failed(&self, alloc: &Allocation) -> Bucket {
        // Somebody stands in for it already.
        if !alloc.next_allocation.is_nil() && self.state.alloc(alloc.next_allocation).is_some() {
            return Bucket::Over;
        }
        if alloc.desired_transition.force_reschedule == Some(true) {
            return Bucket::RescheduleNow(0);
        }
        if alloc.desired_transition.should_migrate() {
            return Bucket::Migrate(alloc.desired_transition.migrate_disable_placement != Some(true));
        }
        let held = !alloc.deployment_id.is_nil() && alloc.deployment_id == self.deployment;
        if held && alloc.desired_transition.reschedule != Some(true) {
            return Bucket::Stay;
        }
        match reschedule::decide(alloc, self.now_ns) {
            Again::Never => Bucket::Stay,
            Again::Now(delay) => Bucket::RescheduleNow(delay),
            Again::At(_, delay) if alloc.follow_up_eval == self.eval_id => Bucket::RescheduleNow(delay),
            Again::At(at, _) => Bucket::RescheduleLater(at),
        }
    }

    fn living(&self, alloc: &Allocation) -> Bucket {
        let node = self.state.node(alloc.node_id);
        match node {
            Some(node) if !node.silent() => self.reachable(alloc),
            _ => self.unreachable(alloc, node.map(|node| &**node)),
        }
    }

    fn reachable(&self, alloc: &Allocation) -> Bucket {
        if alloc.desired_transition.should_migrate() {
            Bucket::Migrate(alloc.desired_transition.migrate_disable_placement != Some(true))
        } else if alloc.desired_transition.force_reschedule == Some(true) {
            Bucket::RescheduleNow(0)
        } else if alloc.client_status == ClientStatus::Unknown {
            // Its node is back, but has not said yet how it is.
            Bucket::Waiting(self.stand_in(alloc).is_some())
        } else {
            Bucket::Stay
        }
    }

    fn unreachable(&self, alloc: &Allocation, node: Option<&Node>) -> Bucket {
        let (Some(node), Some(group)) = (node, alloc.group()) else {
            return Bucket::Lost;
        };
        if let Some(patience) = group.lost_after_ns() {
            let replace = replaces(group);
            let since = alloc.status_changes.last().map_or(self.now_ns, |change| change.time_ns);
            let until_ns = since.saturating_add(patience);
            return match alloc.client_status {
                ClientStatus::Unknown if self.now_ns >= until_ns => Bucket::Lost,
                ClientStatus::Unknown => Bucket::Waiting(replace),
                ClientStatus::Running => Bucket::Disconnect { until_ns, replace },
                _ => Bucket::Lost,
            };
        }
        if group.prevent_reschedule_on_lost {
            return match alloc.client_status {
                ClientStatus::Unknown => Bucket::Waiting(false),
                _ => Bucket::Disconnect { until_ns: i64::MAX, replace: false },
            };
        }
        let Some(grace) = stop_after(group) else {
            return Bucket::Lost;
        };
        let until_ns = node.status_updated_at.saturating_mul(1_000_000_000).saturating_add(grace);
        if until_ns <= self.now_ns || alloc.follow_up_eval == self.eval_id {
            return Bucket::Lost;
        }
        Bucket::StopsOnClient(until_ns)
    }

    /// The allocation that stands in for this one while it still runs itself: its node was silent and came back.
    pub fn stand_in(&self, alloc: &Allocation) -> Option<AllocId> {
        let other = self.state.alloc(alloc.next_allocation)?;
        (!other.terminal() && other.task_group == alloc.task_group && self.current(other)).then_some(other.id)
    }
}

fn replaces(group: &TaskGroup) -> bool {
    group.disconnect.as_ref().and_then(|block| block.replace).unwrap_or(!group.prevent_reschedule_on_lost)
}

fn stop_after(group: &TaskGroup) -> Option<i64> {
    let block = group.disconnect.as_ref().and_then(|block| block.stop_on_client_after);
    block.or(group.stop_after_client_disconnect).map(|grace| grace.0)
}

/// Every task of a batch allocation ended well, and by itself: what was told to stop has not done its work.
fn ran_well(alloc: &Allocation) -> bool {
    let by_itself = |state: &TaskState| {
        state.successful() && !state.events.iter().any(|event| ["Killing", "Killed"].contains(&&*event.kind))
    };
    !alloc.task_states.is_empty() && alloc.task_states.values().all(by_itself)
}
