//! Evaluations, by creation and by id. Those of a job are named in its record.
//!
//! They lie in the order in which they were made, not in that of their ids, which are random: what is made, and soon after
//! changed, together lies together, and the nodes of the tree on the way to it are copied once for many.

use std::sync::Arc;

use imbl::OrdMap;
use model::Evaluation;
use model::id::EvalId;

/// All evaluations.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evals {
    /// By create index and id.
    rows: OrdMap<(u64, EvalId), Arc<Evaluation>>,
    /// Create indexes.
    by_id: OrdMap<EvalId, u64>,
}

impl Evals {
    pub(crate) fn get(&self, id: EvalId) -> Option<&Arc<Evaluation>> {
        self.at(*self.by_id.get(&id)?, id)
    }

    /// The same where the create index is known.
    pub(crate) fn at(&self, create_index: u64, id: EvalId) -> Option<&Arc<Evaluation>> {
        self.rows.get(&(create_index, id))
    }

    /// By creation.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Evaluation>> {
        self.rows.values()
    }

    pub(crate) fn all_by_id(&self) -> impl Iterator<Item = &Arc<Evaluation>> {
        self.by_id.iter().filter_map(|(id, create_index)| self.at(*create_index, *id))
    }

    /// Answers the evaluation that was there before.
    pub(crate) fn put(&mut self, eval: Arc<Evaluation>) -> Option<Arc<Evaluation>> {
        let (id, create_index) = (eval.id, eval.create_index);
        let old = self.rows.insert((create_index, id), eval);
        if old.is_some() {
            return old;
        }
        // One that is made again takes the place of the first.
        let before = self.by_id.insert(id, create_index)?;
        self.rows.remove(&(before, id))
    }

    pub(crate) fn remove(&mut self, id: EvalId) -> Option<Arc<Evaluation>> {
        let create_index = self.by_id.remove(&id)?;
        self.rows.remove(&(create_index, id))
    }

    /// Fills the empty table.
    pub(crate) fn load(&mut self, mut evals: Vec<Arc<Evaluation>>) {
        let mut created: Vec<_> = evals.iter().map(|eval| (eval.id, eval.create_index)).collect();
        created.sort_unstable();
        self.by_id.extend(created);
        evals.sort_unstable_by_key(|eval| (eval.create_index, eval.id));
        self.rows.extend(evals.into_iter().map(|eval| ((eval.create_index, eval.id), eval)));
    }
}
