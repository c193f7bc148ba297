//! Jobs that others launched.

use model::id::{EvalId, JobKey};
use model::{EvalStatus, Evaluation, Job, JobStatus, PeriodicConfig, Trigger};

use super::Tx;
use crate::event::Event;
use crate::outcome::{Outcome, Refusal};
use crate::row::RowKey;
use crate::table::jobs::PeriodicLaunch;

impl Tx<'_> {
    /// Keeps the count of a parent's children.
    pub(super) fn count_child(&mut self, parent: &JobKey, from: Option<JobStatus>, to: Option<JobStatus>) {
        self.change_summary(parent, |summary| summary.children.shift(from, to));
    }

    /// Refuses a dispatch whose token an earlier one had, naming the child that came of it.
    pub(super) fn refuse_repeated_dispatch(&self, job: &Job) -> Option<Refusal> {
        if !job.dispatched || job.dispatch_idempotency_token.is_empty() {
            return None;
        }
        let prefix = format!("{}/dispatch-", job.parent_id);
        let mut children = self.state.jobs_with_prefix(&job.namespace, &prefix);
        let same = children.find(|(child, _)| {
            child.parent_id == job.parent_id
                && child.dispatch_idempotency_token == job.dispatch_idempotency_token
        });
        same.map(|(child, _)| Refusal::Dispatched { job: child.id.clone(), create_index: child.create_index })
    }

    /// Sets or stops the clock of a job whose specification has just changed. What was due before does not matter then.
    pub(super) fn set_clock(&mut self, key: &JobKey) {
        match self.state.job(key) {
            Some(job) if job.is_clocked() => {
                let changed = job.job_modify_index == self.index;
                if changed || self.state.periodic_launch(key).is_none() {
                    self.put_launch(key, self.now_ns);
                }
            }
            _ => {
                if self.state.jobs.launches.remove(key).is_some() {
                    self.dirty.insert(RowKey::launch(key));
                }
            }
        }
    }

    fn put_launch(&mut self, key: &JobKey, launch_ns: i64) {
        self.state.jobs.launches.insert(key.clone(), PeriodicLaunch { launch_ns });
        self.dirty.insert(RowKey::launch(key));
        self.events.push(Event::Launched(key.clone()));
    }

    /// A launch that somebody asks for happens even where children must not overlap.
    pub(super) fn launch_periodic(
        &mut self,
        tenure: Option<u64>,
        key: &JobKey,
        launch_ns: i64,
        eval_id: EvalId,
    ) -> Result<Outcome, Refusal> {
        if tenure.is_some_and(|tenure| tenure != self.state.tenure) {
            return Err(Refusal::StaleTenure);
        }
        let parent = self.state.job(key).cloned().ok_or(Refusal::UnknownJob)?;
        let last = self.state.periodic_launch(key).ok_or(Refusal::UnknownJob)?;
        if tenure.is_some() && launch_ns <= last {
            return Ok(Outcome::Done);
        }
        self.put_launch(key, last.max(launch_ns));
        let child = parent.periodic_child(launch_ns);
        let busy = self.state.job_summary(key).is_some_and(|summary| summary.children.alive());
        let prohibited = busy && parent.periodic.as_ref().is_some_and(PeriodicConfig::prohibits_overlap);
        if tenure.is_some() && (prohibited || self.state.job(&child.key()).is_some()) {
            return Ok(Outcome::Done);
        }
        let eval = Evaluation {
            id: eval_id,
            namespace: child.namespace.clone(),
            priority: child.priority,
            kind: child.kind.clone(),
            triggered_by: Trigger::PeriodicJob,
            job_id: child.id.clone(),
            status: EvalStatus::Pending,
            ..Evaluation::default()
        };
        Ok(self.register_job(child, eval, None, false, None))
    }
}
