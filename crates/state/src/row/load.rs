//! How a state is built from its rows. Each is decoded by itself, which any thread may do ([`DecodedRow`]); what was
//! decoded is put into the tables in one go.
//!
//! Every table is filled from its low end to its high end, where the next place is always at hand, and the name of a
//! job is one text that all tables share. Putting rows in as they come, with a search in every index for each of them,
//! took as long as decoding them.

mod jobs;

use std::sync::Arc;

use imbl::OrdSet;
use model::id::JobKey;
use model::{Allocation, Deployment, Evaluation, Job, Node, RootKey};

use self::jobs::Names;
use super::{
    ALLOC, CurrentJob, DEPLOYMENT, EVAL, JOB, JOB_VERSION, META, Meta, NODE, ROOT_KEY, RowError, RowKey,
    SUMMARY, read,
};
use crate::snapshot::State;
use crate::table::Table;
use crate::table::capacity::Capacity;
use crate::table::jobs::{JobSummary, Tally, VersionKey};

/// A row that was read back and is not in its table yet.
#[derive(Debug)]
pub struct DecodedRow(Decoded);

#[derive(Debug)]
enum Decoded {
    Meta(Box<Meta>),
    Version(VersionKey, Arc<Job>),
    Current(JobKey, CurrentJob),
    Summary(JobKey, Arc<JobSummary>),
    Eval(Arc<Evaluation>),
    Deployment(Arc<Deployment>),
    Node(Arc<Node>),
    Alloc(Box<Allocation>),
    RootKey(Arc<RootKey>),
    /// Of a table that is never large.
    Other(RowKey, Vec<u8>),
}

impl DecodedRow {
    /// Decodes a row.
    ///
    /// # Errors
    /// A key or value that no table has.
    pub fn decode(key: RowKey, value: &[u8]) -> Result<DecodedRow, RowError> {
        let unknown = || RowError::UnknownKey(key.clone());
        Ok(DecodedRow(match key.tag() {
            META => Decoded::Meta(Box::new(read(&key, value)?)),
            JOB_VERSION => {
                Decoded::Version(key.version_key().ok_or_else(unknown)?, Arc::new(read(&key, value)?))
            }
            JOB => Decoded::Current(key.job_key().ok_or_else(unknown)?, read(&key, value)?),
            SUMMARY => Decoded::Summary(key.job_key().ok_or_else(unknown)?, Arc::new(read(&key, value)?)),
            EVAL => Decoded::Eval(Arc::new(read(&key, value)?)),
            DEPLOYMENT => Decoded::Deployment(Arc::new(read(&key, value)?)),
            NODE => Decoded::Node(Arc::new(read(&key, value)?)),
            ALLOC => Decoded::Alloc(Box::new(read(&key, value)?)),
            ROOT_KEY => Decoded::RootKey(Arc::new(read(&key, value)?)),
            _ => Decoded::Other(key, value.to_vec()),
        }))
    }
}

/// Rows by table, as they came.
#[derive(Default)]
struct Rows {
    versions: Vec<(VersionKey, Arc<Job>)>,
    current: Vec<(JobKey, CurrentJob)>,
    summaries: Vec<(JobKey, Arc<JobSummary>)>,
    evals: Vec<Arc<Evaluation>>,
    deployments: Vec<Arc<Deployment>>,
    allocs: Vec<Allocation>,
    others: Vec<(RowKey, Vec<u8>)>,
}

impl State {
    /// Builds a state from rows. Their order does not matter.
    ///
    /// # Errors
    /// Rows that cannot be decoded, or that refer to a version of a job that is not there.
    pub fn from_rows(rows: impl Iterator<Item = (RowKey, Vec<u8>)>) -> Result<State, RowError> {
        let decoded: Result<Vec<_>, _> = rows.map(|(key, value)| DecodedRow::decode(key, &value)).collect();
        State::from_decoded(decoded?.into_iter())
    }

    /// Builds a state from rows that were decoded before. Their order does not matter.
    ///
    /// # Errors
    /// As [`State::from_rows`].
    pub fn from_decoded(decoded: impl Iterator<Item = DecodedRow>) -> Result<State, RowError> {
        let mut state = State::new();
        let mut rows = Rows::default();
        for DecodedRow(row) in decoded {
            match row {
                Decoded::Meta(meta) => state.load_meta(*meta),
                Decoded::Version(name, job) => rows.versions.push((name, job)),
                Decoded::Current(key, current) => rows.current.push((key, current)),
                Decoded::Summary(key, summary) => rows.summaries.push((key, summary)),
                Decoded::Eval(eval) => rows.evals.push(eval),
                Decoded::Deployment(deployment) => rows.deployments.push(deployment),
                Decoded::Node(node) => drop(state.nodes.by_id.insert(node.id, node)),
                Decoded::Alloc(alloc) => rows.allocs.push(*alloc),
                Decoded::RootKey(key) => drop(state.root_keys.by_id.insert(key.id.clone(), key)),
                Decoded::Other(key, value) => rows.others.push((key, value)),
            }
        }
        state.load_jobs(rows.versions, rows.current, rows.summaries)?;
        let names = Names::of(&state);
        let mut tallies = vec![Tally::default(); names.len()];
        state.load_evals(rows.evals, &names, &mut tallies);
        state.load_deployments(rows.deployments, &names, &mut tallies);
        state.load_allocs(rows.allocs, &names, &mut tallies)?;
        state.capacity =
            Capacity::of(state.nodes().map(|node| &**node), state.allocs().map(|alloc| &**alloc));
        // Those of names of which nothing else is left are there already, and few.
        for (number, tally) in tallies.into_iter().enumerate() {
            state.jobs.change(names.key(number), |record| record.tally = tally);
        }
        for (key, value) in rows.others {
            state.load_other(key, &value)?;
        }
        Ok(state)
    }

