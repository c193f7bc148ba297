//! Processes one evaluation: snapshot, decision, plan, and what became of it.

use std::sync::Arc;

use controllers::plan_check;
use model::{EvalStatus, Evaluation, JobType, PlanResult, Trigger};
use state::{Command, Outcome, State};
use tracing::Instrument;

use crate::app::{App, CommandError};

/// Attempts at a plan that is trimmed each time.
const SERVICE_ATTEMPTS: usize = 5;
const BATCH_ATTEMPTS: usize = 2;

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
    let attempts = if eval.kind == JobType::Batch { BATCH_ATTEMPTS } else { SERVICE_ATTEMPTS };
    for _ in 0..attempts {
        let state = app.state();
        // Somebody else may have dealt with it between delivery and now.
        let Some(newest) = state.eval(eval.id).filter(|eval| !eval.terminal()).cloned() else {
            return Ok(());
        };
        if attempt(app, tenure, &state, &newest).await? {
            return Ok(());
        }
    }
    give_up(app, tenure, eval).await
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
    let mut evals: Vec<Evaluation> = decision.blocked.into_iter().collect();
    for blocked in &mut evals {
        blocked.failed_tg_allocs.clone_from(&decision.eval.failed_tg_allocs);
    }
    evals.append(&mut decision.follow_ups);
    evals.push(decision.eval);
    if decision.plan.is_empty() {
        let span = tracing::info_span!("eval.update");
        let committed = app.propose(Command::UpdateEvals { tenure, evals }).instrument(span).await?;
        return refused(committed.outcome).map(|()| true);
    }
    let all_at_once = decision.plan.all_at_once;
    let trimmed = plan_check::trim(&app.state(), &mut decision.plan);
    if !trimmed.is_empty() {
        tracing::debug!(nodes = trimmed.len(), "a plan no longer fits some nodes");
        if decision.plan.is_empty() || all_at_once {
            return Ok(false);
        }
        // What is left is worth applying, but the evaluation is not done with it.
        evals.clear();
    }
    let span = tracing::info_span!("plan.apply", placements = decision.plan.placements.len());
    let command = Command::ApplyPlan { tenure, plan: Box::new(decision.plan), evals };
    let committed = app.propose(command).instrument(span).await?;
    match committed.outcome {
        // A stale plan is looked at again too: the job or the evaluation has changed meanwhile.
        Outcome::Plan(PlanResult { trimmed: late, stale, .. }) => {
            Ok(trimmed.is_empty() && late.is_empty() && !stale)
        }
        other => refused(other).map(|()| true),
    }
}

fn refused(outcome: Outcome) -> Result<(), CommandError> {
    match outcome {
        Outcome::Refused(refusal) => Err(CommandError::Refused(refusal.to_string())),
        _ => Ok(()),
    }
}

/// Too many trimmed plans: the evaluation fails, and another waits for the cluster to calm down.
async fn give_up(app: &App, tenure: u64, eval: &Evaluation) -> Result<(), CommandError> {
    let follow_up = Evaluation {
        id: app.seed().eval_id(0),
        triggered_by: Trigger::MaxPlanAttempts,
        status: EvalStatus::Blocked,
        status_description: "created due to placement conflicts".to_owned(),
        previous_eval: eval.id,
        snapshot_index: app.state().index(),
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
    let committed = app.propose(Command::UpdateEvals { tenure, evals: vec![follow_up, failed] }).await?;
    refused(committed.outcome)
}

/// Fails an evaluation that no worker could finish, and makes one that tries again later.
pub(crate) async fn fail(app: Arc<App>, tenure: u64, eval: Arc<Evaluation>) -> Verdict {
    let follow_up = Evaluation {
        id: app.seed().eval_id(0),
        triggered_by: Trigger::FailedFollowUp,
        status: EvalStatus::Pending,
        status_description: "created after an evaluation was delivered too often".to_owned(),
        wait_until_ns: app.clock.now_ns().saturating_add(FOLLOW_UP_WAIT_NS),
        previous_eval: eval.id,
        create_index: 0,
        modify_index: 0,
        ..(*eval).clone()
    };
    let failed = Evaluation {
        status: EvalStatus::Failed,
        next_eval: follow_up.id,
        status_description: format!(
            "evaluation reached delivery limit ({})",
            controllers::eval_broker::DELIVERIES_MAX
        ),
        ..(*eval).clone()
    };
    match app.propose(Command::UpdateEvals { tenure, evals: vec![follow_up, failed] }).await {
        Ok(_) => Verdict::Done,
        Err(_) => Verdict::Again,
    }
}
