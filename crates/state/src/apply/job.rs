//! Registering and stopping jobs.

use model::id::{EvalId, JobKey};
use model::job::{JobSubmission, ScalingPolicy};
use model::planted::{self, Bug};
use model::{EvalStatus, Evaluation, Job, JobStatus};

use crate::command::Seed;

use super::Tx;
use crate::event::Event;
use crate::outcome::{Outcome, Refusal};
use crate::row::RowKey;
use crate::table::Table;
use crate::table::jobs::TRACKED_VERSIONS;

impl Tx<'_> {
    pub(super) fn register_job(
        &mut self,
        job: Job,
        eval: Evaluation,
        enforce_index: Option<u64>,
        preserve_counts: bool,
        submission: Option<&JobSubmission>,
    ) -> Outcome {
        let key = job.key();
        let existing = self.state.job(&key).cloned();
        if !self.state.has_namespace(&job.namespace) {
            return Outcome::Refused(Refusal::NoSuchNamespace {
                job: job.id.clone(),
                namespace: job.namespace.clone(),
            });
        }
        if let Some(refusal) = enforce(enforce_index, existing.as_deref())
            && !planted::is(Bug::EnforceIndexEarly)
        {
            return Outcome::Refused(refusal);
        }
        if let Some(existing) = &existing
            && existing.kind != job.kind
        {
            let (from, to) = (existing.kind.to_string(), job.kind.to_string());
            return Outcome::Refused(Refusal::TypeChanged { from, to });
        }
        if let Some(refusal) = existing.as_deref().and_then(|existing| launcher_changed(existing, &job)) {
            return Outcome::Refused(refusal);
        }
        if let Some(refusal) = self.refuse_repeated_dispatch(&job) {
            return Outcome::Refused(refusal);
        }
        self.registered(job, eval, existing.as_deref(), preserve_counts, submission)
    }

    /// A registration that nothing speaks against.
    pub(super) fn registered(
        &mut self,
        job: Job,
        eval: Evaluation,
        existing: Option<&Job>,
        preserve_counts: bool,
        submission: Option<&JobSubmission>,
    ) -> Outcome {
        let key = job.key();
        let (parent, launches_children) = (job.parent_key(), job.launches_children());
        let seed = Seed(eval.id.0);
        let job_modify_index = self.write_registration(job, existing, preserve_counts, seed);
        if existing.is_none()
            && let Some(parent) = parent
        {
            self.count_child(&parent, None, Some(JobStatus::Pending));
        }
        self.keep_submission(&key, submission);
        self.sync_summary_groups(&key);
        self.forget_old_versions(&key);
        self.set_clock(&key);
        if launches_children {
            self.touched.insert(key);
            return Outcome::Job { job_modify_index, eval_id: EvalId::NIL, eval_create_index: 0 };
        }
        let eval = Evaluation { job_modify_index, trace: self.trace.to_owned(), ..eval };
        let eval_id = self.put_eval(eval).id;
        Outcome::Job { job_modify_index, eval_id, eval_create_index: self.index }
    }

    /// Answers the job's `job_modify_index` afterwards.
    pub(super) fn write_registration(
        &mut self,
        job: Job,
        existing: Option<&Job>,
        preserve_counts: bool,
        seed: Seed,
    ) -> u64 {
        let mut job = Job {
            submit_time_ns: self.now_ns,
            status: JobStatus::Pending,
            status_description: String::new(),
            stable: false,
            create_index: self.index,
            modify_index: self.index,
            job_modify_index: self.index,
            ..job
        };
        name_policies(&mut job, existing, seed, self.index);
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
            if Some(old.version) != stable && old.version_tag.is_none() {
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
        self.state.jobs.remove_version(key, incarnation, version);
        self.dirty.insert(RowKey::job_version(&name));
        if self.state.jobs.submissions.remove(&name).is_some() {
            self.dirty.insert(RowKey::submission(&name));
        }
    }

    /// Keeps the text that the current version was made from; one that came without keeps the last one's.
    fn keep_submission(&mut self, key: &JobKey, given: Option<&JobSubmission>) {
        let Some(job) = self.state.job(key) else { return };
        let name = (key.clone(), job.create_index, job.version);
        let before = job.version.checked_sub(1).map(|version| (key.clone(), job.create_index, version));
        let last =
            || before.and_then(|name| self.state.jobs.submissions.get(&name).map(|kept| (**kept).clone()));
        let Some(submission) = given.cloned().or_else(last) else { return };
        let kept = JobSubmission {
            job_id: job.id.clone(),
            namespace: job.namespace.clone(),
            version: job.version,
            job_modify_index: job.job_modify_index,
            ..submission
        };
        self.dirty.insert(RowKey::submission(&name));
        self.state.jobs.submissions.insert(name, kept.into());
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
            self.set_clock(key);
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
        if let Some(job) = self.state.job(key)
            && let Some(parent) = job.parent_key()
        {
            let status = job.status;
            self.count_child(&parent, Some(status), None);
        }
        if self.state.jobs.scaling_events.remove(key).is_some() {
            self.dirty.insert(RowKey::scaling_events(key));
        }
        self.state.jobs.remove(key);
        self.set_clock(key);
        self.dirty.insert(RowKey::job(key, incarnation));
        self.dirty.insert(RowKey::summary(key, incarnation));
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

pub(super) fn enforce(enforce_index: Option<u64>, existing: Option<&Job>) -> Option<Refusal> {
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

fn launcher_changed(existing: &Job, job: &Job) -> Option<Refusal> {
    let kinds = [
        ("periodic", existing.periodic.is_some(), job.periodic.is_some()),
        ("parameterized", existing.parameterized_job.is_some(), job.parameterized_job.is_some()),
    ];
    let (kind, was, _) = kinds.into_iter().find(|(_, was, is)| was != is)?;
    let non = format!("non-{kind}");
    let (from, to) = if was { (kind.to_owned(), non) } else { (non, kind.to_owned()) };
    Some(Refusal::LauncherChanged { from, to })
}

/// Gives scaling policies their ids: those that were there keep theirs.
fn name_policies(job: &mut Job, existing: Option<&Job>, seed: Seed, index: u64) {
    let known: Vec<ScalingPolicy> =
        existing.map(|job| job.scaling_policies().cloned().collect()).unwrap_or_default();
    let groups = job.task_groups.iter_mut();
    let all = groups.flat_map(|group| {
        let of_tasks = group.tasks.iter_mut().flat_map(|task| &mut task.scaling_policies);
        group.scaling.iter_mut().chain(of_tasks)
    });
    for (number, policy) in all.enumerate() {
        match known.iter().find(|known| known.target == policy.target && known.kind == policy.kind) {
            Some(known) => {
                policy.id.clone_from(&known.id);
                (policy.create_index, policy.modify_index) = (known.create_index, known.modify_index);
                if policy != known {
                    policy.modify_index = index;
                }
            }
            None => {
                policy.id = seed.uuid(number as u64).to_string();
                (policy.create_index, policy.modify_index) = (index, index);
            }
        }
    }
}
