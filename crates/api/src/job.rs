//! The job object. Requests leave out what they like: the conversion fills it from `model::job::canonicalize`.

pub mod block;
mod group;
mod task;

use model::id::DEFAULT_NAMESPACE;
use model::job::canonicalize::{
    DEFAULT_DATACENTER_GLOB, DEFAULT_NODE_POOL, DEFAULT_PRIORITY, DEFAULT_REGION, SECOND_NS,
};
use model::job::validate::Faults;
use model::job::{
    Affinity, Constraint, JobUi, ParameterizedJob, PeriodicConfig, Spread, UpdateStrategy, VersionTag,
};
use model::wire::{Blob, Dict, List};
use model::{JobStatus, JobType};
use serde_json::Value;

use crate::shape::shape;
use block::Update;
pub use group::TaskGroup;
pub use task::Task;

shape! {
    /// A job, as requests send and answers show it.
    Job {
        "Affinities" affinities: List<Affinity>,
        "AllAtOnce" all_at_once: Option<bool>,
        "Constraints" constraints: List<Constraint>,
        "ConsulNamespace" consul_namespace: Option<String>,
        "ConsulToken" consul_token: Option<String>,
        "CreateIndex" create_index: Option<u64>,
        "Datacenters" datacenters: Option<Vec<String>>,
        "DispatchIdempotencyToken" dispatch_idempotency_token: Option<String>,
        "Dispatched" dispatched: bool,
        "ID" id: Option<String>,
        "JobModifyIndex" job_modify_index: Option<u64>,
        "Meta" meta: Dict,
        "ModifyIndex" modify_index: Option<u64>,
        "Multiregion" multiregion: Option<Value> as Option<()>,
        "Name" name: Option<String>,
        "Namespace" namespace: Option<String>,
        "NodePool" node_pool: Option<String>,
        "NomadTokenID" nomad_token_id: Option<String>,
        "ParameterizedJob" parameterized_job: Option<ParameterizedJob>,
        "ParentID" parent_id: Option<String>,
        "Payload" payload: Blob,
        "Periodic" periodic: Option<PeriodicConfig>,
        "Priority" priority: Option<i64>,
        "Region" region: Option<String>,
        "Spreads" spreads: List<Spread>,
        "Stable" stable: Option<bool>,
        "Status" status: Option<String>,
        "StatusDescription" status_description: Option<String>,
        "Stop" stop: Option<bool>,
        "SubmitTime" submit_time: Option<i64>,
        "TaskGroups" task_groups: Option<Vec<TaskGroup>>,
        "Type" kind: Option<String>,
        "UI" ui: Option<JobUi>,
        "Update" update: Option<Update>,
        "VaultNamespace" vault_namespace: Option<String>,
        "VaultToken" vault_token: Option<String>,
        "Version" version: Option<u64>,
        "VersionTag" version_tag: Option<VersionTag>,
    }
}

impl Job {
    /// The canonical job. Faults name blocks that this edition does not offer.
    pub fn into_model(self) -> Result<model::Job, Faults> {
        if self.multiregion.as_ref().is_some_and(|block| !block.is_null()) {
            return Err(Faults::from_lines(vec!["Multiregion jobs are unlicensed.".to_owned()]));
        }
        let kind = JobType::from(self.kind.as_deref().unwrap_or("service"));
        let group_update = self.update.clone();
        let update = self.update.unwrap_or_default();
        let groups = self.task_groups.unwrap_or_default();
        let id = self.id.unwrap_or_default();
        let text = |given: Option<String>, default: &str| {
            given.filter(|given| !given.is_empty()).unwrap_or_else(|| default.to_owned())
        };
        let mut job = model::Job {
            namespace: text(self.namespace, DEFAULT_NAMESPACE),
            name: self.name.unwrap_or_else(|| id.clone()),
            region: text(self.region, DEFAULT_REGION),
            priority: self.priority.unwrap_or(DEFAULT_PRIORITY),
            all_at_once: self.all_at_once.unwrap_or(false),
            datacenters: self
                .datacenters
                .filter(|datacenters| !datacenters.is_empty())
                .unwrap_or_else(|| vec![DEFAULT_DATACENTER_GLOB.to_owned()]),
            node_pool: text(self.node_pool, DEFAULT_NODE_POOL),
            constraints: self.constraints,
            affinities: self.affinities,
            spreads: self.spreads,
            periodic: self.periodic,
            parameterized_job: self.parameterized_job,
            payload: self.payload,
            ui: self.ui,
            stop: self.stop.unwrap_or(false),
            consul_namespace: self.consul_namespace.unwrap_or_default(),
            vault_namespace: self.vault_namespace.unwrap_or_default(),
            version: self.version.unwrap_or(0),
            task_groups: groups
                .into_iter()
                .map(|group| group.into_model(&kind, group_update.as_ref()))
                .collect(),
            update: match kind {
                JobType::Service | JobType::System => UpdateStrategy::at_job_level(
                    update.stagger.map_or(30 * SECOND_NS, |stagger| stagger.0),
                    update.max_parallel.unwrap_or(1),
                ),
                _ => UpdateStrategy::default(),
            },
            meta: self.meta.0,
            kind,
            id,
            ..model::Job::default()
        };
        job.fill_blocks();
        Ok(job)
    }
}

impl From<&model::Job> for Job {
    fn from(job: &model::Job) -> Self {
        Job {
            stop: Some(job.stop),
            region: Some(job.region.clone()),
            namespace: Some(job.namespace.clone()),
            id: Some(job.id.clone()),
            parent_id: Some(job.parent_id.clone()),
            name: Some(job.name.clone()),
            kind: Some(job.kind.to_string()),
            priority: Some(job.priority),
            all_at_once: Some(job.all_at_once),
            datacenters: Some(job.datacenters.clone()),
            node_pool: Some(job.node_pool.clone()),
            constraints: job.constraints.clone(),
            affinities: job.affinities.clone(),
            spreads: job.spreads.clone(),
            periodic: job.periodic.clone(),
            parameterized_job: job.parameterized_job.clone(),
            payload: job.payload.clone(),
            dispatched: job.dispatched,
            ui: job.ui.clone(),
            version_tag: job.version_tag.clone(),
            task_groups: Some(job.task_groups.iter().map(TaskGroup::from).collect()),
            update: Some(Update::from(&job.update)),
            dispatch_idempotency_token: Some(job.dispatch_idempotency_token.clone()),
            meta: job.meta.clone().into(),
            consul_namespace: Some(job.consul_namespace.clone()),
            vault_namespace: Some(job.vault_namespace.clone()),
            nomad_token_id: Some(job.nomad_token_id.clone()),
            status: Some(JobStatus::as_str(job.status).to_owned()),
            status_description: Some(job.status_description.clone()),
            stable: Some(job.stable),
            version: Some(job.version),
            submit_time: Some(job.submit_time_ns),
            create_index: Some(job.create_index),
            modify_index: Some(job.modify_index),
            job_modify_index: Some(job.job_modify_index),
            ..Job::default()
        }
    }
}
