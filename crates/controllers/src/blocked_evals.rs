//! Evaluations that wait for room, and what wakes them: a node or an allocation that frees some. What was given up over
//! conflicts with other plans may have room all the while, and is woken by time.
//!
//! One of each job is enough, for system jobs one of each job and node: apply cancels the others.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::id::{EvalId, NodeId};
use model::{EvalStatus, Evaluation, Trigger};

use crate::offers::Offers;

/// How often evaluations are woken that were given up over conflicts, ms.
pub const CONFLICTS_WAKE_MS: u64 = 60_000;

/// The waiting evaluations.
#[derive(Debug, Default)]
pub struct BlockedEvals {
    blocked: BTreeMap<EvalId, Arc<Evaluation>>,
    /// Woken, and not yet pending as far as the state says.
    woken: Offers,
    /// Index at which a class of nodes last got room. An evaluation that was processed on an older snapshot has
    /// not seen it and must not sleep on.
    freed: BTreeMap<String, u64>,
    /// The same by node, for evaluations that wait for one; known from `since` on.
    freed_nodes: BTreeMap<NodeId, u64>,
    since: u64,
    /// When conflicts are woken next, ms.
    conflicts_at_ms: u64,
}

impl BlockedEvals {
    /// Nothing waits yet; what was freed before the index `since` is known from the state.
    pub fn new<'a>(freed: impl Iterator<Item = (&'a str, u64)>, since: u64) -> Self {
        BlockedEvals {
            freed: freed.map(|(class, index)| (class.to_owned(), index)).collect(),
            since,
            ..Self::default()
        }
    }

    /// Takes note of an evaluation as the state has it now.
    pub fn note(&mut self, eval: &Arc<Evaluation>) {
        self.blocked.remove(&eval.id);
        self.woken.remove(eval.id);
        if eval.status != EvalStatus::Blocked {
            return;
        }
        if self.missed(eval) {
            self.woken.add(eval.clone());
        } else {
            self.blocked.insert(eval.id, eval.clone());
        }
    }

    fn missed(&self, eval: &Evaluation) -> bool {
        let newer = |index: u64| index > eval.snapshot_index;
        if eval.waits_for_node() {
            let node = self.freed_nodes.get(&eval.node_id).is_some_and(|index| newer(*index));
            // What nodes freed before this leader's time is only known by class.
            return node
                || self.freed.values().any(|index| newer(*index)) && eval.snapshot_index < self.since;
        }
        self.freed.iter().any(|(class, index)| newer(*index) && may_fit(eval, class))
    }

    /// A node of a class got room at an index.
    pub fn freed(&mut self, class: &str, node: NodeId, index: u64) {
        self.freed.insert(class.to_owned(), index);
        self.freed_nodes.insert(node, index);
        self.wake(|eval| match eval.waits_for_node() {
            true => eval.node_id == node,
            false => may_fit(eval, class),
        });
    }

    /// A node is gone: what waited for it finds that it need not.
    pub fn node_removed(&mut self, node: NodeId) {
        self.freed_nodes.remove(&node);
        self.wake(|eval| eval.waits_for_node() && eval.node_id == node);
    }

    /// Wakes every so often what was given up over conflicts with other plans: the others are in place by now, and nobody
    /// may free any room for hours.
    pub fn tick(&mut self, now_ms: u64) {
        if now_ms >= self.conflicts_at_ms {
            self.conflicts_at_ms = now_ms + CONFLICTS_WAKE_MS;
            self.wake(|eval| eval.triggered_by == Trigger::MaxPlanAttempts);
        }
    }

    fn wake(&mut self, wanted: impl Fn(&Evaluation) -> bool) {
        let woken: Vec<_> = self.blocked.values().filter(|eval| wanted(eval)).cloned().collect();
        for eval in woken {
            self.blocked.remove(&eval.id);
            self.woken.add(eval);
        }
    }

    /// At most `max` evaluations to be made pending; they come again until the state says that they are.
    pub fn take_woken(&mut self, now_ms: u64, max: usize) -> Vec<Arc<Evaluation>> {
        self.woken.take(now_ms, max)
    }

    /// How many wait, or have been woken and are not pending yet.
    pub fn count(&self) -> usize {
        self.blocked.len() + self.woken.len()
    }
}

/// A class that was never seen may fit, one that was ruled out may not.
fn may_fit(eval: &Evaluation, class: &str) -> bool {
    eval.escaped_computed_class || eval.class_eligibility.get(class).copied().unwrap_or(true)
}
