//! The state itself, and everything that can be asked of it.

mod cluster;
mod rooms;

use std::sync::Arc;

use imbl::OrdMap;
use model::id::{AllocId, DeploymentId, EvalId, JobKey, NodeId, Seed};
use model::job::{JobSubmission, ScalingEvents};
use model::plan::{Placement, Plan};
use model::{Allocation, Deployment, Evaluation, Job, Node, RootKey, ServiceRegistration};

use crate::command::restore::RestorePart;
use crate::table::Table;
use crate::table::allocs::Allocs;
use crate::table::capacity::Capacity;
use crate::table::cluster::Cluster;
use crate::table::deployments::Deployments;
use crate::table::evals::Evals;
use crate::table::jobs::{JobEntry, JobSummary, Jobs, TRACKED_VERSIONS};
use crate::table::nodes::Nodes;
use crate::table::root_keys::RootKeys;
use crate::table::services::Services;
use crate::table::variables::Variables;

/// All that is replicated, at one index. A clone is O(1) and is what readers keep.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(crate) index: u64,
    pub(crate) tenure: u64,
    pub(crate) table_index: [u64; Table::ALL.len()],
    pub(crate) jobs: Jobs,
    pub(crate) evals: Evals,
    pub(crate) allocs: Allocs,
    pub(crate) capacity: Capacity,
    pub(crate) deployments: Deployments,
    pub(crate) nodes: Nodes,
    pub(crate) root_keys: RootKeys,
    pub(crate) cluster: Cluster,
    pub(crate) variables: Variables,
    pub(crate) services: Services,
    /// Index at which nodes of a class last got room. Replicated, so that a new leader knows which blocked evaluations
    /// have missed something, and need not wake them all.
    pub(crate) room_freed: OrdMap<String, u64>,
    /// Index of the last restore of a snapshot; 0 without one.
    pub(crate) restored_index: u64,
    /// Id of that restore.
    pub(crate) epoch: Option<Seed>,
    /// Parts of a snapshot that is being restored, by number. Nothing but the restore looks at them.
    pub(crate) restore: OrdMap<u64, Arc<RestorePart>>,
}

impl State {
    /// An empty state at index 0.
    pub fn new() -> Self {
        State::default()
    }

    /// The clients' index: how many commands have been applied.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The tenure of the last leader that took over.
    pub fn tenure(&self) -> u64 {
        self.tenure
    }

    /// Index at which a snapshot was restored last; 0 when none was. Everything that is read since then is as new as
    /// that, whatever index it carries.
    pub fn restored_index(&self) -> u64 {
        self.restored_index
    }

    /// The cluster's epoch: the id of the last restore. What was learned in another epoch may have been undone.
    pub fn epoch(&self) -> Option<Seed> {
        self.epoch
    }

    /// Index of the last change of a table; 0 when nothing was ever written to it.
    pub fn table_index(&self, table: Table) -> u64 {
        self.table_index[table.number()]
    }

    /// Index of the last change of any of these tables.
    pub fn last_index(&self, tables: &[Table]) -> u64 {
        tables.iter().map(|&table| self.table_index(table)).max().unwrap_or(0)
    }

    /// Classes of nodes, each with the index at which one of them last got room.
    pub fn room_freed(&self) -> impl Iterator<Item = (&str, u64)> {
        self.room_freed.iter().map(|(class, &index)| (class.as_str(), index))
    }

    // ----- jobs -----

    /// The current version of a job.
    pub fn job(&self, key: &JobKey) -> Option<&Arc<Job>> {
        self.jobs.current(key).map(|entry| &entry.job)
    }

    /// A job's summary.
    pub fn job_summary(&self, key: &JobKey) -> Option<&Arc<JobSummary>> {
        self.jobs.current(key).map(|entry| &entry.summary)
    }

    /// All jobs with their summaries, by namespace and id.
    pub fn jobs(&self) -> impl Iterator<Item = (&JobKey, &Arc<Job>, &Arc<JobSummary>)> {
        self.jobs.all().map(|(key, JobEntry { job, summary })| (key, job, summary))
    }

