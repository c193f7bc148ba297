//! What one agent knows, and what it makes of what it is told. No I/O: the session carries it out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{
    AllocId, AllocUpdate, Allocation, ClientStatus, DeploymentId, DesiredStatus, Job, JobType, Node, NodeId,
    TaskRunState, TaskState,
};
use proto::v1::DesiredSet;

use super::books::{Books, Counters};

/// An agent's memory; it outlives its sessions and its restarts.
pub(super) struct Memory {
    pub(super) node: Node,
    pub(super) secret: String,
    /// Empty before the first session.
    pub(super) cluster_id: String,
    last_index: u64,
    allocs: BTreeMap<AllocId, Known>,
    jobs: BTreeMap<(String, u64, u64), Arc<Job>>,
    /// Reports that no server has acknowledged.
    pub(super) outbox: BTreeMap<AllocId, AllocUpdate>,
}

struct Known {
    alloc_modify_index: u64,
    status: ClientStatus,
    tasks: BTreeSet<String>,
    deployment: DeploymentId,
    started_ns: i64,
}

/// What an allocation's job is to it.
fn job_of(alloc: &Allocation) -> (String, u64, u64) {
    (alloc.job_id.clone(), alloc.job_create_index, alloc.job_version)
}

impl Memory {
    pub(super) fn new(node: Node, secret: String) -> Memory {
        Memory {
            node,
            secret,
            cluster_id: String::new(),
            last_index: 0,
            allocs: BTreeMap::new(),
            jobs: BTreeMap::new(),
            outbox: BTreeMap::new(),
        }
    }

    /// Takes a complete set; answers the ids whose bodies are wanted.
    pub(super) fn desired(&mut self, set: &DesiredSet, books: &Books, now_ns: i64) -> Vec<String> {
        if set.index < self.last_index {
            Counters::count(&books.counters.old_sets, 1);
            return Vec::new();
        }
        Counters::count(&books.counters.sets, 1);
        self.last_index = set.index;
        let wanted: BTreeMap<AllocId, &proto::v1::AllocRef> =
            set.allocs.iter().filter_map(|alloc| Some((alloc.id.parse().ok()?, alloc))).collect();
        let gone: Vec<_> = self.allocs.keys().filter(|id| !wanted.contains_key(id)).copied().collect();
        for id in gone {
            self.allocs.remove(&id);
            self.outbox.remove(&id);
            books.runs(id, false);
        }
        for (id, alloc) in &wanted {
            if alloc.desired_status != DesiredStatus::Run.as_str() {
                self.end(*id, books, now_ns);
            }
        }
        let news = wanted.into_iter().filter(|(id, alloc)| {
            self.allocs.get(id).is_none_or(|known| known.alloc_modify_index < alloc.alloc_modify_index)
        });
        news.map(|(id, _)| id.to_string()).collect()
    }

    pub(super) fn job(&mut self, job: Job) {
        self.jobs.insert((job.id.clone(), job.create_index, job.version), Arc::new(job));
    }

    /// Takes a body; answers true when it has started something that ends by itself.
    pub(super) fn body(&mut self, alloc: &Allocation, node: NodeId, books: &Books, now_ns: i64) -> bool {
        if alloc.node_id != node {
            return false;
        }
        books.seen(alloc.id, &alloc.name, node);
        let runs = alloc.desired_status == DesiredStatus::Run && !alloc.client_status.terminal();
        let known = self.allocs.entry(alloc.id).or_insert_with(|| Known {
            alloc_modify_index: 0,
            status: alloc.client_status,
            tasks: alloc.resources.tasks.keys().cloned().collect(),
            deployment: DeploymentId::default(),
            started_ns: 0,
        });
        if known.alloc_modify_index >= alloc.alloc_modify_index {
            return false;
        }
        known.alloc_modify_index = alloc.alloc_modify_index;
        let moved = std::mem::replace(&mut known.deployment, alloc.deployment_id) != alloc.deployment_id;
        if !runs {
            self.end(alloc.id, books, now_ns);
            return false;
        }
        let starts = known.started_ns == 0;
        if starts {
            known.started_ns = now_ns;
            known.status = ClientStatus::Running;
            books.runs(alloc.id, true);
        }
        if starts || moved {
            self.report(alloc.id, now_ns);
        }
        let batch = |job: &Arc<Job>| matches!(job.kind, JobType::Batch | JobType::Sysbatch);
        starts && self.jobs.get(&job_of(alloc)).is_some_and(batch)
    }

    /// What runs of an allocation ends.
    pub(super) fn end(&mut self, id: AllocId, books: &Books, now_ns: i64) {
        let Some(known) = self.allocs.get_mut(&id) else { return };
        if !known.status.terminal() {
            known.status = ClientStatus::Complete;
            books.runs(id, false);
            self.report(id, now_ns);
        }
    }

    fn report(&mut self, id: AllocId, now_ns: i64) {
        let Some(known) = self.allocs.get(&id) else { return };
        let running = known.status == ClientStatus::Running;
        let task = TaskState {
            state: if running { TaskRunState::Running } else { TaskRunState::Dead },
            started_at_ns: known.started_ns,
            finished_at_ns: if running { 0 } else { now_ns },
            ..TaskState::default()
        };
        let update = AllocUpdate {
            id,
            client_status: known.status,
            task_states: known.tasks.iter().map(|name| (name.clone(), task.clone())).collect(),
            healthy: (running && known.deployment != DeploymentId::default()).then_some(true),
            deployment_id: known.deployment,
            health_timestamp_ns: now_ns,
            modify_time_ns: now_ns,
            ..AllocUpdate::default()
        };
        self.outbox.insert(id, update);
    }

    /// A server has taken these reports; what was reported anew since stays.
    pub(super) fn acknowledged(&mut self, updates: &[AllocUpdate]) {
        for update in updates {
            if self.outbox.get(&update.id).is_some_and(|newest| newest == update) {
                self.outbox.remove(&update.id);
            }
        }
    }
}
