//! Plans of jobs: the real scheduler on a copy of the state that nobody else sees.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::evaluations::Annotations;
use api::plan::{PlanRequest, PlanResponse, annotate};
use model::id::JobKey;
use model::job::admission::warnings_text;
use model::{Allocation, Job, Trigger};
use scheduler::{Context, Decision, process};
use state::State;

use super::App;
use crate::http::error::ApiError;

/// Times that a registration would have written down.
fn stamp(decision: &mut Decision, now_ns: i64, elapsed: Duration) {
    let elapsed_ns = i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX);
    let blocked = decision.blocked.iter_mut().flat_map(|blocked| {
        (blocked.create_time_ns, blocked.modify_time_ns) = (now_ns, now_ns);
        blocked.failed_tg_allocs.values_mut()
    });
    for metric in decision.eval.failed_tg_allocs.values_mut().chain(blocked) {
        metric.allocation_time_ns = elapsed_ns;
    }
}

/// What would have to make room.
fn preempted<'a>(state: &'a State, decision: &'a Decision) -> impl Iterator<Item = &'a Arc<Allocation>> {
    let ids = decision.plan.placements.iter().flat_map(|placement| &placement.preempted);
    ids.filter_map(|id| state.alloc(*id))
}

/// When the clock of the job would launch first, in the zone that it names.
fn next_launch(job: &Job, now_ns: i64) -> Option<String> {
    let schedule = job.periodic.as_ref().filter(|_| job.is_clocked())?.schedule()?;
    schedule.next(now_ns).map(|at_ns| schedule.local_text(at_ns))
}

impl App {
    /// What would change if the job were registered now.
    pub(crate) fn plan_job(
        &self,
        request: PlanRequest,
        namespace: Option<&str>,
    ) -> Result<PlanResponse, ApiError> {
        let Some(job) = request.job else {
            return Err(ApiError::BadRequest("Job must be specified".into()));
        };
        let mut job = job.into_model().map_err(|faults| ApiError::Server(faults.to_string()))?;
        if let Some(namespace) = namespace {
            job.namespace = namespace.to_owned();
        }
        self.admit(&mut job)?;
        let snapshot = self.state();
        let key: JobKey = job.key();
        let existing = snapshot.job(&key).cloned();
        let warnings = warnings_text(&job.warnings(self.oversubscribes()));
        let next_launch = next_launch(&job, self.clock.now_ns());
        let shown = api::job::Job::from(&job);
        let old = existing.as_ref().map(|job| api::job::Job::from(&**job));
        let eval = self.new_eval(&key, job.kind.clone(), job.priority, Trigger::JobRegister);
        let now_ns = self.clock.now_ns();
        // A clone is O(1), and what is written into it reaches neither the log nor the tables.
        let mut state = (*snapshot).clone();
        let imagined = state.imagine_job(&job, &eval, now_ns);
        imagined.map_err(|refusal| ApiError::Server(refusal.to_string()))?;
        let began = Instant::now();
        // A job that is a template of others has no evaluation, but is planned like any other.
        let eval = state.eval(eval.id).map_or(eval, |eval| (**eval).clone());
        let mut decision = process(&state, &eval, &Context { now_ns, seed: self.seed() });
        stamp(&mut decision, now_ns, began.elapsed());
        let updates = decision.eval.plan_annotations.clone().unwrap_or_default();
        let mut diff = request.diff.then(|| api::diff::job(old.as_ref(), &shown));
        if let Some(diff) = &mut diff {
            annotate(diff, &updates);
        }
        let failed = Some(&decision.eval.failed_tg_allocs).filter(|failed| !failed.is_empty());
        let index = existing.map_or(0, |job| job.job_modify_index);
        let preempted: Vec<_> = preempted(&state, &decision).map(|alloc| (&**alloc).into()).collect();
        let preempted_allocs = Some(preempted).filter(|allocs| !allocs.is_empty());
        Ok(PlanResponse {
            annotations: Some(Annotations { preempted_allocs, ..(&updates).into() }),
            created_evals: decision.blocked.as_ref().map(|blocked| vec![blocked.into()]),
            diff,
            failed_tg_allocs: failed.map(|failed| {
                failed.iter().map(|(group, metric)| (group.clone(), (&**metric).into())).collect()
            }),
            index,
            job_modify_index: index,
            next_periodic_launch: next_launch,
            warnings,
        })
    }
}
