//! One group under way: what it asks, where it may go, and what has been seen.

use std::collections::BTreeMap;

use model::id::NodeId;
use model::metric::NodeScore;
use model::operator::SchedulerAlgorithm;
use model::resources::Given;
use model::resources::fit::{Dimension, Room};
use model::resources::used::Used;
use model::{AllocMetric, Node, TaskGroup};

use super::asked::Asked;
use super::cells::Cells;
use super::field::{Candidate, Field};
use super::metric::count_filtered;
use super::preempting::Ways;
use super::ranking::{Entries, Own, Ranking};
use super::reasons::Short;
use super::{Refused, Stack};
use crate::feasible::Checker;
use crate::feasible::distinct::{self, DISTINCT_HOSTS, Scope};
use crate::rank::affinity::Affinities;
use crate::rank::{RESCHEDULE_PENALTY, anti_affinity, binpack, part};

/// See the head of this file.
pub(super) struct Work<'a> {
    pub(super) group: &'a TaskGroup,
    pub(super) checker: Checker<'a>,
    pub(super) asked: Asked<'a>,
    pub(super) cells: Cells<'a>,
    pub(super) hosts: Option<Scope>,
    /// The reason against each class.
    pub(super) verdicts: Vec<Option<String>>,
    pub(super) field: Field<'a>,
    /// Made when a node is first chosen among many.
    pub(super) ranking: Option<Ranking>,
    /// Nodes without room when it was made.
    pub(super) short: Short,
    /// What making way would come to, once somebody has to.
    pub(super) ways: Option<Ways>,
    /// What is told of every search: nodes looked at and ruled out.
    pub(super) metric: AllocMetric,
    pub(super) failed: Option<(AllocMetric, Refused)>,
    /// The single nodes that were ruled out.
    pub(super) ruled_out: Option<AllocMetric>,
    pub(super) placed: Option<AllocMetric>,
    pub(super) placed_any: bool,
}

impl Work<'_> {
    /// True when the job's other allocations keep the group off a node.
    pub(super) fn shut(&self, at: usize) -> bool {
        let candidate = &self.field.candidates[at];
        candidate.occupied || !self.cells.is_empty() && self.cells.shut(candidate.cell())
    }

    /// How they do.
    pub(super) fn reason_shut(&self, at: usize) -> Option<String> {
        let candidate = &self.field.candidates[at];
        if candidate.occupied {
            return Some(DISTINCT_HOSTS.to_owned());
        }
        if self.cells.is_empty() { None } else { self.cells.reason_against(candidate.cell()) }
    }
}

