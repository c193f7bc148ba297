//! Making way: where no node has room, less important allocations leave the node that is best without them.

use model::resources::fit::Room;
use model::{Allocation, JobKey};

use super::work::Work;
use super::{Choice, Stack};
use crate::rank::{binpack, part, preempt};

/// Nodes on which others could make way, the best last.
pub(super) struct Ways(Vec<Way>);

#[derive(Debug, Clone, Copy)]
struct Way {
    score: f64,
    lot: u64,
    at: usize,
}

impl Ways {
    fn sort(&mut self) {
        self.0.sort_by(|one, other| one.score.total_cmp(&other.score).then(one.lot.cmp(&other.lot)));
    }
}

impl<'a> Stack<'a> {
    /// On the best of all nodes.
    pub(super) fn preempt_somewhere(&mut self, work: &mut Work<'a>) -> Option<Choice> {
        if !self.settings.preempts {
            return None;
        }
        let mut ways = match work.ways.take() {
            Some(ways) => ways,
            None => self.ways(work),
        };
        let mut choice = None;
        while let Some(way) = ways.0.pop() {
            // What it would come to may have changed since it was worked out.
            let Some((_, victims)) = self.way(work, way.at) else { continue };
            let found = self.make_way(work, way.at, &victims);
            if found.is_some() {
                choice = found;
                if let Some((score, _)) = self.way(work, way.at) {
                    ways.0.push(Way { score, ..way });
                    ways.sort();
                }
                break;
            }
        }
        work.ways = Some(ways);
        choice
    }

    /// On one node and no other.
    pub(super) fn preempt_on(&mut self, work: &mut Work<'a>, at: usize) -> Option<Choice> {
        if !self.settings.preempts {
            return None;
        }
        let (_, victims) = self.way(work, at)?;
        self.make_way(work, at, &victims)
    }

    fn ways(&self, work: &Work<'a>) -> Ways {
        let candidates = work.field.candidates.iter().enumerate();
        let mut ways = Ways(
            candidates
                .filter_map(|(at, candidate)| {
                    let (score, _) = self.way(work, at)?;
                    Some(Way { score, lot: candidate.lot, at })
                })
                .collect(),
        );
        ways.sort();
        ways
    }

    /// What has to make way on a node, and the node's score without it.
    fn way(&self, work: &Work<'a>, at: usize) -> Option<(f64, Vec<&'a Allocation>)> {
        if work.shut(at) {
            return None;
        }
        let candidate = &work.field.candidates[at];
        let node = self.state.node(candidate.id)?;
        let own = self.job.key();
        let there = self.state.allocs_of_node(node.id).map(|alloc| &**alloc);
        let victims: Vec<&Allocation> = there.filter(|alloc| self.makes_way(alloc, &own)).collect();
        if victims.is_empty() {
            return None;
        }
        let room = Room::of_node(node);
        let ask = work.field.ask(at);
        let missing = |used: &model::resources::used::Used| ask.minus(room.minus(used.room));
        let fits = |used: &model::resources::used::Used| self.grant(work, node, used, candidate.lot).is_ok();
        let chosen = preempt::choose(&victims, &self.used(node.id), missing, fits)?;
        let freed =
            chosen.iter().fold(Room::default(), |sum, alloc| sum.plus(Room::of_alloc(&alloc.resources)));
        let mut score = self.own(work, at);
        let before = candidate.free.minus(ask);
        let fit = |free| binpack::score(self.settings.algorithm, candidate.room(), free);
        score.sum += fit(before.plus(freed)) - fit(before);
        let spread = if work.cells.spread() { work.cells.spread_score(candidate.cell()) } else { 0.0 };
        Some((score.mean_with(&[spread, preempt::score(&chosen)]), chosen))
    }

    fn makes_way(&self, alloc: &Allocation, own: &JobKey) -> bool {
        !alloc.terminal()
            && !self.gone.contains(&alloc.id)
            && alloc.job_key() != *own
            && alloc.job.priority + preempt::PRIORITY_GAP <= self.job.priority
    }

    fn make_way(&mut self, work: &mut Work<'a>, at: usize, victims: &[&'a Allocation]) -> Option<Choice> {
        let candidate = &work.field.candidates[at];
        let node = self.state.node(candidate.id)?;
        let mut used = self.used(node.id).into_owned();
        victims.iter().for_each(|alloc| used.remove(&alloc.resources));
        let given = self.grant(work, node, &used, candidate.lot).ok()?;
        if !work.placed_any {
            let mut metric = self.all_reasons(work);
            let mut told = self.explained(work, at, &[]);
            told.scores.insert(part::PREEMPTION.to_owned(), preempt::score(victims));
            metric.scores = vec![told];
            work.placed = Some(metric);
        }
        Some(self.commit(work, at, given, victims))
    }
}
