//! Processes one evaluation: snapshot, decision, plan, and what became of it.

use std::sync::Arc;

use controllers::evaluations;
use controllers::plan_check::{self, Step};
use model::Evaluation;
use state::{Command, Refusal, State};
use tracing::Instrument;

use crate::app::{App, CommandError};

/// How long the successor of an evaluation that nobody could finish waits, ns.
const FOLLOW_UP_WAIT_NS: i64 = 60_000_000_000;

/// What a worker says of its evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It has been dealt with.
    Done,
    /// It has to be delivered again.
    Again,
}

/// Processes an evaluation on behalf of a tenure.
pub(crate) async fn process(app: Arc<App>, tenure: u64, eval: Arc<Evaluation>) -> Verdict {
    let span = tracing::info_span!("scheduler.process", eval = %eval.id.short(), job = %eval.job_id);
    runtime::trace::set_parent(&span, &eval.trace);
    async {
        match attempt_all(&app, tenure, &eval).await {
            Ok(()) => Verdict::Done,
            Err(error) => {
                tracing::warn!(eval = %eval.id, %error, "an evaluation will be delivered again");
                Verdict::Again
            }
        }
    }
    .instrument(span)
    .await
}

async fn attempt_all(app: &App, tenure: u64, eval: &Evaluation) -> Result<(), CommandError> {
    for _ in 0..evaluations::attempts(&eval.kind) {
        let state = app.state();
        // Somebody else may have dealt with it between delivery and now.
        let Some(newest) = state.eval(eval.id).filter(|eval| !eval.terminal()).cloned() else {
            return Ok(());
        };
        if attempt(app, tenure, &state, &newest).await? {
            return Ok(());
        }
    }
    let evals = evaluations::given_up(eval, app.seed().eval_id(0), app.state().index());
    let committed = app.propose(Command::UpdateEvals { tenure, evals }).await?;
    plan_check::done(committed.outcome, 0).map(|_done| ()).map_err(refused)
}

/// One decision on one snapshot; false when the plan was trimmed and a newer snapshot has to be looked at.
async fn attempt(app: &App, tenure: u64, state: &State, eval: &Evaluation) -> Result<bool, CommandError> {
    let context = scheduler::Context { now_ns: app.clock.now_ns(), seed: app.seed() };
    let before = app.clock.ticks();
    let mut decision = scheduler::process(state, eval, &context);
    let elapsed = app.clock.ticks().since(before);
    app.metrics.summary("nomad.worker.invoke_scheduler", &[]).observe_duration(elapsed);
    let elapsed_ns = i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX).max(1);
    let seen = decision.eval.failed_tg_allocs.values_mut().chain(decision.eval.placed_metrics.values_mut());
    for metric in seen {
        metric.allocation_time_ns = elapsed_ns;
    }
    let (plan, evals) = decision.into_parts();
    let Some(Step { command, trimmed }) = plan_check::step(&app.state(), tenure, plan, evals) else {
        tracing::debug!("a plan no longer fits");
        return Ok(false);
    };
    if trimmed > 0 {
        tracing::debug!(nodes = trimmed, "a plan no longer fits some nodes");
    }
    let span = match &command {
        Command::ApplyPlan { plan, .. } => {
            tracing::info_span!("plan.apply", placements = plan.placements.len())
        }
        _ => tracing::info_span!("eval.update"),
    };
    let committed = app.propose(command).instrument(span).await?;
    plan_check::done(committed.outcome, trimmed).map_err(refused)
}

fn refused(refusal: Refusal) -> CommandError {
    CommandError::Refused(refusal.to_string())
}

/// Fails an evaluation that no worker could finish, and makes one that tries again later.
pub(crate) async fn fail(app: Arc<App>, tenure: u64, eval: Arc<Evaluation>) -> Verdict {
    let due_ns = app.clock.now_ns().saturating_add(FOLLOW_UP_WAIT_NS);
    let evals = evaluations::undeliverable(&eval, app.seed().eval_id(0), due_ns);
    match app.propose(Command::UpdateEvals { tenure, evals }).await {
        Ok(_) => Verdict::Done,
        Err(_) => Verdict::Again,
    }
}
