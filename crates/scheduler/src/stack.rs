//! Chooses a node for each allocation of a job: feasible nodes once per group, the best of all of them each time.

mod asked;
mod cells;
mod field;
mod metric;
mod preempting;
mod ranking;
mod reasons;
mod settings;
mod single;
mod work;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use model::id::{AllocId, NodeId, Seed};
use model::metric::NodeScore;
use model::resources::Given;
use model::resources::used::Used;
use model::{AllocMetric, AllocatedResources, Allocation, Job, TaskGroup};
use state::State;

use crate::feasible::in_reach;
use field::Stock;
use metric::add_wanted;
use settings::Settings;
use work::Work;

/// The reasons that feasibility gives, for those who explain.
pub use crate::feasible::MISSING_DRIVERS;

/// Nodes whose scores are told.
const SCORES_MAX: usize = 5;

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
    settings: Settings,
    /// Classes of the job's pool and datacenters, by name.
    stocks: Vec<Stock<'a>>,
    base: AllocMetric,
    /// Allocations that no longer take up room: stopped, or making way.
    gone: BTreeSet<AllocId>,
    /// Allocations of the job that stay.
    mine: Vec<&'a Allocation>,
    /// Where this evaluation has placed others, with their groups.
    placed_here: Vec<(&'a str, NodeId)>,
    /// What is taken of nodes that this evaluation has changed.
    changed: BTreeMap<NodeId, Used>,
    work: Option<Work<'a>>,
    eligible: BTreeMap<String, bool>,
    escaped: bool,
}

impl<'a> Stack<'a> {
    /// Looks at the classes of nodes in the job's pool and datacenters once; `stopped` no longer take up room.
    pub fn new(state: &'a State, job: &'a Job, stopped: &[AllocId], seed: Seed) -> Self {
        let mut base = AllocMetric { node_pool: job.node_pool.clone(), ..AllocMetric::default() };
        let mut stocks = Vec::new();
        for (name, class) in state.ready_classes() {
            let Some(node) = class.first().and_then(|id| state.node(id)) else {
                continue;
            };
            if in_reach(job, node) {
                let nodes = class.len() as u64;
                base.nodes_in_pool += nodes;
                *base.nodes_available.entry(node.datacenter.clone()).or_default() += nodes;
                stocks.push(Stock { name, class, node });
            }
        }
        let gone: BTreeSet<AllocId> = stopped.iter().copied().collect();
        let key = job.key();
        let mine = state.allocs_of_job(&key).map(|alloc| &**alloc);
        let mine = mine.filter(|alloc| !alloc.terminal() && !gone.contains(&alloc.id)).collect();
        let mut changed: BTreeMap<NodeId, Used> = BTreeMap::new();
        for alloc in gone.iter().filter_map(|&id| state.alloc(id)).filter(|alloc| alloc.occupies()) {
            let used = || state.used_of_node(alloc.node_id).cloned().unwrap_or_default();
            changed.entry(alloc.node_id).or_insert_with(used).remove(&alloc.resources);
        }
        Stack {
            state,
            job,
            seed,
            settings: Settings::of(state, job),
            stocks,
            base,
            gone,
            mine,
            placed_here: Vec::new(),
            changed,
            work: None,
            eligible: BTreeMap::new(),
            escaped: false,
        }
    }

    /// Turns to one of the job's groups: finds the nodes that may hold it, one check for each class of nodes.
    pub fn enter_group(&mut self, group: &TaskGroup) {
        self.work = self.job.group(&group.name).map(|group| self.begin(group));
        let Some(work) = &self.work else { return };
        self.escaped |= work.checker.escapes_class();
        for (stock, verdict) in self.stocks.iter().zip(&work.verdicts) {
            *self.eligible.entry(stock.name.to_owned()).or_default() |= verdict.is_none();
        }
    }

    /// The best node for one more allocation of the group, with what it is given there; what stood in the way is
    /// counted.
    pub fn select(&mut self, group: &TaskGroup, wish: &Wish) -> Result<Choice, Refused> {
        let Some(mut work) = self.work.take() else {
            return Err(Refused::Filtered);
        };
        debug_assert_eq!(work.group.name, group.name, "a group is entered before its allocations are placed");
        let found = match wish.only {
            Some(only) => self.select_on(&mut work, only),
            None => self.select_among(&mut work, wish),
        };
        self.work = Some(work);
        found
    }

    /// Ends a group: what was seen, if something of it found no place. Of allocations that were each for one node it is
    /// what stood in the way where there was no room, or what ruled out all of them.
    pub fn leave_group(&mut self) -> Option<AllocMetric> {
        let work = self.work.take()?;
        let ruled_out = work.ruled_out.filter(|_| !work.placed_any);
        work.failed.map(|(metric, _)| metric).or(ruled_out)
    }

    /// What was seen when the first allocation of the group found its place.
    pub fn placed(&mut self) -> Option<AllocMetric> {
        self.work.as_mut()?.placed.take()
    }

    /// Classes seen and whether a group fits them, and whether a constraint looked behind the class.
    pub fn class_eligibility(&self) -> (BTreeMap<String, bool>, bool) {
        (self.eligible.clone(), self.escaped)
    }

