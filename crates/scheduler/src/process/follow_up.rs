//! Evaluations that follow the one in hand: later ones, blocked ones, those of jobs that made way.

use std::collections::BTreeSet;

use model::plan::Mark;
use model::{EvalStatus, Evaluation, Trigger};

use super::{DRAW_BLOCKED, DRAW_FOLLOW_UPS, Work};
use crate::reconcile::Later;
use crate::stack::Stack;

impl Work<'_> {
    /// Makes the evaluation that looks at something again, and tells the allocations that wait for it.
    pub(super) fn follow_up(&mut self, later: Later) {
        let id = self.context.seed.eval_id(DRAW_FOLLOW_UPS + self.follow_ups.len() as u64);
        let note = |mark: Mark| Mark { follow_up_eval: id, ..mark };
        self.plan.marks.extend(later.marks.into_iter().map(note));
        let description = match later.trigger {
            Trigger::AllocFailure => "created for delayed rescheduling",
            _ => "created for allocations on a node that is silent",
        };
        self.follow_ups.push(Evaluation {
            id,
            triggered_by: later.trigger,
            status: EvalStatus::Pending,
            status_description: description.to_owned(),
            wait_until_ns: later.at_ns,
            ..self.successor()
        });
    }

    /// What evaluations that follow this one have in common with it.
    fn successor(&self) -> Evaluation {
        Evaluation {
            namespace: self.eval.namespace.clone(),
            priority: self.eval.priority,
            kind: self.eval.kind.clone(),
            job_id: self.eval.job_id.clone(),
            job_modify_index: self.eval.job_modify_index,
            previous_eval: self.eval.id,
            trace: self.eval.trace.clone(),
            ..Evaluation::default()
        }
    }

    /// Jobs that lose allocations to this one look for other places at once.
    pub(super) fn make_way(&mut self) {
        let preempted = self.plan.placements.iter().flat_map(|placement| &placement.preempted);
        let losers = preempted.filter_map(|id| self.state.alloc(*id)).map(|alloc| alloc.job_key());
        let losers: BTreeSet<_> = losers.collect();
        for job in losers.iter().filter_map(|key| self.state.job(key)).filter(|job| !job.stop) {
            let number = DRAW_FOLLOW_UPS + self.follow_ups.len() as u64;
            self.follow_ups.push(Evaluation {
                id: self.context.seed.eval_id(number),
                namespace: job.namespace.clone(),
                priority: job.priority,
                kind: job.kind.clone(),
                triggered_by: Trigger::Preemption,
                job_id: job.id.clone(),
                job_modify_index: job.job_modify_index,
                status: EvalStatus::Pending,
                ..self.successor()
            });
        }
    }

    pub(super) fn blocked_eval(&self) -> Evaluation {
        let (class_eligibility, escaped_computed_class) =
            self.stack.as_ref().map(Stack::class_eligibility).unwrap_or_default();
        Evaluation {
            id: self.context.seed.eval_id(DRAW_BLOCKED),
            triggered_by: Trigger::QueuedAllocs,
            status: EvalStatus::Blocked,
            status_description: "created to place remaining allocations".to_owned(),
            failed_tg_allocs: self.eval.failed_tg_allocs.clone(),
            class_eligibility,
            escaped_computed_class,
            snapshot_index: self.state.index(),
            ..self.successor()
        }
    }
}
