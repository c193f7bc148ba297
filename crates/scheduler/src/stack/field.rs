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

/// A node that the group may be placed on. There is one for every node of the cluster, so its size counts.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'a> {
    pub(super) id: NodeId,
    slot: &'a Slot,
    /// What is left of what it has.
    pub(super) free: Room,
    /// Decides between nodes of equal score.
    pub(super) lot: u64,
    /// What it gains by affinities; 0 for nothing.
    pub(super) affinity: f64,
    /// Position of its class.
    stock: u32,
    /// Its cell.
    cell: u32,
    /// Allocations of the group there.
    pub(super) colocated: u32,
    /// It holds an allocation that the group's must be apart from.
    pub(super) occupied: bool,
    /// Something besides CPU, memory and disk has run out.
    pub(super) spent: bool,
    /// Counts changes, so that older entries of the ranking are known.
    pub(super) stamp: u32,
}

impl<'a> Candidate<'a> {
    pub(super) fn new(id: NodeId, slot: &'a Slot, places: Places, affinity: f64, seed: Seed) -> Self {
        Candidate {
            id,
            slot,
            free: slot.room.minus(slot.used),
            lot: lot(id, seed),
            affinity,
            stock: places.stock as u32,
            cell: places.cell as u32,
            colocated: 0,
            occupied: false,
            spent: false,
            stamp: 0,
        }
    }

    /// What it has.
    pub(super) fn room(&self) -> Room {
        self.slot.room
    }

    /// Position of its class.
    pub(super) fn stock(&self) -> usize {
        self.stock as usize
    }

    /// Its cell.
    pub(super) fn cell(&self) -> usize {
        self.cell as usize
    }
}

/// Where a candidate belongs. Neither number comes near the 2^32 that it is kept as: there are fewer nodes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    /// Position of its class.
    pub(super) stock: usize,
    /// Number of its cell.
    pub(super) cell: usize,
}

/// What the group comes to on a node.
enum Asks {
    /// The same everywhere.
    One(Room),
    /// By candidate.
    Each(Vec<Room>),
}

/// A node's lot in one evaluation.
fn lot(id: NodeId, seed: Seed) -> u64 {
    let (high, low) = id.0.as_u64_pair();
    let (seed_high, seed_low) = seed.0.as_u64_pair();
    (high ^ seed_high).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29) ^ low ^ seed_low
}

/// Candidates by class, within a class by id.
pub(super) struct Field<'a> {
    pub(super) candidates: Vec<Candidate<'a>>,
    asks: Asks,
    ranges: BTreeMap<usize, Range<usize>>,
}

impl<'a> Field<'a> {
    /// An empty field for at most so many candidates. `ask`: what the group comes to everywhere, if it does not depend on
    /// the node.
    pub(super) fn new(most: usize, ask: Option<Room>) -> Self {
        let asks = ask.map_or_else(|| Asks::Each(Vec::with_capacity(most)), Asks::One);
        Field { candidates: Vec::with_capacity(most), asks, ranges: BTreeMap::new() }
    }

    /// Adds the candidates of a class, which come in the order of their ids.
    pub(super) fn extend(&mut self, stock: usize, candidates: impl Iterator<Item = Candidate<'a>>) {
        let first = self.candidates.len();
        self.candidates.extend(candidates);
        self.ranges.insert(stock, first..self.candidates.len());
    }

    /// Says what the group comes to on the next node that is added, where that depends on the node.
    pub(super) fn ask_next(&mut self, ask: Room) {
        if let Asks::Each(asks) = &mut self.asks {
            asks.push(ask);
        }
    }

    /// What the group comes to on a node.
    pub(super) fn ask(&self, at: usize) -> Room {
        match &self.asks {
            Asks::One(ask) => *ask,
            Asks::Each(asks) => asks[at],
        }
    }

    /// True when CPU, memory and disk suffice.
    pub(super) fn has_room(&self, at: usize) -> bool {
        self.candidates[at].free.lacking(self.ask(at)).is_none()
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