    fn used(&self, node: NodeId) -> Cow<'_, Used> {
        match self.changed.get(&node).or_else(|| self.state.used_of_node(node)) {
            Some(used) => Cow::Borrowed(used),
            None => Cow::Owned(Used::default()),
        }
    }

    /// Of all nodes.
    fn select_among(&mut self, work: &mut Work<'a>, wish: &Wish) -> Result<Choice, Refused> {
        if let Some((metric, refused)) = &mut work.failed {
            // The first failure has said why; another search would find the same.
            metric.coalesced_failures += 1;
            add_wanted(metric, work.group);
            return Err(*refused);
        }
        let preferred = wish.prefer.and_then(|id| self.state.node(id));
        if let Some(at) = preferred.and_then(|node| work.field.find(&self.stocks, node))
            && !work.shut(at)
            && let Some(given) = self.given(work, at)
        {
            return Ok(self.commit(work, at, given, &[]));
        }
        self.rank(work);
        if let Some(choice) = self.best(work, &wish.avoid) {
            return Ok(choice);
        }
        if let Some(choice) = self.preempt_somewhere(work) {
            return Ok(choice);
        }
        let metric = self.all_reasons(work);
        let refused = if metric.nodes_exhausted > 0 { Refused::Exhausted } else { Refused::Filtered };
        work.failed = Some((metric, refused));
        Err(refused)
    }

    fn best(&mut self, work: &mut Work<'a>, avoid: &[NodeId]) -> Option<Choice> {
        let (at, given) = self.take_best(work, avoid)?;
        if work.placed.is_none() && !work.placed_any {
            let mut metric = self.room_reasons(work);
            metric.scores = self.scores(work, at, avoid);
            work.placed = Some(metric);
        }
        Some(self.commit(work, at, given, &[]))
    }

    fn take_best(&self, work: &mut Work<'a>, avoid: &[NodeId]) -> Option<(usize, Given)> {
        let mut ranking = work.ranking.take()?;
        let mut found = None;
        while let Some(best) = ranking.take(&work.field, &work.cells, avoid, &|at| self.own(work, at)) {
            if let Some(given) = self.given(work, best.at) {
                found = Some((best.at, given));
                break;
            }
            // Room only gets less while a group is placed: it need not be asked again.
            work.field.candidates[best.at].spent = true;
        }
        work.ranking = Some(ranking);
        found
    }

    /// The chosen node's score and those of the next best.
    fn scores(&self, work: &mut Work<'a>, chosen: usize, avoid: &[NodeId]) -> Vec<NodeScore> {
        let mut scores = vec![self.explained(work, chosen, avoid)];
        let Some(mut ranking) = work.ranking.take() else {
            return scores;
        };
        let mut others = Vec::new();
        while others.len() + 1 < SCORES_MAX
            && let Some(best) = ranking.take(&work.field, &work.cells, avoid, &|at| self.own(work, at))
        {
            others.push(best);
        }
        scores.extend(others.iter().map(|best| self.explained(work, best.at, avoid)));
        others.into_iter().for_each(|best| ranking.put_back(best));
        work.ranking = Some(ranking);
        scores
    }

    /// What the group is given on a node that may hold it; `None` when it has not all of it.
    fn given(&self, work: &Work<'a>, at: usize) -> Option<Given> {
        let candidate = &work.field.candidates[at];
        if !work.field.has_room(at) {
            return None;
        }
        if !work.asked.special(work.checker.devices()) {
            return Some(work.asked.plain());
        }
        let node = self.state.node(candidate.id)?;
        self.grant(work, node, &self.used(node.id), candidate.lot).ok()
    }

    /// Takes a node for an allocation of the group, and notes everything that changes by it.
    fn commit(
        &mut self,
        work: &mut Work<'a>,
        at: usize,
        given: Given,
        preempted: &[&'a Allocation],
    ) -> Choice {
        let id = work.field.candidates[at].id;
        let state = self.state;
        let used =
            self.changed.entry(id).or_insert_with(|| state.used_of_node(id).cloned().unwrap_or_default());
        for alloc in preempted {
            used.remove(&alloc.resources);
            self.gone.insert(alloc.id);
        }
        used.add(&AllocatedResources::of_group(work.group, &given));
        let used = used.room;
        let candidate = &mut work.field.candidates[at];
        candidate.free = candidate.room().minus(used);
        candidate.colocated += 1;
        candidate.occupied |= work.hosts.is_some();
        candidate.spent &= preempted.is_empty();
        candidate.stamp += 1;
        if !work.cells.is_empty() {
            work.cells.place(candidate.cell());
        }
        let open = !candidate.occupied && !candidate.spent;
        if open && work.field.has_room(at) && work.ranking.is_some() {
            let own = self.own(work, at);
            if let Some(ranking) = &mut work.ranking {
                ranking.put(&work.field, at, own);
            }
        }
        work.placed_any = true;
        self.placed_here.push((&work.group.name, id));
        Choice { node_id: id, given, preempted: preempted.iter().map(|alloc| alloc.id).collect() }
    }
}
