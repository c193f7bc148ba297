//! Why a job is where it is, and what it would take to place the rest: asked of a snapshot, at any time, on any server.

use std::collections::BTreeMap;

use model::id::Seed;
use model::job::canonicalize::ALL_NODE_POOL;
use model::metric::NodeScore;
use model::resources::Given;
use model::resources::fit::Room;
use model::{AllocMetric, AllocatedResources, ClientStatus, DesiredStatus, Job, JobType, Node, TaskGroup};
use state::State;
use uuid::Uuid;

use crate::feasible::{Checker, datacenter};
use crate::stack::{Stack, Wish};

/// Nodes that are named as the nearest to having room.
const NEAREST_MAX: usize = 5;

/// One rule, and what it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The rule, as `ConstraintFiltered` and `DimensionExhausted` word it.
    pub rule: String,
    /// Nodes that it rules out, of those that the rules before it left.
    pub ruled_out: u64,
    /// Nodes left after it.
    pub left: u64,
}

/// A node that may hold the group, but has too little room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// The node.
    pub node_id: String,
    /// Its name.
    pub node_name: String,
    /// How much is missing, by dimension: `cpu` in MHz, `memory` and `disk` in MiB.
    pub missing: BTreeMap<String, i64>,
}

/// What is to be said of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupExplanation {
    /// The group.
    pub name: String,
    /// Allocations wanted; of a system job, those of nodes that may hold one.
    pub wanted: i64,
    /// Allocations that are alive.
    pub alive: i64,
    /// Of a batch job: allocations whose work is done.
    pub done: i64,
    /// From all nodes to those that could take one more allocation now.
    pub rules: Vec<Rule>,
    /// The best nodes for one more allocation, with the parts of their scores.
    pub best: Vec<NodeScore>,
    /// Without such a node: those that lack least.
    pub nearest: Vec<Nearest>,
}

/// Explains every group of a job.
pub fn explain(state: &State, job: &Job) -> Vec<GroupExplanation> {
    // Nodes that are equally good come in the same order on every server.
    let seed = Seed(Uuid::from_u64_pair(job.create_index, job.modify_index));
    job.task_groups.iter().map(|group| explain_group(state, job, group, seed)).collect()
}

fn explain_group(state: &State, job: &Job, group: &TaskGroup, seed: Seed) -> GroupExplanation {
    let key = job.key();
    let alive = state.allocs_of_job(&key).filter(|own| own.task_group == group.name && !own.terminal());
    let alive = i64::try_from(alive.count()).unwrap_or(i64::MAX);
    let done = state.allocs_of_job(&key).filter(|own| {
        let finished =
            own.client_status == ClientStatus::Complete && own.desired_status == DesiredStatus::Run;
        own.task_group == group.name && own.job_create_index == job.create_index && finished
    });
    let done = if batch(job) { i64::try_from(done.count()).unwrap_or(i64::MAX) } else { 0 };
    let mut funnel = Funnel { rules: Vec::new(), left: state.nodes().count() as u64 };
    let nodes = funnel.through_nodes(state, job);
    let metric = funnel.through_constraints(job, group, &nodes);
    let mut stack = Stack::new(state, job, &[], seed);
    stack.enter_group(group);
    let found = stack.select(group, &Wish::default()).is_ok();
    let best = stack.placed().map(|metric| metric.scores).unwrap_or_default();
    let room = stack.leave_group().unwrap_or_default();
    funnel.by_count(&room.constraint_filtered, &metric.constraint_filtered);
    funnel.by_count(&room.dimension_exhausted, &BTreeMap::new());
    let nearest = if found { Vec::new() } else { nearest(state, job, group, &nodes) };
    GroupExplanation {
        name: group.name.clone(),
        wanted: crate::kind::desired_total(state, job, group),
        alive,
        done,
        rules: funnel.rules,
        best,
        nearest,
    }
}

fn batch(job: &Job) -> bool {
    matches!(job.kind, JobType::Batch | JobType::Sysbatch)
}

struct Funnel {
    rules: Vec<Rule>,
    left: u64,
}

impl Funnel {
    fn step(&mut self, rule: &str, left: u64) {
        let ruled_out = self.left.saturating_sub(left);
        self.left = left;
        self.rules.push(Rule { rule: rule.to_owned(), ruled_out, left });
    }

    /// Ready nodes of the job's pool and datacenters.
    fn through_nodes<'a>(&mut self, state: &'a State, job: &Job) -> Vec<&'a Node> {
        let mut nodes: Vec<&Node> = state.nodes().map(|node| &**node).filter(|node| node.ready()).collect();
        self.step("ready and eligible", nodes.len() as u64);
        nodes.retain(|node| job.node_pool == ALL_NODE_POOL || node.node_pool == job.node_pool);
        self.step(&format!("node pool \"{}\"", job.node_pool), nodes.len() as u64);
        nodes.retain(|node| datacenter::matches_any(&job.datacenters, &node.datacenter));
        self.step(&format!("datacenters {}", job.datacenters.join(", ")), nodes.len() as u64);
        nodes
    }

    /// What each node has against the group, counted once for each node under its first reason.
    fn through_constraints(&mut self, job: &Job, group: &TaskGroup, nodes: &[&Node]) -> AllocMetric {
        let checker = Checker::new(job, group);
        let mut metric = AllocMetric::default();
        for reason in nodes.iter().filter_map(|node| checker.reason_against(node)) {
            *metric.constraint_filtered.entry(reason).or_default() += 1;
        }
        self.by_count(&metric.constraint_filtered, &BTreeMap::new());
        metric
    }

    /// Rules by how much they rule out, those left out that have been told.
    fn by_count(&mut self, counts: &BTreeMap<String, u64>, told: &BTreeMap<String, u64>) {
        let mut counts: Vec<_> = counts.iter().filter(|(rule, _)| !told.contains_key(*rule)).collect();
        counts.sort_by_key(|(rule, count)| (std::cmp::Reverse(**count), (*rule).clone()));
        for (rule, count) in counts {
            self.step(rule, self.left.saturating_sub(*count));
        }
    }
}

/// Nodes that may hold the group, those first that lack the smallest share of what they have.
fn nearest(state: &State, job: &Job, group: &TaskGroup, nodes: &[&Node]) -> Vec<Nearest> {
    let asked = Room::of_alloc(&AllocatedResources::of_group(group, &Given::default()));
    let checker = Checker::new(job, group);
    let mut lacking = Vec::new();
    for node in nodes.iter().filter(|node| checker.reason_against(node).is_none()) {
        let room = Room::of_node(node);
        let used = state.used_of_node(node.id).map(|used| used.room).unwrap_or_default();
        let free = room.minus(used);
        let dimensions = [
            ("cpu", asked.cpu - free.cpu, room.cpu),
            ("memory", asked.memory_mb - free.memory_mb, room.memory_mb),
            ("disk", asked.disk_mb - free.disk_mb, room.disk_mb),
        ];
        let short = dimensions.iter().filter(|(_, missing, _)| *missing > 0);
        // In thousandths, so that their order needs no floating point.
        let share: i64 =
            short.clone().map(|(_, missing, all)| missing.saturating_mul(1_000) / all.max(&1)).sum();
        let missing = short.map(|(name, missing, _)| ((*name).to_owned(), *missing)).collect();
        lacking.push((share, node.id, node.name.clone(), missing));
    }
    lacking.sort();
    let named = lacking.into_iter().take(NEAREST_MAX);
    let nearest = named.map(|(_, id, node_name, missing)| Nearest { node_id: id.text(), node_name, missing });
    nearest.collect()
}
