//! Rows: how the state looks on disk and in snapshots. Tags and key layouts are frozen once shipped.
//!
//! | tag | table | key after the tag |
//! |---|---|---|
//! | 0 | counter, tenure, table indexes, room freed by class | nothing |
//! | 1 | job versions | namespace NUL id NUL incarnation version (both u64, big-endian) |
//! | 2 | jobs (the current version) | namespace NUL id |
//! | 3 | summaries | namespace NUL id |
//! | 4 | evaluations | create index (u64, big-endian), id (16 bytes) |
//! | 5 | deployments | create index, id |
//! | 6 | nodes | id |
//! | 7 | allocations | create index, id |
//! | 8 | signing keys | id (text) |
//! | 32 | namespaces | name |
//! | 33 | node pools | name |
//! | 34 | configurations of the whole cluster | `scheduler` or `autopilot` |
//! | 35 | variables | namespace NUL path |
//! | 36 | registrations of services | namespace NUL name NUL id |
//! | 64 | texts that jobs were made from | as tag 1 |
//! | 65 | scaling events | namespace NUL id |
//! | 66 | last launches of periodic jobs | namespace NUL id |
//! | 96 | parts of a snapshot that is being restored | number (u64, big-endian) |
//!
//! Versions come before what refers to them, so that loading in key order finds every reference. Ids are random; the
//! create index before them keeps rows that are made together in one leaf of the tree, which is written as a whole.

mod cluster;
pub mod load;
mod of_job;
mod restore;

use std::collections::BTreeMap;

use model::codec::{CodecError, decode, encode};
use model::id::{AllocId, DeploymentId, EvalId, JobKey, NodeId, Seed};
use model::{Allocation, Deployment, Evaluation, Job};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::snapshot::State;
use crate::table::jobs::{JobEntry, VersionKey};

const META: u8 = 0;
const JOB_VERSION: u8 = 1;
const JOB: u8 = 2;
const SUMMARY: u8 = 3;
const EVAL: u8 = 4;
const DEPLOYMENT: u8 = 5;
const NODE: u8 = 6;
const ALLOC: u8 = 7;
const ROOT_KEY: u8 = 8;

/// How many indexes a company spans, as bits of the index that do not matter: as many as fill a few KiB with rows of the
/// usual size when each of them makes one.
const NEAR_BITS: [(u8, u32); 4] = [(JOB, 4), (JOB_VERSION, 2), (EVAL, 3), (DEPLOYMENT, 3)];

/// Name of a row: the table's tag and the key within it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    bytes: Vec<u8>,
    /// Create index of the job, for rows of a job's name, whose bytes do not tell it; else 0.
    incarnation: u64,
}

/// Rows that do not make up a state.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// A tag or key that no table has.
    #[error("row {0:?} has no table or a malformed key")]
    UnknownKey(RowKey),
    /// A value that cannot be read.
    #[error("row {key:?}: {source}")]
    Value {
        /// Which row.
        key: RowKey,
        /// What is wrong with it.
        source: CodecError,
    },
    /// A row refers to one that is not there.
    #[error("row {0:?} refers to a job version that is missing")]
    Dangling(RowKey),
}

/// What tag 0 holds.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Meta {
    index: u64,
    tenure: u64,
    table_index: Vec<u64>,
    room_freed: BTreeMap<String, u64>,
    restored_index: u64,
    epoch: Option<Seed>,
}

/// What tag 2 holds: the job itself is the version row.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct CurrentJob {
    create_index: u64,
    version: u64,
}

