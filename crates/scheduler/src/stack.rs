//! Chooses a node for each allocation of a job: feasible nodes once per group, the best of all of them each time.

use std::collections::BTreeMap;

use model::id::{AllocId, NodeId, Seed};
use model::job::canonicalize::ALL_NODE_POOL;
use model::metric::NodeScore;
use model::resources::fit::Room;
use model::resources::ports::PortsInUse;
use model::resources::{AllocatedPort, AllocatedResources, Given};
use model::{AllocMetric, Job, Node, TaskGroup};
use state::State;

use crate::feasible::{self, Checker, datacenter};
use crate::rank::{anti_affinity, binpack};

/// A node with what is left on it, as far as this evaluation has planned.
struct Candidate<'a> {
    node: &'a Node,
    room: Room,
    free: Room,
    ports: PortsInUse,
    /// Allocations of the group in hand on this node.
    colocated: u64,
    /// Decides between nodes of equal score.
    lot: u64,
}

/// What one placement asks for beyond its group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Nodes that an earlier allocation failed on: chosen only where nothing else is as good.
    pub avoid: Vec<NodeId>,
    /// Node that holds the data of its predecessor: taken if it has room.
    pub prefer: Option<NodeId>,
    /// The one node that it is for, of a system job.
    pub only: Option<NodeId>,
}

/// Where a placement goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The node.
    pub node_id: NodeId,
    /// What was chosen for it there.
    pub given: Given,
    /// Allocations that make way for it.
    pub preempted: Vec<AllocId>,
}

/// Why a placement found no node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// No node may hold it, or the one that it is for may not.
    Filtered,
    /// Nodes may, but none has room.
    Exhausted,
}

/// Chooses nodes for one job.
pub struct Stack<'a> {
    state: &'a State,
    job: &'a Job,
    seed: Seed,
    candidates: Vec<Candidate<'a>>,
    /// Positions in `candidates` that the group in hand may use.
    feasible: Vec<usize>,
    base: AllocMetric,
    metric: AllocMetric,
    failed: Option<AllocMetric>,
    placed: Option<AllocMetric>,
    classes: BTreeMap<String, bool>,
    escaped: bool,
}

impl<'a> Stack<'a> {
    /// Looks at the nodes of the job's pool and datacenters once; `stopped` no longer take up room.
    pub fn new(state: &'a State, job: &'a Job, stopped: &[AllocId], seed: Seed) -> Self {
        let mut base = AllocMetric { node_pool: job.node_pool.clone(), ..AllocMetric::default() };
        let mut candidates = Vec::new();
        for node in state.nodes().filter(|node| node.ready()) {
            if job.node_pool != ALL_NODE_POOL && node.node_pool != job.node_pool {
                continue;
            }
            base.nodes_in_pool += 1;
            if datacenter::matches_any(&job.datacenters, &node.datacenter) {
                *base.nodes_available.entry(node.datacenter.clone()).or_default() += 1;
                candidates.push(Candidate::new(state, node, stopped, seed));
            }
        }
        Stack {
            state,
            job,
            seed,
            candidates,
            feasible: Vec::new(),
            metric: base.clone(),
            base,
            failed: None,
            placed: None,
            classes: BTreeMap::new(),
            escaped: false,
        }
    }

    /// Turns to a group: finds the nodes that may hold it, one check for each class of nodes.
    pub fn enter_group(&mut self, group: &TaskGroup) {
        self.metric = self.base.clone();
        self.failed = None;
        self.placed = None;
        self.feasible.clear();
        let checker = Checker::new(self.job, group);
        self.escaped |= checker.escapes_class();
        let mut by_class: BTreeMap<&str, Option<String>> = BTreeMap::new();
        for (at, candidate) in self.candidates.iter_mut().enumerate() {
            let class = candidate.node.computed_class.as_str();
            let verdict = match by_class.get(class) {
                Some(verdict) if !checker.escapes_class() => verdict.clone(),
                _ => checker.reason_against(candidate.node),
            };
            by_class.insert(class, verdict.clone());
            self.metric.nodes_evaluated += 1;
            let fits_class = self.classes.entry(class.to_owned()).or_default();
            *fits_class |= verdict.is_none();
            match verdict {
                None => self.feasible.push(at),
                Some(reason) => count_filtered(&mut self.metric, candidate.node, reason),
            }
            candidate.colocated = 0;
        }
        self.count_colocated(group);
    }

    fn count_colocated(&mut self, group: &TaskGroup) {
        let key = self.job.key();
        let mut counts: BTreeMap<NodeId, u64> = BTreeMap::new();
        for alloc in
            self.state.allocs_of_job(&key).filter(|alloc| alloc.task_group == group.name && !alloc.terminal())
        {
            *counts.entry(alloc.node_id).or_default() += 1;
        }
        for candidate in &mut self.candidates {
            candidate.colocated = counts.get(&candidate.node.id).copied().unwrap_or(0);
        }
    }

