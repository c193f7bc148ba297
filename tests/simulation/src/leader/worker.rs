//! One evaluation, as `server/leader/worker.rs` processes it: snapshot, decision, plan, and what became of it.

use controllers::evaluations;
use controllers::plan_check::{self, Step};
use model::{Evaluation, PlanResult};
use state::{Command, Outcome, State};

use super::Desk;
use crate::server::Miss;

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
    for _ in 0..evaluations::attempts(&eval.kind) {
        let state = desk.raft.state();
        let Some(newest) = state.eval(eval.id).filter(|eval| !eval.terminal()).cloned() else {
            return Ok(());
        };
        if attempt(desk, tenure, &state, &newest).await? {
            return Ok(());
        }
    }
    let evals = evaluations::given_up(eval, desk.world.seed().eval_id(0), desk.raft.state().index());
    let (_, outcome) = desk.propose(Command::UpdateEvals { tenure, evals }).await?;
    done(outcome, 0).map(|_done| ())
}

/// One decision on one snapshot; false when the plan was trimmed and a newer snapshot has to be looked at.
async fn attempt(desk: &Desk, tenure: u64, state: &State, eval: &Evaluation) -> Result<bool, Miss> {
    let context = scheduler::Context { now_ns: desk.now_ns(), seed: desk.world.seed() };
    let decision = scheduler::process(state, eval, &context);
    // Meanwhile another worker decides on the same snapshot.
    let thinks = desk.world.draw() % THINKS_MS;
    tokio::time::sleep(std::time::Duration::from_millis(thinks)).await;
    let (plan, evals) = decision.into_parts();
    let Some(Step { command, trimmed }) = plan_check::step(&desk.raft.state(), tenure, plan, evals) else {
        return Ok(false);
    };
    desk.keep_for_stragglers(&command);
    let (_, outcome) = desk.propose(command).await?;
    if let Outcome::Plan(PlanResult { trimmed: late, .. }) = &outcome {
        desk.world.fault(|faults| faults.trimmed += u64::from(!late.is_empty()));
    }
    done(outcome, trimmed)
}

fn done(outcome: Outcome, trimmed: usize) -> Result<bool, Miss> {
    plan_check::done(outcome, trimmed).map_err(|_refusal| Miss::Nothing)
}

/// Fails an evaluation that no worker could finish, and makes one that tries again later.
pub(super) async fn fail(desk: &Desk, tenure: u64, eval: &Evaluation) -> Verdict {
    let due_ns = desk.now_ns().saturating_add(FOLLOW_UP_WAIT_NS);
    let evals = evaluations::undeliverable(eval, desk.world.seed().eval_id(0), due_ns);
    match desk.propose(Command::UpdateEvals { tenure, evals }).await {
        Ok(_) => Verdict::Done,
        Err(_) => Verdict::Again,
    }
}