impl RowKey {
    /// The bytes as they stand on disk.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A key read from disk; it is only looked at when it is used. It keeps no company.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        RowKey::new(bytes.to_vec())
    }

    fn new(bytes: Vec<u8>) -> Self {
        RowKey { bytes, incarnation: 0 }
    }

    /// The table's tag.
    pub fn tag(&self) -> u8 {
        self.bytes.first().copied().unwrap_or(u8::MAX)
    }

    /// What the table's rows are, for people; `None` for a table that this version does not know.
    pub fn table(&self) -> Option<&'static str> {
        Some(match self.tag() {
            META => "Counters",
            JOB_VERSION => "Job Versions",
            JOB => "Jobs",
            SUMMARY => "Job Summaries",
            EVAL => "Evaluations",
            DEPLOYMENT => "Deployments",
            NODE => "Nodes",
            ALLOC => "Allocations",
            ROOT_KEY => "Root Keys",
            cluster::NAMESPACE => "Namespaces",
            cluster::NODE_POOL => "Node Pools",
            cluster::CONFIGURATION => "Configurations",
            cluster::VARIABLE => "Variables",
            cluster::SERVICE => "Services",
            of_job::SUBMISSION => "Job Submissions",
            of_job::SCALING_EVENTS => "Scaling Events",
            of_job::LAUNCH => "Periodic Launches",
            restore::PART => "Restore Parts",
            _ => return None,
        })
    }

    /// Rows with the same answer were made, and mostly change, at about the same index. `None` for rows that keep no
    /// company.
    pub fn company(&self) -> Option<Vec<u8>> {
        let tag = if self.tag() == SUMMARY { JOB } else { self.tag() };
        let (_, bits) = NEAR_BITS.iter().find(|(of, _)| *of == tag)?;
        let made = match tag {
            JOB => Some(self.incarnation).filter(|&made| made > 0)?,
            JOB_VERSION => self.number_at(self.bytes.len().checked_sub(16)?)?,
            _ => self.created()?,
        };
        Some([[tag].as_slice(), &(made >> bits).to_be_bytes()].concat())
    }

    pub(crate) fn meta() -> Self {
        RowKey::new(vec![META])
    }

    pub(crate) fn job(key: &JobKey, incarnation: u64) -> Self {
        RowKey { incarnation, ..Self::of_job(JOB, key) }
    }

    pub(crate) fn summary(key: &JobKey, incarnation: u64) -> Self {
        RowKey { incarnation, ..Self::of_job(SUMMARY, key) }
    }

    pub(crate) fn job_version(name: &VersionKey) -> Self {
        Self::of_version(JOB_VERSION, name)
    }

    fn of_version(tag: u8, (key, incarnation, version): &VersionKey) -> Self {
        let mut row = Self::of_job(tag, key);
        row.bytes.push(0);
        row.bytes.extend(incarnation.to_be_bytes());
        row.bytes.extend(version.to_be_bytes());
        row
    }

    pub(crate) fn eval(eval: &Evaluation) -> Self {
        Self::of_created(EVAL, eval.create_index, eval.id.0)
    }

    pub(crate) fn deployment(deployment: &Deployment) -> Self {
        Self::of_created(DEPLOYMENT, deployment.create_index, deployment.id.0)
    }

    pub(crate) fn node(id: NodeId) -> Self {
        Self::of_id(NODE, id.0)
    }

    pub(crate) fn alloc(alloc: &Allocation) -> Self {
        Self::of_created(ALLOC, alloc.create_index, alloc.id.0)
    }

    pub(crate) fn root_key(id: &str) -> Self {
        RowKey::new([&[ROOT_KEY], id.as_bytes()].concat())
    }

    fn of_job(tag: u8, key: &JobKey) -> Self {
        RowKey::new([&[tag], key.text().as_bytes()].concat())
    }

    fn of_id(tag: u8, id: Uuid) -> Self {
        RowKey::new([&[tag], id.as_bytes().as_slice()].concat())
    }

    fn of_created(tag: u8, create_index: u64, id: Uuid) -> Self {
        RowKey::new([&[tag], create_index.to_be_bytes().as_slice(), id.as_bytes()].concat())
    }

    /// The id at the end of a key.
    fn id(&self) -> Option<Uuid> {
        Uuid::from_slice(self.bytes.get(self.bytes.len().checked_sub(16)?..)?).ok()
    }

    /// The create index in the key of a table that is sorted by it.
    fn created(&self) -> Option<u64> {
        self.number_at(1)
    }

    /// The number whose eight bytes begin there.
    fn number_at(&self, at: usize) -> Option<u64> {
        Some(u64::from_be_bytes(self.bytes.get(at..at + 8)?.try_into().ok()?))
    }

    fn job_key(&self) -> Option<JobKey> {
        parse_job_key(self.bytes.get(1..)?)
    }

    fn version_key(&self) -> Option<VersionKey> {
        let rest = self.bytes.get(1..)?;
        let (name, numbers) = rest.split_at_checked(rest.len().checked_sub(17)?)?;
        let number =
            |range: std::ops::Range<usize>| Some(u64::from_be_bytes(numbers.get(range)?.try_into().ok()?));
        Some((parse_job_key(name)?, number(1..9)?, number(9..17)?))
    }
}

