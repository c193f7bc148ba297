//! Allocations, by id, job, node and evaluation.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use model::Allocation;
use model::id::{AllocId, EvalId, JobKey, NodeId};

/// All allocations.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allocs {
    pub(crate) by_id: OrdMap<AllocId, Arc<Allocation>>,
    pub(crate) by_job: OrdSet<(JobKey, AllocId)>,
    pub(crate) by_node: OrdSet<(NodeId, AllocId)>,
    pub(crate) by_eval: OrdSet<(EvalId, AllocId)>,
}

const FIRST: AllocId = AllocId::NIL;
const LAST: AllocId = AllocId(uuid::Uuid::max());

impl Allocs {
    /// Answers the allocation that was there before.
    pub(crate) fn put(&mut self, alloc: Arc<Allocation>) -> Option<Arc<Allocation>> {
        let old = self.by_id.insert(alloc.id, alloc.clone());
        match &old {
            None => {
                self.by_job.insert((alloc.job_key(), alloc.id));
                self.by_node.insert((alloc.node_id, alloc.id));
                self.by_eval.insert((alloc.eval_id, alloc.id));
            }
            // An allocation that is updated in place is of another evaluation from then on.
            Some(old) if old.eval_id != alloc.eval_id => {
                self.by_eval.remove(&(old.eval_id, alloc.id));
                self.by_eval.insert((alloc.eval_id, alloc.id));
            }
            Some(_) => {}
        }
        old
    }

    pub(crate) fn remove(&mut self, id: AllocId) -> Option<Arc<Allocation>> {
        let old = self.by_id.remove(&id)?;
        self.by_job.remove(&(old.job_key(), id));
        self.by_node.remove(&(old.node_id, id));
        self.by_eval.remove(&(old.eval_id, id));
        Some(old)
    }

    pub(crate) fn of_job(&self, key: &JobKey) -> impl Iterator<Item = &Arc<Allocation>> {
        let range = (key.clone(), FIRST)..=(key.clone(), LAST);
        self.by_job.range(range).filter_map(|(_, id)| self.by_id.get(id))
    }

    pub(crate) fn of_node(&self, node: NodeId) -> impl Iterator<Item = &Arc<Allocation>> {
        self.by_node.range((node, FIRST)..=(node, LAST)).filter_map(|(_, id)| self.by_id.get(id))
    }

    pub(crate) fn ids_of_node(&self, node: NodeId) -> impl Iterator<Item = AllocId> {
        self.by_node.range((node, FIRST)..=(node, LAST)).map(|(_, id)| *id)
    }

    pub(crate) fn of_eval(&self, eval: EvalId) -> impl Iterator<Item = &Arc<Allocation>> {
        self.by_eval.range((eval, FIRST)..=(eval, LAST)).filter_map(|(_, id)| self.by_id.get(id))
    }
}
