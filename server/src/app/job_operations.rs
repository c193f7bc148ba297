//! What is done with a job that exists: reverted, tagged, scaled, marked, looked at again.

use std::sync::Arc;

use api::job_actions::{RevertRequest, ScaleRequest, TagRequest};
use model::alloc::DesiredTransition;
use model::id::JobKey;
use model::job::ScalingEvent;
use model::job::admission::warnings_text;
use model::{Allocation, ClientStatus, Job, Trigger};
use state::{Command, JobOperation, Outcome, Refusal};

use super::App;
use super::jobs::{JobWritten, written};
use crate::http::error::ApiError;

/// How often a revert is tried again when the job changes under it.
const REVERT_TRIES: u32 = 8;

impl App {
    async fn operate_job(&self, operation: JobOperation) -> Result<JobWritten, ApiError> {
        let committed = self.propose(Command::OperateJob { operation }).await?;
        written(committed.index, committed.outcome, String::new())
    }

    /// Registers an older version of a job as its newest.
    pub(crate) async fn revert_job(
        &self,
        key: &JobKey,
        request: &RevertRequest,
    ) -> Result<JobWritten, ApiError> {
        for _ in 0..REVERT_TRIES {
            let (job, current) = self.version_to_revert_to(key, request)?;
            let eval = self.new_eval(key, job.kind.clone(), job.priority, Trigger::JobRegister);
            let submission =
                self.state().job_submission(key, job.version).map(|kept| Box::new((**kept).clone()));
            let warnings = warnings_text(&job.warnings(self.oversubscribes()));
            let command = Command::RegisterJob {
                job: Box::new(job),
                eval: Box::new(eval),
                enforce_index: Some(current),
                preserve_counts: false,
                submission,
            };
            let committed = self.propose(command).await?;
            if !matches!(committed.outcome, Outcome::Refused(Refusal::JobChanged { .. })) {
                return written(committed.index, committed.outcome, warnings);
            }
        }
        Err(ApiError::Server(format!("job \"{}\" kept changing while it was reverted", key.id())))
    }

    /// The version and the `job_modify_index` of the one that it is to replace.
    fn version_to_revert_to(&self, key: &JobKey, request: &RevertRequest) -> Result<(Job, u64), ApiError> {
        let state = self.state();
        let refuse = |text: String| Err(ApiError::Server(text));
        let Some(current) = state.job(key) else {
            return refuse(format!("job \"{}\" not found", key.id()));
        };
        if let Some(wanted) = request.enforce_prior_version.filter(|wanted| *wanted != current.version) {
            return refuse(format!(
                "Current job has version {}; enforcing version {wanted}",
                current.version
            ));
        }
        let mut version = request.job_version;
        if !request.tagged_version.is_empty() {
            let tagged = |job: &&std::sync::Arc<Job>| {
                job.version_tag.as_ref().is_some_and(|tag| tag.name == request.tagged_version)
            };
            match state.job_versions(key).iter().find(tagged) {
                Some(job) => version = job.version,
                None => {
                    let unknown = Refusal::UnknownTag {
                        name: request.tagged_version.clone(),
                        job: key.id().to_owned(),
                    };
                    return refuse(unknown.to_string());
                }
            }
        }
        if version == current.version {
            return refuse("can't revert to current version".to_owned());
        }
        match state.job_version(key, current.create_index, version) {
            Some(job) => Ok((Job { version_tag: None, ..(**job).clone() }, current.job_modify_index)),
            None => refuse(unknown_version(key, version)),
        }
    }

    /// Marks a version as good, or not.
    pub(crate) async fn mark_stable(
        &self,
        job: JobKey,
        version: u64,
        stable: bool,
    ) -> Result<JobWritten, ApiError> {
        self.operate_job(JobOperation::SetStability { job, version, stable }).await
    }

    /// Gives a version a name. One left out is the newest, as the documents have it.
    pub(crate) async fn tag_job(
        &self,
        job: JobKey,
        name: &str,
        request: TagRequest,
    ) -> Result<JobWritten, ApiError> {
        let version = request.version.filter(|_| !request.latest);
        let (name, description) = (name.to_owned(), request.description);
        self.operate_job(JobOperation::Tag { job, name, version, description }).await
    }

