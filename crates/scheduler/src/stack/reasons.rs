//! What stood in the way: on all nodes when none could be taken, and of room alone where one was.

use std::collections::BTreeMap;

use model::AllocMetric;
use model::resources::fit::{Dimension, Room};

use super::Stack;
use super::field::Stock;
use super::metric::{add_wanted, count_exhausted, count_filtered};
use super::work::Work;
use crate::feasible::distinct::DISTINCT_HOSTS;

impl<'a> Stack<'a> {
    /// Counts what stands in the way on every node, when none could be taken.
    pub(super) fn all_reasons(&self, work: &Work<'a>) -> AllocMetric {
        let mut metric = work.metric.clone();
        let special = work.asked.special(work.checker.devices());
        let mut short: BTreeMap<(usize, String), u64> = BTreeMap::new();
        let mut filtered: BTreeMap<(usize, String), u64> = BTreeMap::new();
        let mut plain = Short::new(self.stocks.len());
        for (at, candidate) in work.field.candidates.iter().enumerate() {
            if let Some(reason) = work.reason_shut(at) {
                *filtered.entry((candidate.stock(), reason)).or_default() += 1;
            } else if !special {
                plain.count(candidate.stock(), candidate.free, work.field.ask(at));
            } else if let Some(node) = self.state.node(candidate.id)
                && let Err(dimension) = self.grant(work, node, &self.used(node.id), candidate.lot)
            {
                *short.entry((candidate.stock(), dimension.to_string())).or_default() += 1;
            }
        }
        for ((stock, reason), nodes) in filtered {
            count_filtered(&mut metric, self.stocks[stock].node, reason, nodes);
        }
        for ((stock, dimension), nodes) in short {
            count_exhausted(&mut metric, self.stocks[stock].node, dimension, nodes);
        }
        plain.tell(&mut metric, &self.stocks);
        add_wanted(&mut metric, work.group);
        metric
    }

    /// Counts nodes without enough CPU, memory or disk when the ranking was made.
    pub(super) fn room_reasons(&self, work: &Work<'a>) -> AllocMetric {
        let mut metric = work.metric.clone();
        // Nobody is kept off a node unless somebody asks for that.
        let apart = work.hosts.map(|_| work.field.candidates.iter()).into_iter().flatten();
        for candidate in apart.filter(|candidate| candidate.occupied) {
            count_filtered(&mut metric, self.stocks[candidate.stock()].node, DISTINCT_HOSTS.to_owned(), 1);
        }
        work.short.tell(&mut metric, &self.stocks);
        metric
    }
}

/// How many nodes of each class lack CPU, memory and disk.
pub(super) struct Short(Vec<[u64; 3]>);

impl Short {
    const NAMES: [&'static str; 3] = ["cpu", "memory", "disk"];

    pub(super) fn new(stocks: usize) -> Self {
        Short(vec![[0; 3]; stocks])
    }

    pub(super) fn count(&mut self, stock: usize, free: Room, ask: Room) {
        let dimension = match free.lacking(ask) {
            Some(Dimension::Cpu) => 0,
            Some(Dimension::Memory) => 1,
            Some(_) => 2,
            None => return,
        };
        self.0[stock][dimension] += 1;
    }

    fn tell(&self, metric: &mut AllocMetric, stocks: &[Stock<'_>]) {
        for (stock, counts) in stocks.iter().zip(&self.0) {
            for (name, &nodes) in Short::NAMES.iter().zip(counts).filter(|(_, nodes)| **nodes > 0) {
                count_exhausted(metric, stock.node, (*name).to_owned(), nodes);
            }
        }
    }
}