fn parse_job_key(bytes: &[u8]) -> Option<JobKey> {
    let nul = bytes.iter().position(|&byte| byte == 0)?;
    let text = |bytes| std::str::from_utf8(bytes).ok();
    Some(JobKey::new(text(&bytes[..nul])?, text(&bytes[nul + 1..])?))
}

impl State {
    /// The newest value of a row; `None` when there is none (any more).
    pub fn row(&self, key: &RowKey) -> Option<Vec<u8>> {
        match key.tag() {
            META => Some(encode(&self.meta())),
            JOB_VERSION => {
                let (name, incarnation, version) = key.version_key()?;
                self.jobs.version(&name, incarnation, version).map(|job| encode(&**job))
            }
            JOB => self.row_entry(key).map(|entry| encode(&current(&entry.job))),
            SUMMARY => self.row_entry(key).map(|entry| encode(&*entry.summary)),
            EVAL => self.evals.at(key.created()?, EvalId(key.id()?)).map(|eval| encode(&**eval)),
            DEPLOYMENT => self.deployment(DeploymentId(key.id()?)).map(|deployment| encode(&**deployment)),
            NODE => self.node(NodeId(key.id()?)).map(|node| encode(&**node)),
            ALLOC => self.alloc(AllocId(key.id()?)).map(|alloc| encode(&**alloc)),
            ROOT_KEY => {
                let id = std::str::from_utf8(&key.bytes[1..]).ok()?;
                self.root_keys.by_id.get(id).map(|key| encode(&**key))
            }
            of_job::SUBMISSION | of_job::SCALING_EVENTS | of_job::LAUNCH => self.row_of_job(key),
            restore::PART => self.row_of_restore(key),
            _ => self.cluster_row(key),
        }
    }

    /// The job that a row of its name is of: not another one that took the name after it.
    fn row_entry(&self, key: &RowKey) -> Option<&JobEntry> {
        let entry = self.jobs.current(&key.job_key()?)?;
        (key.incarnation == 0 || key.incarnation == entry.job.create_index).then_some(entry)
    }

    /// Every row, in the order of tags.
    pub fn rows(&self) -> impl Iterator<Item = (RowKey, Vec<u8>)> + '_ {
        self.row_keys().map(|key| {
            let value = self.row(&key).expect("a key just read from a table names a row of it");
            (key, value)
        })
    }

    /// The names of all rows, in the order of tags.
    pub fn row_keys(&self) -> impl Iterator<Item = RowKey> + '_ {
        std::iter::once(RowKey::meta())
            .chain(
                self.jobs
                    .versions()
                    .map(|(key, job)| RowKey::job_version(&(key.clone(), job.create_index, job.version))),
            )
            .chain(self.jobs.all().map(|(key, entry)| RowKey::job(key, entry.job.create_index)))
            .chain(self.jobs.all().map(|(key, entry)| RowKey::summary(key, entry.job.create_index)))
            .chain(self.evals().map(|eval| RowKey::eval(eval)))
            .chain(self.deployments().map(|deployment| RowKey::deployment(deployment)))
            .chain(self.nodes.by_id.keys().map(|&id| RowKey::node(id)))
            .chain(self.allocs().map(|alloc| RowKey::alloc(alloc)))
            .chain(self.root_keys.by_id.keys().map(|id| RowKey::root_key(id)))
            .chain(self.cluster_keys())
            .chain(self.keys_of_jobs())
            .chain(self.keys_of_restore())
    }

    /// Loads a row of a table that is never large.
    fn load_other(&mut self, key: RowKey, value: &[u8]) -> Result<(), RowError> {
        match key.tag() {
            of_job::SUBMISSION | of_job::SCALING_EVENTS | of_job::LAUNCH => self.load_row_of_job(key, value),
            restore::PART => self.load_row_of_restore(&key, value),
            _ => self.load_cluster_row(key, value),
        }
    }

    fn meta(&self) -> Meta {
        Meta {
            index: self.index,
            tenure: self.tenure,
            table_index: self.table_index.to_vec(),
            room_freed: self.room_freed.iter().map(|(class, index)| (class.clone(), *index)).collect(),
            restored_index: self.restored_index,
            epoch: self.epoch,
        }
    }
}

fn current(job: &Job) -> CurrentJob {
    CurrentJob { create_index: job.create_index, version: job.version }
}

fn read<T: serde::de::DeserializeOwned>(key: &RowKey, value: &[u8]) -> Result<T, RowError> {
    decode(value).map_err(|source| RowError::Value { key: key.clone(), source })
}