    /// Takes a name away.
    pub(crate) async fn untag_job(&self, job: JobKey, name: &str) -> Result<JobWritten, ApiError> {
        self.operate_job(JobOperation::Untag { job, name: name.to_owned() }).await
    }

    /// Has the scheduler look at a job again; `force` has failed allocations placed anew whatever their policy says.
    pub(crate) async fn evaluate_job(&self, key: &JobKey, force: bool) -> Result<JobWritten, ApiError> {
        let state = self.state();
        let refuse = |text: &str| ApiError::Server(text.to_owned());
        let job = state.job(key).ok_or_else(|| refuse("job not found"))?;
        if job.periodic.is_some() {
            return Err(refuse("can't evaluate periodic job"));
        }
        if job.parameterized_job.is_some() {
            return Err(refuse("can't evaluate parameterized job"));
        }
        if force {
            let transition =
                DesiredTransition { force_reschedule: Some(true), ..DesiredTransition::default() };
            let failed = |alloc: &&Arc<Allocation>| {
                alloc.client_status == ClientStatus::Failed && alloc.next_allocation.is_nil()
            };
            let transitions: Vec<_> =
                state.allocs_of_job(key).filter(failed).map(|alloc| (alloc.id, transition)).collect();
            if !transitions.is_empty() {
                self.propose(Command::TransitionAllocs { transitions, evals: Vec::new() }).await?;
            }
        }
        let eval = Box::new(self.new_eval(key, job.kind.clone(), job.priority, Trigger::JobRegister));
        let committed = self.propose(Command::EvaluateJob { eval }).await?;
        written(committed.index, committed.outcome, String::new())
    }

    /// Changes a group's count, or notes what somebody has to say of it.
    pub(crate) async fn scale_job(&self, key: JobKey, request: ScaleRequest) -> Result<JobWritten, ApiError> {
        let state = self.state();
        let group = request.target.get("Group").cloned().unwrap_or_default();
        let Some(job) = state.job(&key) else {
            return Err(ApiError::NotFound(format!("job \"{}\" not found", key.id())));
        };
        check_scaling(job, &group, &request).map_err(ApiError::BadRequest)?;
        let busy = state.deployments_of_job(&key).any(|deployment| deployment.status.active());
        if request.count.is_some() && busy {
            return Err(ApiError::BadRequest("job scaling blocked due to active deployment".to_owned()));
        }
        let enforced = request.enforce_index.0 || request.job_modify_index != 0;
        let event = ScalingEvent {
            error: request.error.0,
            message: request.message,
            meta: request.meta,
            ..ScalingEvent::default()
        };
        let eval = Box::new(self.new_eval(&key, job.kind.clone(), job.priority, Trigger::JobScaling));
        let enforce_index = enforced.then_some(request.job_modify_index);
        let count = request.count;
        self.operate_job(JobOperation::Scale { job: key, group, count, event, enforce_index, eval }).await
    }
}

/// As the original says that a version is missing.
fn unknown_version(key: &JobKey, version: u64) -> String {
    let (job, namespace) = (key.id().to_owned(), key.namespace().to_owned());
    Refusal::UnknownVersion { job, namespace, version }.to_string()
}

/// What is wrong with a request to scale, whatever the job does at the moment.
pub(crate) fn check_scaling_request(request: &ScaleRequest) -> Result<(), String> {
    if request.target.get("Group").is_none_or(String::is_empty) {
        return Err("missing task group name for scaling action".to_owned());
    }
    match request.count {
        Some(_) if request.error.0 => {
            Err("scaling action should not contain count if error is true".to_owned())
        }
        Some(count) if count < 0 => Err("scaling action count can't be negative".to_owned()),
        _ => Ok(()),
    }
}

fn check_scaling(job: &Job, group: &str, request: &ScaleRequest) -> Result<(), String> {
    let Some(found) = job.group(group) else {
        return Err(format!("task group \"{group}\" specified for scaling does not exist in job"));
    };
    let (Some(count), Some(policy)) = (request.count, &found.scaling) else {
        return Ok(());
    };
    if let Some(max) = policy.max.filter(|max| count > *max) {
        return Err(format!("group count was greater than scaling policy maximum: {count} > {max}"));
    }
    match policy.min.filter(|min| count < *min) {
        Some(min) => Err(format!("group count was less than scaling policy minimum: {count} < {min}")),
        None => Ok(()),
    }
}