    /// The best node for one more allocation of the group, with what it is given there; what stood in the way is
    /// counted.
    pub fn select(&mut self, group: &TaskGroup, wish: &Wish) -> Result<Choice, Refused> {
        if let Some(failed) = &mut self.failed {
            // The first failure has said why; another search would find the same.
            failed.coalesced_failures += 1;
            return Err(Refused::Exhausted);
        }
        let asked = Room::of_alloc(&AllocatedResources::of_group(group, &Given::default()));
        let mut metric = self.metric.clone();
        let mut best: Option<(f64, u64, usize, Vec<AllocatedPort>)> = None;
        for &at in &self.feasible {
            let candidate = &self.candidates[at];
            if wish.only.is_some_and(|only| only != candidate.node.id) {
                continue;
            }
            if let Some(dimension) = candidate.free.lacking(asked) {
                count_exhausted(&mut metric, candidate.node, dimension.to_string());
                continue;
            }
            let score = score(candidate, asked, group.count);
            if best.as_ref().is_some_and(|(top, lot, ..)| (score, candidate.lot) <= (*top, *lot)) {
                continue;
            }
            match candidate.ports.assign(
                candidate.node,
                &group.networks,
                candidate.lot ^ self.seed.0.as_u64_pair().0,
            ) {
                Ok(ports) => best = Some((score, candidate.lot, at, ports)),
                Err(dimension) => count_exhausted(&mut metric, candidate.node, dimension.to_string()),
            }
        }
        let Some((_, _, at, ports)) = best else {
            self.failed = Some(metric);
            return Err(Refused::Exhausted);
        };
        let candidate = &mut self.candidates[at];
        self.placed.get_or_insert_with(|| {
            metric.scores = vec![explained(candidate, asked, group.count)];
            metric
        });
        candidate.take(asked, &ports);
        let given = Given { ports, ..Given::default() };
        Ok(Choice { node_id: candidate.node.id, given, preempted: Vec::new() })
    }

    /// Ends a group: what was seen, if something of it found no place.
    pub fn leave_group(&mut self) -> Option<AllocMetric> {
        self.failed.take()
    }

    /// What was seen when the first allocation of the group found its place.
    pub fn placed(&mut self) -> Option<AllocMetric> {
        self.placed.take()
    }

    /// Classes seen and whether a group fits them, and whether a constraint looked behind the class.
    pub fn class_eligibility(&self) -> (BTreeMap<String, bool>, bool) {
        (self.classes.clone(), self.escaped)
    }
}

impl<'a> Candidate<'a> {
    fn new(state: &'a State, node: &'a Node, stopped: &[AllocId], seed: Seed) -> Self {
        let room = Room::of_node(node);
        let mut free = room;
        let mut ports = PortsInUse::of_node(node);
        for alloc in
            state.allocs_of_node(node.id).filter(|alloc| alloc.occupies() && !stopped.contains(&alloc.id))
        {
            free = free.minus(Room::of_alloc(&alloc.resources));
            ports.take(&alloc.resources);
        }
        let (high, low) = node.id.0.as_u64_pair();
        let (seed_high, seed_low) = seed.0.as_u64_pair();
        let lot = (high ^ seed_high).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29) ^ low ^ seed_low;
        Candidate { node, room, free, ports, colocated: 0, lot }
    }

    fn take(&mut self, asked: Room, ports: &[AllocatedPort]) {
        self.free = self.free.minus(asked);
        self.ports.take(&AllocatedResources { ports: ports.to_vec(), ..AllocatedResources::default() });
        self.colocated += 1;
    }
}

/// True when a node is of the job's pool and datacenters and may hold the group: whether it has room is not asked.
pub fn suits(job: &Job, group: &TaskGroup, node: &Node) -> bool {
    let pool = job.node_pool == ALL_NODE_POOL || job.node_pool == node.node_pool;
    let there = datacenter::matches_any(&job.datacenters, &node.datacenter);
    pool && there && Checker::new(job, group).reason_against(node).is_none()
}

/// The mean of the parts that have something to say, as the original scores.
fn score(candidate: &Candidate<'_>, asked: Room, count: i64) -> f64 {
    let fit = binpack::score(candidate.room, candidate.free.minus(asked));
    match anti_affinity::score(candidate.colocated, count) {
        Some(penalty) => f64::midpoint(fit, penalty),
        None => fit,
    }
}

/// The parts of a chosen node's score, by the names that the original gives them.
fn explained(candidate: &Candidate<'_>, asked: Room, count: i64) -> NodeScore {
    let mut scores = BTreeMap::new();
    scores.insert("binpack".to_owned(), binpack::score(candidate.room, candidate.free.minus(asked)));
    let apart = anti_affinity::score(candidate.colocated, count).unwrap_or(0.0);
    scores.insert("job-anti-affinity".to_owned(), apart);
    NodeScore { node_id: candidate.node.id.text(), scores, norm_score: score(candidate, asked, count) }
}

fn count_filtered(metric: &mut AllocMetric, node: &Node, reason: String) {
    metric.nodes_filtered += 1;
    *metric.constraint_filtered.entry(reason).or_default() += 1;
    if !node.node_class.is_empty() {
        *metric.class_filtered.entry(node.node_class.clone()).or_default() += 1;
    }
}

fn count_exhausted(metric: &mut AllocMetric, node: &Node, dimension: String) {
    metric.nodes_exhausted += 1;
    *metric.dimension_exhausted.entry(dimension).or_default() += 1;
    if !node.node_class.is_empty() {
        *metric.class_exhausted.entry(node.node_class.clone()).or_default() += 1;
    }
}

/// The reasons that feasibility gives, for those who explain.
pub use feasible::MISSING_DRIVERS;
