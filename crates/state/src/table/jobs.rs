//! Jobs, their versions, summaries and tallies.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use model::id::JobKey;
use model::job::{JobSubmission, ScalingEvents};
use model::{Allocation, ClientStatus, Evaluation, Job, JobStatus, JobType};
use serde::{Deserialize, Serialize};

/// Untagged versions kept of a job: `job_tracked_versions` of the original.
pub const TRACKED_VERSIONS: usize = 6;

/// A job with what is counted of it.
#[derive(Debug, Clone)]
pub(crate) struct JobEntry {
    pub(crate) job: Arc<Job>,
    pub(crate) summary: Arc<JobSummary>,
}

/// What exists of a job, dead or alive; kept for purged jobs too, as long as something of them is left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) allocs: u64,
    pub(crate) allocs_live: u64,
    pub(crate) evals: u64,
    pub(crate) evals_live: u64,
    pub(crate) deployments_active: u64,
}

/// Allocations of a job by group and client status: `JobSummary` of the API.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct JobSummary {
    /// By group.
    pub groups: BTreeMap<String, GroupSummary>,
    /// Jobs that it launched.
    pub children: ChildrenSummary,
    /// Index of the job's creation.
    pub create_index: u64,
    /// Index of the last change.
    pub modify_index: u64,
}

/// Jobs that a periodic or parameterized job launched, by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChildrenSummary {
    /// Nothing of them is placed yet.
    pub pending: i64,
    /// Something of them runs.
    pub running: i64,
    /// Ended or stopped.
    pub dead: i64,
}

impl ChildrenSummary {
    /// True while one of them is not dead.
    pub fn alive(&self) -> bool {
        self.pending + self.running > 0
    }

    /// Moves one child from one status to another; `None` is "was not there", or "is there no more".
    pub(crate) fn shift(&mut self, from: Option<JobStatus>, to: Option<JobStatus>) {
        for (status, step) in [(from, -1), (to, 1)] {
            let count = match status {
                None => continue,
                Some(JobStatus::Pending) => &mut self.pending,
                Some(JobStatus::Running) => &mut self.running,
                Some(JobStatus::Dead) => &mut self.dead,
            };
            *count = (*count + step).max(0);
        }
    }
}

/// Allocations of one group by client status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupSummary {
    /// Wanted, but not placed.
    pub queued: i64,
    /// Ended well.
    pub complete: i64,
    /// Ended badly.
    pub failed: i64,
    /// Running.
    pub running: i64,
    /// Placed, not yet running.
    pub starting: i64,
    /// On a node that is down.
    pub lost: i64,
    /// On a node that is silent.
    pub unknown: i64,
}

impl GroupSummary {
    fn count(&mut self, status: ClientStatus) -> &mut i64 {
        match status {
            ClientStatus::Pending => &mut self.starting,
            ClientStatus::Running => &mut self.running,
            ClientStatus::Complete => &mut self.complete,
            ClientStatus::Failed => &mut self.failed,
            ClientStatus::Lost => &mut self.lost,
            ClientStatus::Unknown => &mut self.unknown,
        }
    }

    /// Moves one allocation from one status to another; `None` is "was not there".
    pub(crate) fn shift(&mut self, from: Option<ClientStatus>, to: ClientStatus) {
        if let Some(from) = from {
            let count = self.count(from);
            *count = (*count - 1).max(0);
        } else {
            self.queued = (self.queued - 1).max(0);
        }
        *self.count(to) += 1;
    }
}

/// How far the clock of a periodic job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PeriodicLaunch {
    /// The last launch, or when the clock was set, ns since 1970. What was to be launched until then has been.
    pub(crate) launch_ns: i64,
}

/// Name of one version: the incarnation keeps purged and registered-again jobs apart.
pub(crate) type VersionKey = (JobKey, u64, u64);

/// All jobs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jobs {
    pub(crate) current: OrdMap<JobKey, JobEntry>,
    pub(crate) versions: OrdMap<VersionKey, Arc<Job>>,
    pub(crate) tallies: OrdMap<JobKey, Tally>,
    pub(crate) submissions: OrdMap<VersionKey, Arc<JobSubmission>>,
    pub(crate) scaling_events: OrdMap<JobKey, Arc<ScalingEvents>>,
    /// Jobs that run on every node: a node that comes concerns all of them.
    pub(crate) on_every_node: OrdSet<JobKey>,
    /// Of periodic jobs whose clock runs.
    pub(crate) launches: OrdMap<JobKey, PeriodicLaunch>,
}

impl Jobs {
    /// Makes a job the current one of its name.
    pub(crate) fn put(&mut self, key: JobKey, entry: JobEntry) {
        if matches!(entry.job.kind, JobType::System | JobType::Sysbatch) {
            self.on_every_node.insert(key.clone());
        } else {
            self.on_every_node.remove(&key);
        }
        self.current.insert(key, entry);
    }

    /// Forgets the current job of a name.
    pub(crate) fn remove(&mut self, key: &JobKey) {
        self.on_every_node.remove(key);
        self.current.remove(key);
    }

    pub(crate) fn tally(&self, key: &JobKey) -> Tally {
        self.tallies.get(key).copied().unwrap_or_default()
    }

    pub(crate) fn change_tally(&mut self, key: &JobKey, change: impl FnOnce(&mut Tally)) {
        let mut tally = self.tally(key);
        change(&mut tally);
        if tally == Tally::default() {
            self.tallies.remove(key);
        } else {
            self.tallies.insert(key.clone(), tally);
        }
    }

    pub(crate) fn count_alloc(&mut self, key: &JobKey, old: Option<&Allocation>, new: Option<&Allocation>) {
        let live = |alloc: Option<&Allocation>| u64::from(alloc.is_some_and(|alloc| !alloc.terminal()));
        self.change_tally(key, |tally| {
            tally.allocs = tally.allocs + u64::from(new.is_some()) - u64::from(old.is_some());
            tally.allocs_live = tally.allocs_live + live(new) - live(old);
        });
    }

    pub(crate) fn count_eval(&mut self, key: &JobKey, old: Option<&Evaluation>, new: Option<&Evaluation>) {
        let live = |eval: Option<&Evaluation>| u64::from(eval.is_some_and(|eval| !eval.terminal()));
        self.change_tally(key, |tally| {
            tally.evals = tally.evals + u64::from(new.is_some()) - u64::from(old.is_some());
            tally.evals_live = tally.evals_live + live(new) - live(old);
        });
    }

    /// Versions of a job's incarnation, oldest first.
    pub(crate) fn versions_of(&self, key: &JobKey, incarnation: u64) -> impl Iterator<Item = &Arc<Job>> {
        let range = (key.clone(), incarnation, 0)..=(key.clone(), incarnation, u64::MAX);
        self.versions.range(range).map(|(_, job)| job)
    }
}
