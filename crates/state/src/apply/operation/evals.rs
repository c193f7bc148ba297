//! Evaluations that operators remove, and summaries that they have counted anew.

use model::id::EvalId;

use crate::apply::Tx;
use crate::outcome::Refusal;
use crate::outcome::answer::Answer;

impl Tx<'_> {
    pub(super) fn delete_evals(&mut self, ids: &[EvalId]) -> Result<Answer, Refusal> {
        if !self.state.scheduler_configuration().pause_eval_broker {
            return Err(Refusal::EvalBrokerEnabled);
        }
        if ids.iter().any(|id| self.state.eval(*id).is_none()) {
            return Err(Refusal::UnknownEval);
        }
        for &id in ids {
            if let Some(key) = self.state.eval(id).map(|eval| eval.job_key()) {
                self.touched.insert(key);
            }
            self.remove_eval(id);
        }
        Ok(Answer::Deleted(ids.len() as u64))
    }

    /// Counts what every job has. What is wanted and not placed stays as the last evaluation left it.
    pub(super) fn recount_summaries(&mut self) {
        let keys: Vec<_> = self.state.jobs().map(|(key, ..)| key.clone()).collect();
        for key in keys {
            let mut counted: std::collections::BTreeMap<String, crate::table::jobs::GroupSummary> =
                self.state.job_summary(&key).map(|summary| summary.groups.clone()).unwrap_or_default();
            for counts in counted.values_mut() {
                *counts = crate::table::jobs::GroupSummary { queued: counts.queued, ..Default::default() };
            }
            let queued: Vec<(String, i64)> =
                counted.iter().map(|(group, counts)| (group.clone(), counts.queued)).collect();
            for alloc in self.state.allocs_of_job(&key) {
                if let Some(counts) = counted.get_mut(&alloc.task_group) {
                    counts.shift(None, alloc.client_status);
                }
            }
            for (group, queued) in queued {
                if let Some(counts) = counted.get_mut(&group) {
                    counts.queued = queued;
                }
            }
            self.change_summary(&key, |summary| summary.groups = counted);
        }
    }
}
