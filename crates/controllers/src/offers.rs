//! Evaluations that somebody has to write down anew, offered until the state says that it happened.
//!
//! A command may be lost on its way; nobody would name its evaluation a second time. So what is handed out comes back
//! after a while, unless it was taken off meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::Evaluation;
use model::id::EvalId;

/// How long a command may take before its evaluations are handed out again, ms.
pub(crate) const OFFER_AGAIN_MS: u64 = 30_000;

/// What is offered, and when.
#[derive(Debug, Default)]
pub(crate) struct Offers {
    evals: BTreeMap<EvalId, (u64, Arc<Evaluation>)>,
    due: BTreeSet<(u64, EvalId)>,
}

impl Offers {
    /// Offers an evaluation at once.
    pub(crate) fn add(&mut self, eval: Arc<Evaluation>) {
        self.remove(eval.id);
        self.due.insert((0, eval.id));
        self.evals.insert(eval.id, (0, eval));
    }

    /// The state says that it happened, or that it need not.
    pub(crate) fn remove(&mut self, id: EvalId) -> bool {
        let Some((at, _)) = self.evals.remove(&id) else {
            return false;
        };
        self.due.remove(&(at, id))
    }

    /// At most `max` evaluations that are due; they are due again after [`OFFER_AGAIN_MS`].
    pub(crate) fn take(&mut self, now_ms: u64, max: usize) -> Vec<Arc<Evaluation>> {
        let mut taken = Vec::new();
        while taken.len() < max {
            let Some(&(at, id)) = self.due.first().filter(|(at, _)| *at <= now_ms) else {
                break;
            };
            self.due.remove(&(at, id));
            let again = now_ms + OFFER_AGAIN_MS;
            if let Some((at, eval)) = self.evals.get_mut(&id) {
                *at = again;
                self.due.insert((again, id));
                taken.push(eval.clone());
            }
        }
        taken
    }

    /// How many are offered, due or not.
    pub(crate) fn len(&self) -> usize {
        self.evals.len()
    }
}
