//! The field: the nodes that a group may be placed on, in columns, with what this evaluation has done to them so far.

use std::collections::BTreeMap;
use std::ops::Range;

use model::Node;
use model::id::{NodeId, Seed};
use model::resources::fit::Room;
use state::table::capacity::{Class, Slot};

/// A class of nodes in the job's pool and datacenters.
pub(super) struct Stock<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its nodes.
    pub(super) class: &'a Class,
    /// One of them.
    pub(super) node: &'a Node,
}

/// A node that the group may be placed on.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) id: NodeId,
    /// Position of its class.
    pub(super) stock: usize,
    /// What it has.
    pub(super) room: Room,
    /// What is left of that.
    pub(super) free: Room,
    /// What the group comes to there.
    pub(super) ask: Room,
    /// Decides between nodes of equal score.
    pub(super) lot: u64,
    /// Allocations of the group there.
    pub(super) colocated: u64,
    /// Its cell.
    pub(super) cell: usize,
    /// What it gains by affinities; 0 for nothing.
    pub(super) affinity: f64,
    /// It holds an allocation that the group's must be apart from.
    pub(super) occupied: bool,
    /// Something besides CPU, memory and disk has run out.
    pub(super) spent: bool,
    /// Counts changes, so that older entries of the ranking are known.
    pub(super) stamp: u32,
}

impl Candidate {
    pub(super) fn new(id: NodeId, stock: usize, slot: &Slot, ask: Room, seed: Seed) -> Self {
        Candidate {
            id,
            stock,
            room: slot.room,
            free: slot.room.minus(slot.used),
            ask,
            lot: lot(id, seed),
            colocated: 0,
            cell: 0,
            affinity: 0.0,
            occupied: false,
            spent: false,
            stamp: 0,
        }
    }

    /// True when CPU, memory and disk suffice.
    pub(super) fn has_room(&self) -> bool {
        self.free.lacking(self.ask).is_none()
    }
}

/// A node's lot in one evaluation.
fn lot(id: NodeId, seed: Seed) -> u64 {
    let (high, low) = id.0.as_u64_pair();
    let (seed_high, seed_low) = seed.0.as_u64_pair();
    (high ^ seed_high).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29) ^ low ^ seed_low
}

/// Candidates by class, within a class by id.
#[derive(Default)]
pub(super) struct Field {
    pub(super) candidates: Vec<Candidate>,
    ranges: BTreeMap<usize, Range<usize>>,
}

impl Field {
    /// Adds the candidates of a class, which come in the order of their ids.
    pub(super) fn extend(&mut self, stock: usize, candidates: impl Iterator<Item = Candidate>) {
        let first = self.candidates.len();
        self.candidates.extend(candidates);
        self.ranges.insert(stock, first..self.candidates.len());
    }

    /// Where a node is; `None` when it is no candidate.
    pub(super) fn find(&self, stocks: &[Stock<'_>], node: &Node) -> Option<usize> {
        let stock = find_stock(stocks, node)?;
        let range = self.ranges.get(&stock)?.clone();
        let at = self.candidates[range.clone()].binary_search_by(|own| own.id.cmp(&node.id)).ok()?;
        Some(range.start + at)
    }
}

/// Position of a node's class; `None` for one that the job may not use, or that takes no work.
pub(super) fn find_stock(stocks: &[Stock<'_>], node: &Node) -> Option<usize> {
    let at = stocks.binary_search_by(|stock| stock.name.cmp(node.computed_class.as_str())).ok()?;
    node.ready().then_some(at)
}
