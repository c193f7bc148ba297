//! What became of evaluations.

use model::id::JobKey;
use model::{EvalStatus, Evaluation};

use super::Tx;
use crate::outcome::Outcome;

/// Terminal evaluations kept for each job; the oldest go first, so that a job that is registered over and over
/// cannot fill the memory between two collections.
const TERMINAL_EVALS_MAX: usize = 64;

impl Tx<'_> {
    pub(super) fn update_evals(&mut self, tenure: u64, evals: Vec<Evaluation>) -> Outcome {
        if let Err(refused) = self.holds_tenure(tenure) {
            return refused;
        }
        for eval in evals {
            self.update_eval(eval);
        }
        Outcome::Done
    }

    pub(super) fn update_eval(&mut self, mut eval: Evaluation) {
        // What has ended stays ended: a late answer of a worker must not wake it.
        let old = self.state.eval(eval.id).cloned();
        if old.as_ref().is_some_and(|old| old.terminal()) {
            return;
        }
        // Nor may one who has read it before another wrote it: what he found out is no longer so.
        if old.as_ref().is_some_and(|old| eval.modify_index != 0 && eval.modify_index < old.modify_index) {
            return;
        }
        // One that was made once and is not there any more was deleted: it does not come back.
        if old.is_none() && eval.create_index != 0 {
            return;
        }
        let key = eval.job_key();
        let created = old.map(|old| (old.create_index, old.create_time_ns));
        (eval.create_index, eval.create_time_ns) = created.unwrap_or_default();
        let eval = self.put_eval(eval);
        if eval.status == EvalStatus::Blocked {
            let reason = format!("existing blocked evaluation exists for job \"{}\"", eval.job_id);
            self.cancel_blocked(&key, &reason, |old| old.id != eval.id && same_wait(old, &eval));
        } else if eval.status == EvalStatus::Complete {
            self.take_queued(&key, &eval);
            if eval.blocked_eval.is_nil() {
                // Everything found a place: nothing has to wait for room any more.
                let reason = format!("evaluation \"{}\" successful", eval.id);
                // One that looked on behalf of a node says nothing about what waits for others.
                let looked = |old: &Evaluation| !eval.waits_for_node() || same_wait(old, &eval);
                self.cancel_blocked(&key, &reason, |old| old.previous_eval != eval.id && looked(old));
            }
        }
        if eval.terminal() {
            self.cap_terminal_evals(&key);
        }
    }

    /// One blocked evaluation per job is enough, for system jobs one per job and node: the newest has seen the most, and
    /// after a full placement none is.
    fn cancel_blocked(&mut self, key: &JobKey, reason: &str, wanted: impl Fn(&Evaluation) -> bool) {
        let blocked = self.state.evals_of_job(key).filter(|eval| eval.status == EvalStatus::Blocked);
        let needless: Vec<_> = blocked.filter(|eval| wanted(eval)).cloned().collect();
        for eval in needless {
            let status_description = reason.to_owned();
            self.put_eval(Evaluation { status: EvalStatus::Canceled, status_description, ..(*eval).clone() });
        }
    }

    fn take_queued(&mut self, key: &JobKey, eval: &Evaluation) {
        self.change_summary(key, |summary| {
            for (group, &queued) in &eval.queued_allocations {
                if let Some(counts) = summary.groups.get_mut(group) {
                    counts.queued = queued;
                }
            }
        });
    }

    fn cap_terminal_evals(&mut self, key: &JobKey) {
        if self.state.jobs.tally(key).evals as usize <= TERMINAL_EVALS_MAX {
            return;
        }
        let mut terminal: Vec<_> =
            self.state.evals_of_job(key).filter(|eval| eval.terminal()).cloned().collect();
        terminal.sort_by_key(|eval| (eval.modify_index, eval.id));
        let excess = terminal.len().saturating_sub(TERMINAL_EVALS_MAX);
        for eval in &terminal[..excess] {
            self.remove_eval(eval.id);
        }
    }
}

/// True when both wait for the same room.
fn same_wait(one: &Evaluation, other: &Evaluation) -> bool {
    match (one.waits_for_node(), other.waits_for_node()) {
        (true, true) => one.node_id == other.node_id,
        (alone, other_alone) => alone == other_alone,
    }
}
