//! One evaluation, as `server/leader/worker.rs` processes it: snapshot, decision, plan, and what became of it.

use controllers::plan_check;
use model::{EvalStatus, Evaluation, PlanResult, Trigger};
use state::{Command, Outcome, State};

use super::Desk;
use crate::server::{Committed, Miss};

const ATTEMPTS: usize = 5;
const FOLLOW_UP_WAIT_NS: i64 = 5_000_000_000;
/// While there is trouble one attempt in so many comes to nothing.
const FAILS_ONE_IN: u64 = 30;
/// The longest thought of a scheduler, ms.
const THINKS_MS: u64 = 12;

/// What a worker says of its evaluation.
pub(super) enum Verdict {
    /// It has been dealt with.
    Done,
    /// It has to be delivered again.
    Again,
}

pub(super) async fn process(desk: &Desk, tenure: u64, eval: &Evaluation) -> Verdict {
    let calm = desk.world.calm.load(std::sync::atomic::Ordering::Acquire);
    if !calm && desk.world.draw().is_multiple_of(FAILS_ONE_IN) {
        return Verdict::Again;
    }
    match attempt_all(desk, tenure, eval).await {
        Ok(()) => Verdict::Done,
        Err(_) => Verdict::Again,
    }
}

async fn attempt_all(desk: &Desk, tenure: u64, eval: &Evaluation) -> Result<(), Miss> {
    for _ in 0..ATTEMPTS {
        let state = desk.raft.state();
        let Some(newest) = state.eval(eval.id).filter(|eval| !eval.terminal()).cloned() else {
            return Ok(());
        };
        if attempt(desk, tenure, &state, &newest).await? {
            return Ok(());
        }
    }
    let follow_up = Evaluation {
        id: desk.world.seed().eval_id(0),
        triggered_by: Trigger::MaxPlanAttempts,
        status: EvalStatus::Blocked,
        previous_eval: eval.id,
        snapshot_index: desk.raft.state().index(),
        create_index: 0,
        modify_index: 0,
        ..eval.clone()
    };
    let failed = Evaluation { status: EvalStatus::Failed, blocked_eval: follow_up.id, ..eval.clone() };
    let command = Command::UpdateEvals { tenure, evals: vec![follow_up, failed] };
    refused(desk.propose(command).await?)
}

/// One decision on one snapshot; false when the plan was trimmed and a newer snapshot has to be looked at.
async fn attempt(desk: &Desk, tenure: u64, state: &State, eval: &Evaluation) -> Result<bool, Miss> {
    let context = scheduler::Context { now_ns: desk.now_ns(), seed: desk.world.seed() };
    let mut decision = scheduler::process(state, eval, &context);
    // Meanwhile another worker decides on the same snapshot.
    let thinks = desk.world.draw() % THINKS_MS;
    tokio::time::sleep(std::time::Duration::from_millis(thinks)).await;
    let mut evals: Vec<Evaluation> = decision.blocked.into_iter().collect();
    for blocked in &mut evals {
        blocked.failed_tg_allocs.clone_from(&decision.eval.failed_tg_allocs);
    }
    evals.append(&mut decision.follow_ups);
    evals.push(decision.eval);
    if decision.plan.is_empty() {
        let command = Command::UpdateEvals { tenure, evals };
        desk.keep_for_stragglers(&command);
        return refused(desk.propose(command).await?).map(|()| true);
    }
    let all_at_once = decision.plan.all_at_once;
    let trimmed = plan_check::trim(&desk.raft.state(), &mut decision.plan);
    if !trimmed.is_empty() {
        if decision.plan.is_empty() || all_at_once {
            return Ok(false);
        }
        evals.clear();
    }
    let command = Command::ApplyPlan { tenure, plan: Box::new(decision.plan), evals };
    desk.keep_for_stragglers(&command);
    match desk.propose(command).await? {
        (_, Outcome::Plan(PlanResult { trimmed: late, stale, .. })) => {
            desk.world.fault(|faults| faults.trimmed += u64::from(!late.is_empty()));
            Ok(trimmed.is_empty() && late.is_empty() && !stale)
        }
        other => refused(other).map(|()| true),
    }
}

fn refused((_, outcome): Committed) -> Result<(), Miss> {
    match outcome {
        Outcome::Refused(_) => Err(Miss::Nothing),
        _ => Ok(()),
    }
}

/// Fails an evaluation that no worker could finish, and makes one that tries again later.
pub(super) async fn fail(desk: &Desk, tenure: u64, eval: &Evaluation) -> Verdict {
    let follow_up = Evaluation {
        id: desk.world.seed().eval_id(0),
        triggered_by: Trigger::FailedFollowUp,
        status: EvalStatus::Pending,
        wait_until_ns: desk.now_ns().saturating_add(FOLLOW_UP_WAIT_NS),
        previous_eval: eval.id,
        create_index: 0,
        modify_index: 0,
        ..eval.clone()
    };
    let failed = Evaluation { status: EvalStatus::Failed, next_eval: follow_up.id, ..eval.clone() };
    match desk.propose(Command::UpdateEvals { tenure, evals: vec![follow_up, failed] }).await {
        Ok(_) => Verdict::Done,
        Err(_) => Verdict::Again,
    }
}
