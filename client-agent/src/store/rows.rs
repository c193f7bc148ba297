//! Rows of the store and what a restart reads back. Kinds and field names are frozen once shipped.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{AllocId, AllocUpdate, Allocation, DeploymentId, Job};
use serde::{Deserialize, Serialize};

use crate::node::DynamicMeta;
use crate::task::lifecycle::TaskRow;

/// Kinds of rows, by their prefix byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Meta = b'm' as isize,
    Job = b'j' as isize,
    Alloc = b'a' as isize,
    Task = b't' as isize,
    Acknowledged = b'k' as isize,
}

impl Kind {
    pub(super) fn of_byte(byte: u8) -> Option<Self> {
        [Kind::Meta, Kind::Job, Kind::Alloc, Kind::Task, Kind::Acknowledged]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }

    pub(super) fn key(self, rest: &[u8]) -> Vec<u8> {
        let mut key = vec![self as u8];
        key.extend_from_slice(rest);
        key
    }
}

/// Names one version of a job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(default)]
pub(crate) struct JobId {
    pub(crate) namespace: String,
    pub(crate) job_id: String,
    pub(crate) create_index: u64,
    pub(crate) version: u64,
}

impl JobId {
    /// The version that an allocation was placed for.
    pub(crate) fn of_alloc(alloc: &Allocation) -> Self {
        JobId {
            namespace: alloc.namespace.clone(),
            job_id: alloc.job_id.clone(),
            create_index: alloc.job_create_index,
            version: alloc.job_version,
        }
    }

    /// The name of this version.
    pub(crate) fn of_job(job: &Job) -> Self {
        JobId {
            namespace: job.namespace.clone(),
            job_id: job.id.clone(),
            create_index: job.create_index,
            version: job.version,
        }
    }
}

/// An allocation, with what this node alone knows of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(crate) struct AllocRow {
    /// As the servers sent it, without its job.
    pub(crate) alloc: Allocation,
    /// Its health in the deployment that it belongs to.
    pub(crate) health: HealthRow,
    /// The servers do not list it any more: once its tasks have ended it is forgotten.
    pub(crate) forget: bool,
    /// Its directory was removed to make room; what is known of it stays for the servers.
    pub(crate) collected: bool,
    /// When it arrived here, ns since 1970.
    pub(crate) began_ns: i64,
    /// It ran for longer than its group may.
    pub(crate) overtime: bool,
}

/// Health of an allocation and where its clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(crate) struct HealthRow {
    /// The deployment that this is about.
    pub(crate) deployment_id: DeploymentId,
    /// When this version of the allocation began here, ns since 1970.
    pub(crate) since_ns: i64,
    /// The decision, once it is made.
    pub(crate) healthy: Option<bool>,
    /// When it was made, ns since 1970.
    pub(crate) decided_at_ns: i64,
}

/// All that a restart finds.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    pub(crate) cluster_id: String,
    pub(crate) last_index: u64,
    pub(crate) dynamic_meta: DynamicMeta,
    pub(crate) jobs: BTreeMap<JobId, Arc<Job>>,
    pub(crate) allocs: BTreeMap<AllocId, RestoredAlloc>,
}

/// What a restart finds of one allocation. Without a row it is a leftover.
#[derive(Debug, Default)]
pub(crate) struct RestoredAlloc {
    pub(crate) row: Option<AllocRow>,
    pub(crate) tasks: BTreeMap<String, TaskRow>,
    pub(crate) acknowledged: Option<AllocUpdate>,
}
