//! Registering and stopping jobs.

use api::jobs::RegisterRequest;
use model::id::{DEFAULT_NAMESPACE, EvalId, JobKey};
use model::job::JobSubmission;
use model::job::admission::warnings_text;
use model::job::submission::{SOURCE_MAX, human_size};
use model::planted::{self, Bug};
use model::{EvalStatus, Evaluation, Job, JobType, Trigger};
use state::{Command, Outcome, Refusal};

use super::App;
use crate::http::error::ApiError;

/// What came of a registration or stop.
pub(crate) struct JobWritten {
    /// Index of the command.
    pub(crate) index: u64,
    /// The evaluation that follows; nil without one.
    pub(crate) eval_id: EvalId,
    /// `job_modify_index` afterwards.
    pub(crate) job_modify_index: u64,
    /// What the author should know.
    pub(crate) warnings: String,
}

impl App {
    /// Admits a job and registers it. `namespace` and `region` are the query's.
    pub(crate) async fn register_job(
        &self,
        request: RegisterRequest,
        namespace: Option<&str>,
    ) -> Result<JobWritten, ApiError> {
        let Some(job) = request.job else {
            return Err(ApiError::BadRequest("Job must be specified".into()));
        };
        if job.id.is_none() {
            return Err(ApiError::BadRequest("Job ID hasn't been provided".into()));
        }
        let eval_priority = request.eval_priority;
        if eval_priority != 0 && !(1..=100).contains(&eval_priority) {
            return Err(ApiError::BadRequest("Eval priority must be between 1 and 100 inclusively".into()));
        }
        if job.dispatched {
            return Err(ApiError::Server("job can't be submitted with 'Dispatched' set".into()));
        }
        let (submission, too_large) = kept(request.submission);
        let mut job = job.into_model().map_err(|faults| ApiError::Server(faults.to_string()))?;
        let body_namespace = Some(request.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        if let Some(namespace) = namespace.or(body_namespace) {
            job.namespace = namespace.to_owned();
        }
        self.admit(&mut job)?;
        let mut warnings = job.warnings(self.oversubscribes());
        warnings.extend(too_large);
        let warnings = warnings_text(&warnings);
        let priority = if eval_priority == 0 { job.priority } else { eval_priority };
        let eval = self.new_eval(&job.key(), job.kind.clone(), priority, Trigger::JobRegister);
        let mut enforce_index = request.enforce_index.0.then_some(request.job_modify_index);
        if planted::is(Bug::EnforceIndexEarly) {
            let now = self.state().job(&job.key()).map_or(0, |job| job.job_modify_index);
            enforce_index = enforce_index.filter(|wanted| *wanted != now);
        }
        let command = Command::RegisterJob {
            job: Box::new(job),
            eval: Box::new(eval),
            enforce_index,
            preserve_counts: request.preserve_counts,
            submission,
        };
        let committed = self.propose(command).await?;
        written(committed.index, committed.outcome, warnings)
    }

    /// Everything that can be wrong with a canonical job, and what the servers add to it.
    pub(super) fn admit(&self, job: &mut Job) -> Result<(), ApiError> {
        let region = &self.options.raft.region;
        if job.region == model::job::canonicalize::DEFAULT_REGION {
            job.region.clone_from(region);
        } else if job.region != *region {
            return Err(ApiError::Server("No path to region".into()));
        }
        self.check_admission(job)?;
        job.add_implied_constraints();
        Ok(())
    }

    /// Stops a job, or removes it. One that nobody knows is no error.
    pub(crate) async fn deregister_job(
        &self,
        key: JobKey,
        purge: bool,
        eval_priority: i64,
    ) -> Result<JobWritten, ApiError> {
        let priority = match eval_priority {
            0 => {
                self.state().job(&key).map_or(model::job::canonicalize::DEFAULT_PRIORITY, |job| job.priority)
            }
            priority => priority,
        };
        let kind = self.state().job(&key).map_or(JobType::Service, |job| job.kind.clone());
        let eval = self.new_eval(&key, kind, priority, Trigger::JobDeregister);
        let command = Command::DeregisterJob { job: key, purge, eval: Box::new(eval) };
        let committed = self.propose(command).await?;
        if committed.outcome == Outcome::Refused(Refusal::UnknownJob) {
            return Ok(JobWritten {
                index: 0,
                eval_id: EvalId::NIL,
                job_modify_index: 0,
                warnings: String::new(),
            });
        }
        written(committed.index, committed.outcome, String::new())
    }

    pub(super) fn new_eval(
        &self,
        key: &JobKey,
        kind: JobType,
        priority: i64,
        triggered_by: Trigger,
    ) -> Evaluation {
        Evaluation {
            id: EvalId(self.mint.uuid()),
            namespace: key.namespace().to_owned(),
            priority,
            kind,
            triggered_by,
            job_id: key.id().to_owned(),
            status: EvalStatus::Pending,
            ..Evaluation::default()
        }
    }
}

/// The text that a job was made from, unless it is too long to be kept: then a warning says so.
fn kept(submission: Option<JobSubmission>) -> (Option<Box<JobSubmission>>, Option<String>) {
    let Some(submission) = submission.filter(|submission| !submission.source.is_empty()) else {
        return (None, None);
    };
    let size = submission.source.len() + submission.variables.len();
    if size <= SOURCE_MAX {
        return (Some(Box::new(submission)), None);
    }
    let warning = format!(
        "job source size of {} exceeds maximum of {} and will be discarded",
        human_size(size),
        human_size(SOURCE_MAX)
    );
    (None, Some(warning))
}

pub(super) fn written(index: u64, outcome: Outcome, warnings: String) -> Result<JobWritten, ApiError> {
    match outcome {
        Outcome::Job { job_modify_index, eval_id, .. } => {
            Ok(JobWritten { index, eval_id, job_modify_index, warnings })
        }
        Outcome::Refused(refusal) => Err(ApiError::Server(refusal.to_string())),
        other => Err(ApiError::Internal(format!("a job was written with the outcome {other:?}"))),
    }
}

/// Namespace of a request: the query's, or the default.
pub(crate) fn namespace_or_default(namespace: Option<&str>) -> &str {
    namespace.filter(|namespace| !namespace.is_empty()).unwrap_or(DEFAULT_NAMESPACE)
}
