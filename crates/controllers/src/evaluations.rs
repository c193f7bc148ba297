//! What becomes of evaluations outside a plan: woken, cancelled, given up, failed.
//!
//! Everything here is written with `Command::UpdateEvals`; the broker hears of it when that is applied.

use model::id::EvalId;
use model::{EvalStatus, Evaluation, JobType, Trigger};

use crate::blocked_evals::BlockedEvals;
use crate::eval_broker::{DELIVERIES_MAX, EvalBroker, OVERTAKEN};

/// Evaluations woken or cancelled by one command.
const AT_ONCE: usize = 256;
/// Attempts at a plan that is trimmed each time.
const SERVICE_ATTEMPTS: usize = 5;
const BATCH_ATTEMPTS: usize = 2;

/// The next evaluations to write: woken ones are pending again, those that newer ones have overtaken are cancelled. None
/// when there is nothing to write; they come again until the state has them.
pub fn settle(blocked: &mut BlockedEvals, broker: &mut EvalBroker, now_ms: u64) -> Option<Vec<Evaluation>> {
    let woken = blocked.take_woken(now_ms, AT_ONCE);
    let overtaken = broker.take_overtaken(now_ms, AT_ONCE - woken.len());
    let pending = woken.iter().map(|eval| Evaluation { status: EvalStatus::Pending, ..(**eval).clone() });
    let canceled = overtaken.iter().map(|eval| Evaluation {
        status: EvalStatus::Canceled,
        status_description: OVERTAKEN.to_owned(),
        ..(**eval).clone()
    });
    let evals: Vec<_> = pending.chain(canceled).collect();
    (!evals.is_empty()).then_some(evals)
}

/// How often a plan of an evaluation is tried before it is given up.
pub fn attempts(kind: &JobType) -> usize {
    if *kind == JobType::Batch { BATCH_ATTEMPTS } else { SERVICE_ATTEMPTS }
}

/// After too many trimmed plans: the evaluation fails, and another, with the id `follow_up`, waits for the cluster to calm
/// down.
pub fn given_up(eval: &Evaluation, follow_up: EvalId, snapshot_index: u64) -> Vec<Evaluation> {
    let follow_up = Evaluation {
        id: follow_up,
        triggered_by: Trigger::MaxPlanAttempts,
        status: EvalStatus::Blocked,
        status_description: "created due to placement conflicts".to_owned(),
        previous_eval: eval.id,
        snapshot_index,
        create_index: 0,
        modify_index: 0,
        ..eval.clone()
    };
    let failed = Evaluation {
        status: EvalStatus::Failed,
        status_description: "maximum attempts reached".to_owned(),
        blocked_eval: follow_up.id,
        ..eval.clone()
    };
    vec![follow_up, failed]
}

/// When no worker could finish it: the evaluation fails, and another, with the id `follow_up`, tries again at `due_ns`.
pub fn undeliverable(eval: &Evaluation, follow_up: EvalId, due_ns: i64) -> Vec<Evaluation> {
    let follow_up = Evaluation {
        id: follow_up,
        triggered_by: Trigger::FailedFollowUp,
        status: EvalStatus::Pending,
        status_description: "created after an evaluation was delivered too often".to_owned(),
        wait_until_ns: due_ns,
        previous_eval: eval.id,
        create_index: 0,
        modify_index: 0,
        ..eval.clone()
    };
    let failed = Evaluation {
        status: EvalStatus::Failed,
        next_eval: follow_up.id,
        status_description: format!("evaluation reached delivery limit ({DELIVERIES_MAX})"),
        ..eval.clone()
    };
    vec![follow_up, failed]
}