    /// Jobs of one namespace whose id starts with `prefix`, by id.
    pub fn jobs_with_prefix<'a>(
        &'a self,
        namespace: &'a str,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a Arc<Job>, &'a Arc<JobSummary>)> {
        let records = self.jobs.records.range(JobKey::new(namespace, prefix)..);
        let mine =
            records.take_while(move |(key, _)| key.namespace() == namespace && key.id().starts_with(prefix));
        let entries = mine.filter_map(|(_, record)| record.entry.as_ref());
        entries.map(|JobEntry { job, summary }| (job, summary))
    }

    /// How many jobs there are.
    pub fn job_count(&self) -> usize {
        self.jobs.count
    }

    /// The versions of the current incarnation that clients may see, newest first.
    pub fn job_versions(&self, key: &JobKey) -> Vec<Arc<Job>> {
        let Some(current) = self.job(key) else {
            return Vec::new();
        };
        let mut versions: Vec<_> = self.jobs.versions_of(key, current.create_index).cloned().collect();
        versions.reverse();
        // Older ones are kept only because an allocation still runs them; the newest stable one is always shown.
        let stable = versions.iter().position(|job| job.stable);
        let tagged = |job: &Job| job.version_tag.is_some();
        let shown = versions
            .iter()
            .enumerate()
            .filter(|(at, job)| *at < TRACKED_VERSIONS || Some(*at) == stable || tagged(job));
        shown.map(|(_, job)| job.clone()).collect()
    }

    /// The version of its job that a placement is of.
    pub fn job_of_placement(&self, plan: &Plan, placement: &Placement) -> Option<&Arc<Job>> {
        let version = placement.older_version.unwrap_or(plan.job_version);
        self.job_version(&plan.job, plan.job_create_index, version)
    }

    /// One version of one incarnation of a job.
    pub fn job_version(&self, key: &JobKey, incarnation: u64, version: u64) -> Option<&Arc<Job>> {
        self.jobs.version(key, incarnation, version)
    }

    /// The text that a version of the current incarnation was made from.
    pub fn job_submission(&self, key: &JobKey, version: u64) -> Option<&Arc<JobSubmission>> {
        let incarnation = self.job(key)?.create_index;
        self.jobs.submissions.get(&(key.clone(), incarnation, version))
    }

    /// What was done to the counts of a job's groups.
    pub fn scaling_events(&self, key: &JobKey) -> Option<&Arc<ScalingEvents>> {
        self.jobs.scaling_events.get(key)
    }

    /// When the clock of a periodic job last launched, or was set, ns since 1970; `None` while it does not run.
    pub fn periodic_launch(&self, key: &JobKey) -> Option<i64> {
        self.jobs.launches.get(key).map(|launch| launch.launch_ns)
    }

    // ----- evaluations -----

    /// An evaluation.
    pub fn eval(&self, id: EvalId) -> Option<&Arc<Evaluation>> {
        self.evals.get(id)
    }

    /// All evaluations, oldest first.
    pub fn evals(&self) -> impl Iterator<Item = &Arc<Evaluation>> {
        self.evals.all()
    }

    /// All evaluations, by id.
    pub fn evals_by_id(&self) -> impl Iterator<Item = &Arc<Evaluation>> {
        self.evals.all_by_id()
    }

    /// Evaluations of a job, by id.
    pub fn evals_of_job(&self, key: &JobKey) -> impl Iterator<Item = &Arc<Evaluation>> {
        let named = self.jobs.records.get(key).into_iter().flat_map(|record| &record.evals);
        named.filter_map(|(id, create_index)| self.evals.at(*create_index, *id))
    }

    // ----- allocations -----

    /// An allocation.
    pub fn alloc(&self, id: AllocId) -> Option<&Arc<Allocation>> {
        self.allocs.by_id.get(&id)
    }

    /// All allocations, by id.
    pub fn allocs(&self) -> impl Iterator<Item = &Arc<Allocation>> {
        self.allocs.by_id.values()
    }

    /// Allocations of a job, by id.
    pub fn allocs_of_job(&self, key: &JobKey) -> impl Iterator<Item = &Arc<Allocation>> {
        self.allocs.of_job(key)
    }

    /// Allocations on a node, by id.
    pub fn allocs_of_node(&self, node: NodeId) -> impl Iterator<Item = &Arc<Allocation>> {
        self.allocs.of_node(node)
    }

    /// What the drain of a node still waits for: allocations on it that have not ended.
    pub fn left_on<'a>(&'a self, node: &'a Node) -> impl Iterator<Item = &'a Allocation> {
        let ignored = |alloc: &Allocation| node.drain.as_ref().is_some_and(|drain| drain.ignores(&alloc.job));
        let allocs = self.allocs.of_node(node.id).map(|alloc| &**alloc);
        allocs.filter(move |alloc| !alloc.client_status.terminal() && !ignored(alloc))
    }

    /// Allocations that an evaluation made, by id.
    pub fn allocs_of_eval(&self, eval: EvalId) -> impl Iterator<Item = &Arc<Allocation>> {
        self.allocs.of_eval(eval)
    }

    /// Registrations of services that an allocation stands for, by name.
    pub fn services_of_alloc(&self, alloc: AllocId) -> impl Iterator<Item = &Arc<ServiceRegistration>> {
        self.services.of_alloc(alloc)
    }

    /// Registrations of one service, by id.
    pub fn services_named<'a>(
        &'a self,
        namespace: &str,
        service: &str,
    ) -> impl Iterator<Item = &'a Arc<ServiceRegistration>> + use<'a> {
        self.services.starting_with(&crate::table::services::prefix(namespace, service))
    }

    /// All registrations, by namespace, name and id.
    pub fn services(&self) -> impl Iterator<Item = &Arc<ServiceRegistration>> {
        self.services.starting_with("")
    }

    // ----- deployments -----

    /// A deployment.
    pub fn deployment(&self, id: DeploymentId) -> Option<&Arc<Deployment>> {
        self.deployments.by_id.get(&id)
    }

    /// All deployments, by id.
    pub fn deployments(&self) -> impl Iterator<Item = &Arc<Deployment>> {
        self.deployments.by_id.values()
    }

    /// Deployments of a job, by id.
    pub fn deployments_of_job(&self, key: &JobKey) -> impl Iterator<Item = &Arc<Deployment>> {
        self.deployments.of_job(key)
    }

    /// The newest deployment of a job's current incarnation.
    pub fn latest_deployment(&self, key: &JobKey) -> Option<&Arc<Deployment>> {
        let job = self.job(key)?;
        let mine =
            self.deployments.of_job(key).filter(|deployment| deployment.job_create_index == job.create_index);
        mine.max_by_key(|deployment| deployment.create_index)
    }

    // ----- nodes and keys -----

    /// A node.
    pub fn node(&self, id: NodeId) -> Option<&Arc<Node>> {
        self.nodes.by_id.get(&id)
    }

    /// All nodes, by id.
    pub fn nodes(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.nodes.by_id.values()
    }

    /// All signing keys, by id.
    pub fn root_keys(&self) -> impl Iterator<Item = &Arc<RootKey>> {
        self.root_keys.by_id.values()
    }
}
