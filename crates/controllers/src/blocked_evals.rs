//! Evaluations that wait for room, and what wakes them: a node or an allocation that frees some.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::id::EvalId;
use model::{EvalStatus, Evaluation};

/// The waiting evaluations.
#[derive(Debug, Default)]
pub struct BlockedEvals {
    blocked: BTreeMap<EvalId, Arc<Evaluation>>,
    /// Index at which a class of nodes last got room. An evaluation that was processed on an older snapshot has
    /// not seen it and must not sleep on.
    freed: BTreeMap<String, u64>,
}

impl BlockedEvals {
    /// Nothing waits yet; what was freed before is known from the state.
    pub fn new<'a>(freed: impl Iterator<Item = (&'a str, u64)>) -> Self {
        BlockedEvals {
            freed: freed.map(|(class, index)| (class.to_owned(), index)).collect(),
            ..Self::default()
        }
    }

    /// Takes note of an evaluation as the state has it now; answers it if it has to be looked at again at once.
    pub fn note(&mut self, eval: &Arc<Evaluation>) -> Option<Arc<Evaluation>> {
        if eval.status != EvalStatus::Blocked {
            self.blocked.remove(&eval.id);
            return None;
        }
        let missed = |(class, index): (&String, &u64)| *index > eval.snapshot_index && may_fit(eval, class);
        if self.freed.iter().any(missed) {
            return Some(eval.clone());
        }
        self.blocked.insert(eval.id, eval.clone());
        None
    }

    /// Nodes of a class got room at an index: the evaluations that may use it.
    pub fn freed(&mut self, class: &str, index: u64) -> Vec<Arc<Evaluation>> {
        self.freed.insert(class.to_owned(), index);
        let woken: Vec<_> = self.blocked.values().filter(|eval| may_fit(eval, class)).cloned().collect();
        for eval in &woken {
            self.blocked.remove(&eval.id);
        }
        woken
    }

    /// How many wait.
    pub fn count(&self) -> usize {
        self.blocked.len()
    }
}

/// A class that was never seen may fit, one that was ruled out may not.
fn may_fit(eval: &Evaluation, class: &str) -> bool {
    eval.escaped_computed_class || eval.class_eligibility.get(class).copied().unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocked(snapshot_index: u64, class: Option<(&str, bool)>) -> Arc<Evaluation> {
        let class_eligibility = class.into_iter().map(|(class, fits)| (class.to_owned(), fits)).collect();
        let id = EvalId(uuid::Uuid::from_u64_pair(0, snapshot_index));
        Arc::new(Evaluation {
            id,
            status: EvalStatus::Blocked,
            snapshot_index,
            class_eligibility,
            ..Evaluation::default()
        })
    }

    #[test]
    fn only_classes_that_may_fit_wake() {
        let mut evals = BlockedEvals::default();
        assert!(evals.note(&blocked(5, Some(("v1:1", false)))).is_none());
        assert!(evals.freed("v1:1", 6).is_empty());
        assert_eq!(evals.freed("v1:2", 7).len(), 1);
    }

    #[test]
    fn room_freed_meanwhile_is_not_missed() {
        let mut evals = BlockedEvals::default();
        evals.freed("v1:1", 10);
        assert!(evals.note(&blocked(9, None)).is_some());
        assert!(evals.note(&blocked(10, None)).is_none());
    }
}