    fn load_meta(&mut self, meta: Meta) {
        self.index = meta.index;
        self.tenure = meta.tenure;
        self.restored_index = meta.restored_index;
        self.epoch = meta.epoch;
        self.room_freed = meta.room_freed.into_iter().collect();
        for (number, &index) in meta.table_index.iter().enumerate().take(Table::ALL.len()) {
            self.table_index[number] = index;
        }
    }

    fn load_evals(&mut self, evals: Vec<Arc<Evaluation>>, names: &Names, tallies: &mut [Tally]) {
        let mut of_jobs = Vec::with_capacity(evals.len());
        for eval in &evals {
            let Some(number) = names.number(&eval.namespace, &eval.job_id) else {
                // Nothing else is left of its job.
                self.jobs.note_eval(&eval.job_key(), None, Some(eval));
                continue;
            };
            tallies[number].evals += 1;
            tallies[number].evals_live += u64::from(!eval.terminal());
            of_jobs.push((number, eval.id, eval.create_index));
        }
        of_jobs.sort_unstable();
        for mine in of_jobs.chunk_by(|(one, ..), (other, ..)| one == other) {
            let evals = mine.iter().map(|(_, id, create_index)| (*id, *create_index)).collect();
            self.jobs.change(names.key(mine[0].0), |record| record.evals = evals);
        }
        self.evals.load(evals);
    }

    fn load_deployments(&mut self, mut all: Vec<Arc<Deployment>>, names: &Names, tallies: &mut [Tally]) {
        let mut of_jobs = Vec::with_capacity(all.len());
        all.retain(|deployment| {
            let active = u64::from(deployment.status.active());
            let Some(number) = names.number(&deployment.namespace, &deployment.job_id) else {
                self.jobs.count_deployment(&deployment.job_key(), false, deployment.status.active());
                self.deployments.put(deployment.clone());
                return false;
            };
            tallies[number].deployments_active += active;
            of_jobs.push((number, deployment.id));
            true
        });
        names.share(&mut self.deployments.by_job, of_jobs);
        all.sort_unstable_by_key(|deployment| deployment.id);
        self.deployments.by_id.extend(all.into_iter().map(|deployment| (deployment.id, deployment)));
    }

    fn load_allocs(
        &mut self,
        all: Vec<Allocation>,
        names: &Names,
        tallies: &mut [Tally],
    ) -> Result<(), RowError> {
        let mut of_jobs = Vec::with_capacity(all.len());
        let mut allocs = Vec::with_capacity(all.len());
        for mut alloc in all {
            // Whatever has a version has a name.
            let number = names.number(&alloc.namespace, &alloc.job_id);
            let version = |number: usize| {
                self.jobs.version(names.key(number), alloc.job_create_index, alloc.job_version)
            };
            let Some((number, job)) = number.and_then(|number| Some((number, version(number)?))) else {
                return Err(RowError::Dangling(RowKey::alloc(&alloc)));
            };
            alloc.job = job.clone();
            let alloc = Arc::new(alloc);
            tallies[number].allocs += 1;
            tallies[number].allocs_live += u64::from(!alloc.terminal());
            of_jobs.push((number, alloc.id));
            allocs.push(alloc);
        }
        names.share(&mut self.allocs.by_job, of_jobs);
        extend_sorted(&mut self.allocs.by_node, allocs.iter().map(|alloc| (alloc.node_id, alloc.id)));
        extend_sorted(&mut self.allocs.by_eval, allocs.iter().map(|alloc| (alloc.eval_id, alloc.id)));
        allocs.sort_unstable_by_key(|alloc| alloc.id);
        self.allocs.by_id.extend(allocs.into_iter().map(|alloc| (alloc.id, alloc)));
        Ok(())
    }
}

/// Puts entries into a set in their order.
fn extend_sorted<T: Ord + Clone>(set: &mut OrdSet<T>, entries: impl Iterator<Item = T>) {
    let mut entries: Vec<T> = entries.collect();
    entries.sort_unstable();
    set.extend(entries);
}
