//! The ranking: every candidate with room, in one heap for each cell and number of score parts. Within a heap the order
//! is that of the sum of the parts that belong to the node alone, whatever the spreads add to the cell; so one placement
//! moves one entry, and the best of all nodes is the best of the heaps' tops. Sums are worked out exactly only for those
//! that come to the top; the others wait with a limit that they cannot exceed.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use model::id::NodeId;

use super::cells::Cells;
use super::field::{Candidate, Field};
use crate::rank::RESCHEDULE_PENALTY;

/// Most parts that a node has by itself: fit, anti-affinity, affinity, devices.
const PARTS_MAX: usize = 4;

/// What a node's own parts come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Own {
    pub(super) sum: f64,
    /// How many there are, at least one.
    pub(super) parts: usize,
}

impl Own {
    /// The mean with one part more, if that says something.
    pub(super) fn mean_with(self, more: &[f64]) -> f64 {
        let said = more.iter().filter(|part| **part != 0.0);
        let (sum, parts) = said.fold((self.sum, self.parts), |(sum, parts), part| (sum + part, parts + 1));
        sum / parts as f64
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    sum: f64,
    lot: u64,
    at: u32,
    /// The candidate's count of changes, twice; one more when the sum is what it comes to, not what it can come to at
    /// most. In one number, so that three words are all there is to an entry.
    mark: u32,
}

impl Entry {
    fn new(candidate: &Candidate<'_>, at: usize, own: Own, exact: bool) -> Self {
        let mark = candidate.stamp << 1 | u32::from(exact);
        Entry { sum: own.sum, lot: candidate.lot, at: at as u32, mark }
    }

    fn at(&self) -> usize {
        self.at as usize
    }

    fn outdated(&self, field: &Field<'_>) -> bool {
        field.candidates[self.at()].stamp != self.mark >> 1
    }

    fn exact(&self) -> bool {
        self.mark & 1 == 1
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sum.total_cmp(&other.sum).then(self.lot.cmp(&other.lot)).then(self.at.cmp(&other.at))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

/// See the head of this file.
#[derive(Default)]
pub(super) struct Ranking {
    heaps: Vec<[BinaryHeap<Entry>; PARTS_MAX]>,
}

/// A ranking in the making: heaps are cheaper to build of many at once.
#[derive(Default)]
pub(super) struct Entries {
    lists: Vec<[Vec<Entry>; PARTS_MAX]>,
}

impl Entries {
    /// Adds a node by what it can come to at most.
    pub(super) fn add(&mut self, candidate: &Candidate, at: usize, own: Own) {
        while self.lists.len() <= candidate.cell() {
            self.lists.push(Default::default());
        }
        self.lists[candidate.cell()][own.parts - 1].push(Entry::new(candidate, at, own, false));
    }

    pub(super) fn ranked(self) -> Ranking {
        Ranking { heaps: self.lists.into_iter().map(|lists| lists.map(BinaryHeap::from)).collect() }
    }
}

/// The best of a heap, or of all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Best {
    pub(super) at: usize,
    pub(super) score: f64,
    lot: u64,
    heap: (usize, usize),
    entry: Entry,
}

impl Best {
    fn beats(&self, other: &Best) -> bool {
        self.score.total_cmp(&other.score).then(self.lot.cmp(&other.lot)).is_gt()
    }
}

impl Ranking {
    /// Ranks one, again after a change.
    pub(super) fn put(&mut self, field: &Field, at: usize, own: Own) {
        let candidate = &field.candidates[at];
        while self.heaps.len() <= candidate.cell() {
            self.heaps.push(Default::default());
        }
        self.heaps[candidate.cell()][own.parts - 1].push(Entry::new(candidate, at, own, true));
    }

    /// Puts one back that was taken out and not changed.
    pub(super) fn put_back(&mut self, best: Best) {
        self.heaps[best.heap.0][best.heap.1].push(best.entry);
    }

    /// Takes out the best node of all. Those to avoid have one bad part more; `exact` says what a node's own parts are.
    pub(super) fn take(
        &mut self,
        field: &Field,
        cells: &Cells<'_>,
        avoid: &[NodeId],
        exact: &dyn Fn(usize) -> Own,
    ) -> Option<Best> {
        let mut avoided: Vec<Best> = Vec::new();
        let plain = loop {
            let Some(best) = self.top(field, cells, exact) else {
                break None;
            };
            self.heaps[best.heap.0][best.heap.1].pop();
            if !avoid.contains(&field.candidates[best.at].id) {
                break Some(best);
            }
            let own = Own { sum: best.entry.sum, parts: best.heap.1 + 1 };
            let score = own.mean_with(&[cells.spread_score(best.heap.0), RESCHEDULE_PENALTY]);
            avoided.push(Best { score, ..best });
        };
        let mut winner = plain;
        for other in avoided {
            match winner {
                Some(best) if !other.beats(&best) => self.put_back(other),
                _ => {
                    if let Some(best) = winner.replace(other) {
                        self.put_back(best);
                    }
                }
            }
        }
        winner
    }

    fn top(&mut self, field: &Field, cells: &Cells<'_>, exact: &dyn Fn(usize) -> Own) -> Option<Best> {
        let mut top: Option<Best> = None;
        for (cell, heaps) in self.heaps.iter_mut().enumerate() {
            if !cells.is_empty() && cells.shut(cell) {
                continue;
            }
            let spread = if cells.spread() { cells.spread_score(cell) } else { 0.0 };
            for (number, heap) in heaps.iter_mut().enumerate() {
                let Some(entry) = settle(heap, field, exact) else { continue };
                let own = Own { sum: entry.sum, parts: number + 1 };
                let score = own.mean_with(&[spread]);
                let best = Best { at: entry.at(), score, lot: entry.lot, heap: (cell, number), entry };
                if top.as_ref().is_none_or(|top| best.beats(top)) {
                    top = Some(best);
                }
            }
        }
        top
    }
}

/// The first of a heap that is neither outdated nor a mere limit.
fn settle(heap: &mut BinaryHeap<Entry>, field: &Field, exact: &dyn Fn(usize) -> Own) -> Option<Entry> {
    loop {
        let mut top = heap.peek_mut()?;
        if top.outdated(field) {
            PeekMut::pop(top);
        } else if top.exact() {
            return Some(*top);
        } else {
            top.sum = exact(top.at()).sum;
            top.mark |= 1;
        }
    }
}