impl<'a> Stack<'a> {
    pub(super) fn begin(&self, group: &'a TaskGroup) -> Work<'a> {
        let asked = Asked::of(group, self.settings.oversubscribed);
        let everywhere = (!asked.depends_on_node()).then(|| asked.room_on(None));
        let nodes = self.stocks.iter().map(|stock| stock.class.len()).sum();
        let mut work = Work {
            group,
            checker: Checker::new(self.job, group),
            asked,
            cells: Cells::of(self.job, group),
            hosts: distinct::hosts(self.job, group),
            verdicts: Vec::new(),
            field: Field::new(nodes, everywhere),
            ranking: None,
            short: Short::new(self.stocks.len()),
            ways: None,
            metric: self.base.clone(),
            failed: None,
            ruled_out: None,
            placed: None,
            placed_any: false,
        };
        self.fill_field(&mut work);
        self.note_changes(&mut work);
        self.note_others(&mut work);
        work
    }

    /// One check for each class; nodes one by one only where something looks behind the class.
    fn fill_field(&self, work: &mut Work<'a>) {
        let affinities = Affinities::of(self.job, work.group);
        let (escapes, singly) = (
            work.checker.escapes_class(),
            work.asked.depends_on_node() || affinities.escape_class() || work.cells.escape_class(),
        );
        for (number, stock) in self.stocks.iter().enumerate() {
            let nodes = stock.class.len() as u64;
            work.metric.nodes_evaluated += nodes;
            let verdict = work.checker.reason_against_class(stock.node);
            if let Some(reason) = verdict.clone() {
                count_filtered(&mut work.metric, stock.node, reason, nodes);
            } else if escapes || singly {
                let mut found = Vec::with_capacity(stock.class.len());
                for (id, slot) in stock.class.nodes() {
                    let Some(node) = self.state.node(id) else { continue };
                    if escapes && let Some(reason) = work.checker.reason_against(node) {
                        count_filtered(&mut work.metric, node, reason, 1);
                        continue;
                    }
                    work.field.ask_next(work.asked.room_on(Some(node)));
                    let affinity = affinities.score(node).unwrap_or(0.0);
                    found.push(Candidate::new(
                        id,
                        slot,
                        work.cells.places(number, node),
                        affinity,
                        self.seed,
                    ));
                }
                work.field.extend(number, found.into_iter());
            } else {
                let affinity = affinities.score(stock.node).unwrap_or(0.0);
                let places = work.cells.places(number, stock.node);
                let nodes = stock.class.nodes();
                let candidates =
                    nodes.map(|(id, slot)| Candidate::new(id, slot, places, affinity, self.seed));
                work.field.extend(number, candidates);
            }
            work.verdicts.push(verdict);
        }
    }

    /// What this evaluation has stopped and placed already.
    fn note_changes(&self, work: &mut Work<'a>) {
        for (&id, used) in &self.changed {
            if let Some(at) = self.state.node(id).and_then(|node| work.field.find(&self.stocks, node)) {
                let candidate = &mut work.field.candidates[at];
                candidate.free = candidate.room().minus(used.room);
            }
        }
    }

    /// The job's other allocations: of this group, and of others where those count too.
    fn note_others(&self, work: &mut Work<'a>) {
        let there = self.mine.iter().map(|alloc| (alloc.task_group.as_str(), alloc.node_id));
        for (group, node_id) in there.chain(self.placed_here.iter().copied()) {
            let same_group = group == work.group.name;
            let Some(node) = self.state.node(node_id) else { continue };
            if !work.cells.is_empty() {
                work.cells.count(node, same_group);
            }
            if let Some(at) = work.field.find(&self.stocks, node) {
                let candidate = &mut work.field.candidates[at];
                candidate.colocated += u32::from(same_group);
                candidate.occupied |= match work.hosts {
                    Some(Scope::Job) => true,
                    Some(Scope::Group) => same_group,
                    None => false,
                };
            }
        }
    }

    /// Ranks every candidate with room, once for a group.
    pub(super) fn rank(&self, work: &mut Work<'a>) {
        if work.ranking.is_some() {
            return;
        }
        let mut short = Short::new(self.stocks.len());
        let mut entries = Entries::default();
        for (at, candidate) in work.field.candidates.iter().enumerate() {
            if work.field.has_room(at) && !candidate.occupied {
                entries.add(candidate, at, self.own_with(work, at, binpack::at_most));
            } else if !candidate.occupied {
                short.count(candidate.stock(), candidate.free, work.field.ask(at));
            }
        }
        work.ranking = Some(entries.ranked());
        work.short = short;
    }

    /// The parts of a score that belong to the node alone.
    pub(super) fn own(&self, work: &Work<'a>, at: usize) -> Own {
        self.own_with(work, at, binpack::score)
    }

    fn own_with(
        &self,
        work: &Work<'a>,
        at: usize,
        fit: impl Fn(SchedulerAlgorithm, Room, Room) -> f64,
    ) -> Own {
        let candidate = &work.field.candidates[at];
        let free = candidate.free.minus(work.field.ask(at));
        let mut own = Own { sum: fit(self.settings.algorithm, candidate.room(), free), parts: 1 };
        let mut say = |part: f64| {
            own.sum += part;
            own.parts += 1;
        };
        if let Some(penalty) = anti_affinity::score(candidate.colocated, work.group.count) {
            say(penalty);
        }
        if candidate.affinity != 0.0 {
            say(candidate.affinity);
        }
        if let Some(part) = self.device_score(work, candidate) {
            say(part);
        }
        own
    }

    fn device_score(&self, work: &Work<'a>, candidate: &Candidate) -> Option<f64> {
        let devices = work.checker.devices();
        if !devices.has_affinities() {
            return None;
        }
        devices.choose(self.state.node(candidate.id)?, &self.used(candidate.id)).ok()?.score
    }

    pub(super) fn grant(
        &self,
        work: &Work<'a>,
        node: &Node,
        used: &Used,
        lot: u64,
    ) -> Result<Given, Dimension> {
        let seed = lot ^ self.seed.0.as_u64_pair().0;
        work.asked.grant(node, used, work.checker.devices(), seed)
    }

    /// The parts of a node's score, by the names that the original gives them.
    pub(super) fn explained(&self, work: &Work<'a>, at: usize, avoid: &[NodeId]) -> NodeScore {
        let candidate = &work.field.candidates[at];
        let fit = binpack::score(
            self.settings.algorithm,
            candidate.room(),
            candidate.free.minus(work.field.ask(at)),
        );
        let apart = anti_affinity::score(candidate.colocated, work.group.count).unwrap_or(0.0);
        let penalty = if avoid.contains(&candidate.id) { RESCHEDULE_PENALTY } else { 0.0 };
        let spread = if work.cells.spread() { work.cells.spread_score(candidate.cell()) } else { 0.0 };
        let mut scores: BTreeMap<String, f64> = [
            (part::FIT, fit),
            (part::ANTI_AFFINITY, apart),
            (part::RESCHEDULE, penalty),
            (part::AFFINITY, candidate.affinity),
        ]
        .map(|(name, part)| (name.to_owned(), part))
        .into();
        if work.cells.spread() {
            scores.insert(part::SPREAD.to_owned(), spread);
        }
        if let Some(score) = self.device_score(work, candidate) {
            scores.insert(part::DEVICES.to_owned(), score);
        }
        let norm_score = self.own(work, at).mean_with(&[spread, penalty]);
        NodeScore { node_id: candidate.id.text(), scores, norm_score }
    }
}
