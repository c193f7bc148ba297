//! Registering and stopping jobs.

use model::id::{EvalId, JobKey};
use model::{EvalStatus, Evaluation, Job, JobStatus};

use super::Tx;
use crate::event::Event;
use crate::outcome::{Outcome, Refusal};
use crate::row::RowKey;
use crate::table::Table;
use crate::table::jobs::TRACKED_VERSIONS;

impl Tx<'_> {
    pub(super) fn register_job(
        &mut self,
        job: &Job,
        eval: &Evaluation,
        enforce_index: Option<u64>,
        preserve_counts: bool,
    ) -> Outcome {
        let key = job.key();
        let existing = self.state.job(&key).cloned();
        if let Some(refusal) = enforce(enforce_index, existing.as_deref()) {
            return Outcome::Refused(refusal);
        }
        if let Some(existing) = &existing
            && existing.kind != job.kind
        {
            let (from, to) = (existing.kind.to_string(), job.kind.to_string());
            return Outcome::Refused(Refusal::TypeChanged { from, to });
        }
        let job_modify_index = self.write_registration(job, existing.as_deref(), preserve_counts);
        self.sync_summary_groups(&key);
        self.forget_old_versions(&key);
        let eval = Evaluation { job_modify_index, trace: self.trace.to_owned(), ..eval.clone() };
        let eval_id = eval.id;
        self.put_eval(eval);
        Outcome::Job { job_modify_index, eval_id, eval_create_index: self.index }
    }

    /// Answers the job's `job_modify_index` afterwards.
    fn write_registration(&mut self, job: &Job, existing: Option<&Job>, preserve_counts: bool) -> u64 {
        let mut job = Job {
            submit_time_ns: self.now_ns,
            status: JobStatus::Pending,
            status_description: String::new(),
            stable: false,
            stop: false,
            version: 0,
            create_index: self.index,
            modify_index: self.index,
            job_modify_index: self.index,
            ..job.clone()
        };
        let Some(existing) = existing else {
            self.put_job(job);
            return self.index;
        };
        if preserve_counts {
            for group in &mut job.task_groups {
                if let Some(old) = existing.group(&group.name) {
                    group.count = old.count;
                }
            }
        }
        job.create_index = existing.create_index;
        job.status = existing.status;
        if job.same_specification(existing) {
            // An unchanged specification makes no new version; it is only looked at again.
            return existing.job_modify_index;
        }
        job.version = existing.version + 1;
        self.put_job(job);
        self.index
    }

    /// Gives every group of a job a line in its summary.
    fn sync_summary_groups(&mut self, key: &JobKey) {
        let Some(job) = self.state.job(key).cloned() else {
            return;
        };
        self.change_summary(key, |summary| {
            summary.create_index = job.create_index;
            for group in &job.task_groups {
                summary.groups.entry(group.name.clone()).or_default();
            }
        });
    }

    /// Forgets versions beyond [`TRACKED_VERSIONS`], except the newest stable one and those that still run.
    pub(super) fn forget_old_versions(&mut self, key: &JobKey) {
        let Some(current) = self.state.job(key) else {
            return;
        };
        let incarnation = current.create_index;
        let versions: Vec<_> = self.state.jobs.versions_of(key, incarnation).cloned().collect();
        if versions.len() <= TRACKED_VERSIONS {
            return;
        }
        let stable = versions.iter().rev().find(|job| job.stable).map(|job| job.version);
        for old in &versions[..versions.len() - TRACKED_VERSIONS] {
            if Some(old.version) != stable {
                self.forget_version(key, incarnation, old.version);
            }
        }
    }

    /// Forgets one version unless an allocation still runs it.
    pub(super) fn forget_version(&mut self, key: &JobKey, incarnation: u64, version: u64) {
        let mut allocs = self.state.allocs_of_job(key);
        if allocs.any(|alloc| alloc.job_create_index == incarnation && alloc.job_version == version) {
            return;
        }
        drop(allocs);
        let name = (key.clone(), incarnation, version);
        self.state.jobs.versions.remove(&name);
        self.dirty.insert(RowKey::job_version(&name));
    }

    pub(super) fn deregister_job(&mut self, key: &JobKey, purge: bool, eval: &Evaluation) -> Outcome {
        let Some(job) = self.state.job(key).cloned() else {
            return Outcome::Refused(Refusal::UnknownJob);
        };
        if purge {
            self.purge_job(key, job.create_index);
        } else if !job.stop {
            let stopped = Job {
                stop: true,
                stable: false,
                version: job.version + 1,
                submit_time_ns: self.now_ns,
                modify_index: self.index,
                job_modify_index: self.index,
                ..(*job).clone()
            };
            self.put_job(stopped);
            self.forget_old_versions(key);
        }
        let job_modify_index = self.index;
        let eval_id = eval.id;
        let trace = self.trace.to_owned();
        self.put_eval(Evaluation { job_modify_index, priority: eval.priority, trace, ..eval.clone() });
        Outcome::Job { job_modify_index, eval_id, eval_create_index: self.index }
    }

    /// Removes a job; versions that allocations still run go with the last of those.
    pub(super) fn purge_job(&mut self, key: &JobKey, incarnation: u64) {
        self.cancel_waiting_evals(key);
        self.state.jobs.current.remove(key);
        self.dirty.insert(RowKey::job(key));
        self.dirty.insert(RowKey::summary(key));
        self.touch_table(Table::Jobs);
        self.touch_table(Table::JobSummaries);
        let versions: Vec<_> = self.state.jobs.versions_of(key, incarnation).map(|job| job.version).collect();
        for version in versions {
            self.forget_version(key, incarnation, version);
        }
        self.events.push(Event::Job(key.clone()));
    }

    fn cancel_waiting_evals(&mut self, key: &JobKey) {
        let waiting: Vec<_> =
            self.state.evals_of_job(key).filter(|eval| eval.status == EvalStatus::Blocked).cloned().collect();
        for eval in waiting {
            let status_description = "canceled because its job was purged".to_owned();
            self.put_eval(Evaluation { status: EvalStatus::Canceled, status_description, ..(*eval).clone() });
        }
    }

    pub(super) fn evaluate_job(&mut self, eval: &Evaluation) -> Outcome {
        let Some(job) = self.state.job(&eval.job_key()) else {
            return Outcome::Refused(Refusal::UnknownJob);
        };
        let job_modify_index = job.job_modify_index;
        let eval_id: EvalId = eval.id;
        self.put_eval(Evaluation { job_modify_index, trace: self.trace.to_owned(), ..eval.clone() });
        Outcome::Job { job_modify_index, eval_id, eval_create_index: self.index }
    }
}

fn enforce(enforce_index: Option<u64>, existing: Option<&Job>) -> Option<Refusal> {
    match (enforce_index?, existing) {
        (0, Some(_)) => Some(Refusal::JobExists),
        (0, None) => None,
        (wanted, None) => Some(Refusal::JobMissing { wanted }),
        (wanted, Some(job)) if job.job_modify_index != wanted => {
            Some(Refusal::JobChanged { wanted, actual: job.job_modify_index })
        }
        (_, Some(_)) => None,
    }
}
