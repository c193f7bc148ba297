//! Jobs, and what is kept under their names: versions, summaries, tallies, evaluations.
//!
//! Whatever changes with a job lies in one record. A table is a persistent tree, in which a change copies the nodes on its
//! way and counts up every entry of them; five tables by the same name cost five such ways for each registration.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use model::id::{EvalId, JobKey};
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

/// What is kept under one name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// The current job; none once it is purged.
    pub(crate) entry: Option<JobEntry>,
    pub(crate) tally: Tally,
    /// By incarnation and version. Few: older ones are forgotten.
    versions: Vec<Arc<Job>>,
    /// Evaluations with their create indexes.
    pub(crate) evals: OrdMap<EvalId, u64>,
}

impl Record {
    /// One with versions in their order, that nothing else is known of yet.
    pub(crate) fn of(entry: Option<JobEntry>, versions: Vec<Arc<Job>>) -> Self {
        Record { entry, versions, ..Record::default() }
    }

    fn is_empty(&self) -> bool {
        self.entry.is_none()
            && self.tally == Tally::default()
            && self.versions.is_empty()
            && self.evals.is_empty()
    }

    fn place(&self, incarnation: u64, version: u64) -> Result<usize, usize> {
        self.versions.binary_search_by_key(&(incarnation, version), |job| (job.create_index, job.version))
    }

    fn version(&self, incarnation: u64, version: u64) -> Option<&Arc<Job>> {
        self.place(incarnation, version).ok().map(|at| &self.versions[at])
    }

    fn put_version(&mut self, job: Arc<Job>) {
        match self.place(job.create_index, job.version) {
            Ok(at) => self.versions[at] = job,
            Err(at) => self.versions.insert(at, job),
        }
    }
}

/// All jobs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jobs {
    /// None is empty.
    pub(crate) records: OrdMap<JobKey, Arc<Record>>,
    /// How many of them have a current job.
    pub(crate) count: usize,
    pub(crate) submissions: OrdMap<VersionKey, Arc<JobSubmission>>,
    pub(crate) scaling_events: OrdMap<JobKey, Arc<ScalingEvents>>,
    /// Jobs that run on every node: a node that comes concerns all of them.
    pub(crate) on_every_node: OrdSet<JobKey>,
    /// Of periodic jobs whose clock runs.
    pub(crate) launches: OrdMap<JobKey, PeriodicLaunch>,
}

impl Jobs {
    /// The current job of a name.
    pub(crate) fn current(&self, key: &JobKey) -> Option<&JobEntry> {
        self.records.get(key)?.entry.as_ref()
    }

    /// All current jobs, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&JobKey, &JobEntry)> {
        self.records.iter().filter_map(|(key, record)| Some((key, record.entry.as_ref()?)))
    }

    /// Makes a job the current one of its name, and keeps it as a version.
    pub(crate) fn put(&mut self, key: &JobKey, job: Arc<Job>) {
        if matches!(job.kind, JobType::System | JobType::Sysbatch) {
            self.on_every_node.insert(key.clone());
        } else {
            self.on_every_node.remove(key);
        }
        let new = self.change(key, |record| {
            record.put_version(job.clone());
            let summary = record.entry.as_ref().map(|entry| entry.summary.clone()).unwrap_or_default();
            record.entry.replace(JobEntry { job, summary }).is_none()
        });
        self.count += usize::from(new);
    }

    /// Gives the current job of a name another summary.
    pub(crate) fn put_summary(&mut self, key: &JobKey, summary: Arc<JobSummary>) {
        self.change(key, |record| {
            if let Some(entry) = &mut record.entry {
                entry.summary = summary;
            }
        });
    }

    /// Forgets the current job of a name; its versions stay.
    pub(crate) fn remove(&mut self, key: &JobKey) {
        self.on_every_node.remove(key);
        let gone = self.change(key, |record| record.entry.take().is_some());
        self.count -= usize::from(gone);
    }

    /// Changes what is kept under a name.
    pub(crate) fn change<T>(&mut self, key: &JobKey, change: impl FnOnce(&mut Record) -> T) -> T {
        let Some(record) = self.records.get_mut(key) else {
            let mut record = Record::default();
            let answer = change(&mut record);
            if !record.is_empty() {
                self.records.insert(key.clone(), Arc::new(record));
            }
            return answer;
        };
        let record = Arc::make_mut(record);
        let answer = change(record);
        if record.is_empty() {
            self.records.remove(key);
        }
        answer
    }

    pub(crate) fn tally(&self, key: &JobKey) -> Tally {
        self.records.get(key).map(|record| record.tally).unwrap_or_default()
    }

    pub(crate) fn count_alloc(&mut self, key: &JobKey, old: Option<&Allocation>, new: Option<&Allocation>) {
        let live = |alloc: Option<&Allocation>| u64::from(alloc.is_some_and(|alloc| !alloc.terminal()));
        self.change(key, |Record { tally, .. }| {
            tally.allocs = tally.allocs + u64::from(new.is_some()) - u64::from(old.is_some());
            tally.allocs_live = tally.allocs_live + live(new) - live(old);
        });
    }

    /// Notes what became of an evaluation.
    pub(crate) fn note_eval(&mut self, key: &JobKey, old: Option<&Evaluation>, new: Option<&Evaluation>) {
        let live = |eval: Option<&Evaluation>| u64::from(eval.is_some_and(|eval| !eval.terminal()));
        self.change(key, |Record { tally, evals, .. }| {
            tally.evals = tally.evals + u64::from(new.is_some()) - u64::from(old.is_some());
            tally.evals_live = tally.evals_live + live(new) - live(old);
            match (old, new) {
                (Some(old), Some(new)) if old.create_index == new.create_index => {}
                (_, Some(new)) => drop(evals.insert(new.id, new.create_index)),
                (Some(old), None) => drop(evals.remove(&old.id)),
                (None, None) => {}
            }
        });
    }

    pub(crate) fn count_deployment(&mut self, key: &JobKey, was_active: bool, active: bool) {
        self.change(key, |Record { tally, .. }| {
            tally.deployments_active = tally.deployments_active + u64::from(active) - u64::from(was_active);
        });
    }

    /// Versions of a job's incarnation, oldest first.
    pub(crate) fn versions_of(&self, key: &JobKey, incarnation: u64) -> impl Iterator<Item = &Arc<Job>> {
        let versions = self.records.get(key).map(|record| record.versions.as_slice()).unwrap_or_default();
        versions.iter().filter(move |job| job.create_index == incarnation)
    }

    /// All versions of all incarnations, by name.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (&JobKey, &Arc<Job>)> {
        self.records.iter().flat_map(|(key, record)| record.versions.iter().map(move |job| (key, job)))
    }

    pub(crate) fn version(&self, key: &JobKey, incarnation: u64, version: u64) -> Option<&Arc<Job>> {
        self.records.get(key)?.version(incarnation, version)
    }

    pub(crate) fn put_version(&mut self, key: &JobKey, job: Arc<Job>) {
        self.change(key, |record| record.put_version(job));
    }

    pub(crate) fn remove_version(&mut self, key: &JobKey, incarnation: u64, version: u64) {
        self.change(key, |record| {
            if let Ok(at) = record.place(incarnation, version) {
                record.versions.remove(at);
            }
        });
    }
}
