//! Jobs, their versions and summaries put together, and what finds a job by its name while the rest is.

use std::sync::Arc;

use imbl::OrdSet;
use model::id::JobKey;
use model::{Job, JobType};

use crate::row::{CurrentJob, RowError, RowKey};
use crate::snapshot::State;
use crate::table::jobs::{JobEntry, JobSummary, Record, VersionKey};

impl State {
    pub(super) fn load_jobs(
        &mut self,
        mut versions: Vec<(VersionKey, Arc<Job>)>,
        mut current: Vec<(JobKey, CurrentJob)>,
        mut summaries: Vec<(JobKey, Arc<JobSummary>)>,
    ) -> Result<(), RowError> {
        // They come sorted from wherever rows are kept; then this costs one look at each.
        versions.sort_by(|(one, _), (other, _)| one.cmp(other));
        current.sort_by(|(one, _), (other, _)| one.cmp(other));
        summaries.sort_by(|(one, _), (other, _)| one.cmp(other));
        share_names(&mut versions);
        let mut known = versions.iter().peekable();
        let mut summaries = summaries.into_iter().peekable();
        let mut entries = Vec::with_capacity(current.len());
        for (key, CurrentJob { create_index, version }) in current {
            let wanted = (&key, create_index, version);
            while known
                .next_if(|((key, incarnation, version), _)| (key, *incarnation, *version) < wanted)
                .is_some()
            {}
            let found = known
                .peek()
                .filter(|((key, incarnation, version), _)| (key, *incarnation, *version) == wanted);
            let Some(((shared, _, _), job)) = found else {
                return Err(RowError::Dangling(RowKey::job(&key, create_index)));
            };
            let summary = match summaries.peek() {
                Some((of, _)) if *of < key => return Err(RowError::Dangling(RowKey::summary(of, 0))),
                Some((of, _)) if *of == key => summaries.next().map(|(_, summary)| summary),
                _ => None,
            };
            entries
                .push((shared.clone(), JobEntry { job: job.clone(), summary: summary.unwrap_or_default() }));
        }
        if let Some((of, _)) = summaries.next() {
            return Err(RowError::Dangling(RowKey::summary(&of, 0)));
        }
        let everywhere = |job: &Job| matches!(job.kind, JobType::System | JobType::Sysbatch);
        let on_every_node = entries.iter().filter(|(_, entry): &&(JobKey, JobEntry)| everywhere(&entry.job));
        self.jobs.on_every_node = on_every_node.map(|(key, _)| key.clone()).collect();
        self.jobs.count = entries.len();
        let mut entries = entries.into_iter().peekable();
        for mine in versions.chunk_by(|((one, ..), _), ((other, ..), _)| one == other) {
            let key = &mine[0].0.0;
            let entry = entries.next_if(|(of, _)| of == key).map(|(_, entry)| entry);
            let versions = mine.iter().map(|(_, job)| job.clone()).collect();
            self.jobs.records.insert(key.clone(), Arc::new(Record::of(entry, versions)));
        }
        Ok(())
    }
}

/// Versions of one job share its name.
fn share_names(versions: &mut [(VersionKey, Arc<Job>)]) {
    let mut last = JobKey::default();
    for ((key, _, _), _) in versions {
        if *key == last {
            *key = last;
        }
        last = key.clone();
    }
}

/// The names of all jobs, purged ones with them, in their order, found by a hash. It is a fixed one, and no order comes from it.
pub(super) struct Names {
    keys: Vec<JobKey>,
    by_hash: Vec<(u64, u32)>,
}

impl Names {
    pub(super) fn of(state: &State) -> Names {
        let keys: Vec<JobKey> = state.jobs.records.keys().cloned().collect();
        let hashes = keys.iter().map(|key| hash(key.namespace(), key.id()));
        let mut by_hash: Vec<(u64, u32)> = hashes.zip(0..).collect();
        by_hash.sort_unstable();
        Names { keys, by_hash }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn key(&self, number: usize) -> &JobKey {
        &self.keys[number]
    }

    /// The place of a job among all; `None` for one that is gone.
    pub(super) fn number(&self, namespace: &str, id: &str) -> Option<usize> {
        let hash = hash(namespace, id);
        let first = self.by_hash.partition_point(|(other, _)| *other < hash);
        let same = self.by_hash[first..].iter().take_while(|(other, _)| *other == hash);
        same.map(|(_, number)| *number as usize)
            .find(|number| self.keys[*number].namespace() == namespace && self.keys[*number].id() == id)
    }

    /// Fills an index by job.
    pub(super) fn share<T: Ord + Clone>(&self, index: &mut OrdSet<(JobKey, T)>, mut rows: Vec<(usize, T)>) {
        rows.sort_unstable();
        index.extend(rows.into_iter().map(|(number, id)| (self.keys[number].clone(), id)));
    }
}

/// FNV-1a.
fn hash(namespace: &str, id: &str) -> u64 {
    let bytes = namespace.bytes().chain([0]).chain(id.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
