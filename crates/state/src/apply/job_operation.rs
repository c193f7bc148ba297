//! Tags, stability and counts of jobs.

use model::Evaluation;
use model::id::{EvalId, JobKey};
use model::job::VersionTag;
use model::job::scaling::{SCALING_EVENTS_MAX, ScalingEvent};
use model::{Job, JobStatus};

use super::Tx;
use crate::command::job_operation::JobOperation;
use crate::outcome::{Outcome, Refusal};
use crate::row::RowKey;
use crate::table::Table;

impl Tx<'_> {
    pub(super) fn operate_job(&mut self, operation: &JobOperation) -> Outcome {
        let done = match operation {
            JobOperation::Tag { job, name, version, description } => {
                self.tag_version(job, name, *version, description)
            }
            JobOperation::Untag { job, name } => self.untag_version(job, name),
            JobOperation::SetStability { job, version, stable } => self.set_stability(job, *version, *stable),
            JobOperation::Scale { job, group, count, event, enforce_index, eval } => {
                self.scale_job(job, group, *count, event, *enforce_index, eval)
            }
            JobOperation::LaunchPeriodic { tenure, job, launch_ns, eval_id } => {
                self.launch_periodic(*tenure, job, *launch_ns, *eval_id)
            }
        };
        done.unwrap_or_else(Outcome::Refused)
    }

    fn tag_version(
        &mut self,
        key: &JobKey,
        name: &str,
        version: Option<u64>,
        description: &str,
    ) -> Result<Outcome, Refusal> {
        let unknown = |version| Refusal::UnknownVersionToTag { job: key.id().to_owned(), version };
        let current = self.state.job(key).ok_or_else(|| unknown(version.unwrap_or(0)))?;
        let (incarnation, version) = (current.create_index, version.unwrap_or(current.version));
        let tagged = self.tagged_version(key, incarnation, name);
        if tagged.is_some_and(|tagged| tagged.version != version) {
            let (name, job) = (name.to_owned(), key.id().to_owned());
            return Err(Refusal::TagTaken { name, job });
        }
        let job = self.state.job_version(key, incarnation, version).ok_or_else(|| unknown(version))?;
        let tag = VersionTag {
            name: name.to_owned(),
            description: description.to_owned(),
            tagged_time_ns: self.now_ns,
        };
        let mut job = Job { version_tag: Some(tag), ..(**job).clone() };
        // A version that was replaced does nothing any more: the original shows it as it was before it began.
        if self.state.job(key).is_some_and(|current| current.version != version) {
            job.status = JobStatus::Pending;
        }
        self.put_version(job);
        Ok(self.job_outcome(key, EvalId::NIL))
    }

    fn untag_version(&mut self, key: &JobKey, name: &str) -> Result<Outcome, Refusal> {
        let unknown = || Refusal::UnknownTag { name: name.to_owned(), job: key.id().to_owned() };
        let incarnation = self.state.job(key).ok_or_else(unknown)?.create_index;
        let job = self.tagged_version(key, incarnation, name).ok_or_else(unknown)?;
        self.put_version(Job { version_tag: None, ..job });
        self.forget_old_versions(key);
        Ok(self.job_outcome(key, EvalId::NIL))
    }

    fn tagged_version(&self, key: &JobKey, incarnation: u64, name: &str) -> Option<Job> {
        let mut versions = self.state.jobs.versions_of(key, incarnation);
        let named = |job: &&std::sync::Arc<Job>| job.version_tag.as_ref().is_some_and(|tag| tag.name == name);
        versions.find(named).map(|job| (**job).clone())
    }

    /// Only marks the version: unlike the original's, it never becomes the current one by that.
    fn set_stability(&mut self, key: &JobKey, version: u64, stable: bool) -> Result<Outcome, Refusal> {
        let unknown = || Refusal::UnknownVersion {
            job: key.id().to_owned(),
            namespace: key.namespace().to_owned(),
            version,
        };
        let incarnation = self.state.job(key).ok_or_else(unknown)?.create_index;
        let job = self.state.job_version(key, incarnation, version).ok_or_else(unknown)?;
        self.put_version(Job { stable, ..(**job).clone() });
        Ok(self.job_outcome(key, EvalId::NIL))
    }

    /// Writes one version of a job again, and the job where that is its current one.
    pub(super) fn put_version(&mut self, job: Job) {
        let job = Job { modify_index: self.index, ..job };
        let key = job.key();
        if self.state.job(&key).is_some_and(|current| current.version == job.version) {
            self.put_job(job);
            return;
        }
        let name = (key, job.create_index, job.version);
        self.dirty.insert(RowKey::job_version(&name));
        self.state.jobs.put_version(&name.0, job.into());
        self.touch_table(Table::Jobs);
    }

    fn scale_job(
        &mut self,
        key: &JobKey,
        group: &str,
        count: Option<i64>,
        event: &ScalingEvent,
        enforce_index: Option<u64>,
        eval: &Evaluation,
    ) -> Result<Outcome, Refusal> {
        let job = self.state.job(key).cloned().ok_or(Refusal::UnknownJob)?;
        if let Some(refusal) = super::job::enforce(enforce_index, Some(&job)) {
            return Err(refusal);
        }
        let previous_count = job.group(group).map_or(0, |group| group.count);
        let mut event = ScalingEvent {
            previous_count,
            count,
            time_ns: self.now_ns,
            create_index: self.index,
            ..event.clone()
        };
        let mut eval_id = EvalId::NIL;
        if let Some(count) = count {
            let mut job = Job {
                version: job.version + 1,
                stable: false,
                version_tag: None,
                submit_time_ns: self.now_ns,
                modify_index: self.index,
                job_modify_index: self.index,
                ..(*job).clone()
            };
            if let Some(group) = job.task_groups.iter_mut().find(|own| own.name == group) {
                group.count = count;
            }
            let starts = !job.stop && !job.launches_children();
            self.put_job(job);
            self.forget_old_versions(key);
            if starts {
                let trace = self.trace.to_owned();
                self.put_eval(Evaluation { job_modify_index: self.index, trace, ..eval.clone() });
                eval_id = eval.id;
                event.eval_id = Some(eval_id.to_string());
            }
        }
        let mut events =
            self.state.jobs.scaling_events.get(key).map(|kept| (**kept).clone()).unwrap_or_default();
        let of_group = events.groups.entry(group.to_owned()).or_default();
        of_group.insert(0, event);
        of_group.truncate(SCALING_EVENTS_MAX);
        events.modify_index = self.index;
        self.state.jobs.scaling_events.insert(key.clone(), events.into());
        self.dirty.insert(RowKey::scaling_events(key));
        self.touch_table(Table::Jobs);
        Ok(self.job_outcome(key, eval_id))
    }

    /// What a change of a job comes to.
    fn job_outcome(&self, key: &JobKey, eval_id: EvalId) -> Outcome {
        let job_modify_index = self.state.job(key).map_or(0, |job| job.job_modify_index);
        let eval_create_index = if eval_id.is_nil() { 0 } else { self.index };
        Outcome::Job { job_modify_index, eval_id, eval_create_index }
    }
}
