//! Evaluations, by id and by job.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use model::Evaluation;
use model::id::{EvalId, JobKey};

/// All evaluations.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evals {
    pub(crate) by_id: OrdMap<EvalId, Arc<Evaluation>>,
    pub(crate) by_job: OrdSet<(JobKey, EvalId)>,
}

impl Evals {
    /// Answers the evaluation that was there before; `key` names its job.
    pub(crate) fn put(&mut self, key: &JobKey, eval: Arc<Evaluation>) -> Option<Arc<Evaluation>> {
        let id = eval.id;
        let old = self.by_id.insert(id, eval);
        if old.is_none() {
            self.by_job.insert((key.clone(), id));
        }
        old
    }

    pub(crate) fn remove(&mut self, id: EvalId) -> Option<Arc<Evaluation>> {
        let old = self.by_id.remove(&id)?;
        self.by_job.remove(&(old.job_key(), id));
        Some(old)
    }

    pub(crate) fn of_job(&self, key: &JobKey) -> impl Iterator<Item = &Arc<Evaluation>> {
        let range = (key.clone(), EvalId::NIL)..=(key.clone(), EvalId(uuid::Uuid::max()));
        self.by_job.range(range).filter_map(|(_, id)| self.by_id.get(id))
    }
}
