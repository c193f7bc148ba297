//! Children: jobs that a dispatch or a clock launches from another one.

use api::job_actions::DispatchRequest;
use model::id::{EvalId, JobKey};
use model::{Job, Trigger};
use state::{Command, JobOperation, Outcome, Refusal};

use super::App;
use crate::http::error::ApiError;

/// Largest payload of a dispatch, bytes.
const PAYLOAD_MAX: usize = 16 * 1024;
/// Longest text that goes into a child's id, characters.
const PREFIX_MAX: usize = 128;

/// A child that was launched, or one that an earlier dispatch with the same token launched.
pub(crate) struct Launched {
    /// Its id.
    pub(crate) id: String,
    /// Index of the command.
    pub(crate) index: u64,
    /// Index of the child's creation.
    pub(crate) create_index: u64,
    /// Its evaluation; nil for an earlier child, and for one that a clock launches in turn.
    pub(crate) eval_id: EvalId,
}

impl App {
    /// Launches a child of a parameterized job.
    pub(crate) async fn dispatch_job(
        &self,
        key: &JobKey,
        request: DispatchRequest,
        idempotency_token: &str,
    ) -> Result<Launched, ApiError> {
        let refuse = |text: String| Err(ApiError::Server(text));
        let state = self.state();
        let Some(parent) = state.job(key) else {
            return refuse("parameterized job not found".to_owned());
        };
        if parent.parameterized_job.is_none() || parent.dispatched {
            return refuse(format!("Specified job \"{}\" is not a parameterized job", key.id()));
        }
        if parent.stop {
            return refuse(format!("Specified job \"{}\" is stopped", key.id()));
        }
        check_dispatch(parent, &request).map_err(ApiError::Server)?;
        let stamp = self.clock.now_ns() / 1_000_000_000;
        let random = &self.mint.uuid().to_string()[..8];
        let id = match request.id_prefix_template.as_str() {
            "" => format!("{}/dispatch-{stamp}-{random}", parent.id),
            prefix => format!("{}/dispatch-{prefix}-{stamp}-{random}", parent.id),
        };
        let mut child = parent.child(id);
        child.dispatched = true;
        child.dispatch_idempotency_token = idempotency_token.to_owned();
        child.payload = request.payload;
        child.meta.extend(request.meta.0);
        if request.priority != 0 {
            child.priority = request.priority;
        }
        self.launch(child).await
    }

    /// Launches a child of a periodic job now, whatever its clock says.
    pub(crate) async fn force_periodic(&self, key: &JobKey) -> Result<Launched, ApiError> {
        let refuse = |text: &str| Err(ApiError::Server(text.to_owned()));
        let state = self.state();
        let Some(parent) = state.job(key) else {
            return refuse("job not found");
        };
        if parent.periodic.is_none() {
            return refuse("can't force launch non-periodic job");
        }
        if !parent.is_clocked() {
            return refuse("can't force run non-tracked job");
        }
        let launch_ns = self.clock.now_ns();
        let id = parent.periodic_child(launch_ns).id;
        let operation = JobOperation::LaunchPeriodic {
            tenure: None,
            job: key.clone(),
            launch_ns,
            eval_id: EvalId(self.mint.uuid()),
        };
        let committed = self.propose(Command::OperateJob { operation }).await?;
        launched(id, committed.index, committed.outcome)
    }

    async fn launch(&self, child: Job) -> Result<Launched, ApiError> {
        let id = child.id.clone();
        let eval = self.new_eval(&child.key(), child.kind.clone(), child.priority, Trigger::JobRegister);
        let command = Command::RegisterJob {
            job: Box::new(child),
            eval: Box::new(eval),
            enforce_index: None,
            preserve_counts: false,
            submission: None,
        };
        let committed = self.propose(command).await?;
        launched(id, committed.index, committed.outcome)
    }
}

fn launched(id: String, index: u64, outcome: Outcome) -> Result<Launched, ApiError> {
    match outcome {
        Outcome::Job { eval_id, .. } => Ok(Launched { id, index, create_index: index, eval_id }),
        Outcome::Refused(Refusal::Dispatched { job, create_index }) => {
            Ok(Launched { id: job, index: create_index, create_index, eval_id: EvalId::NIL })
        }
        Outcome::Refused(refusal) => Err(ApiError::Server(refusal.to_string())),
        other => Err(ApiError::Internal(format!("a child was launched with the outcome {other:?}"))),
    }
}

fn check_dispatch(parent: &Job, request: &DispatchRequest) -> Result<(), String> {
    let Some(config) = &parent.parameterized_job else { return Ok(()) };
    let size = request.payload.len();
    match config.payload.as_str() {
        "required" if size == 0 => {
            return Err("Payload is not provided but required by parameterized job".to_owned());
        }
        "forbidden" if size > 0 => {
            return Err("Payload provided but forbidden by parameterized job".to_owned());
        }
        _ if size > PAYLOAD_MAX => {
            return Err(format!("Payload exceeds maximum size; {size} > {PAYLOAD_MAX}"));
        }
        _ => {}
    }
    let unknown: Vec<_> = request
        .meta
        .keys()
        .filter(|key| !config.meta_required.contains(key) && !config.meta_optional.contains(key))
        .map(String::as_str)
        .collect();
    if !unknown.is_empty() {
        return Err(format!("Dispatch request included unpermitted metadata keys: [{}]", unknown.join(" ")));
    }
    let given = |key: &&String| !request.meta.contains_key(*key);
    let missing: Vec<_> = config.meta_required.iter().filter(given).map(String::as_str).collect();
    if !missing.is_empty() {
        return Err(format!("Dispatch did not provide required meta keys: [{}]", missing.join(" ")));
    }
    if request.id_prefix_template.chars().count() > PREFIX_MAX
        || request.id_prefix_template.contains([' ', '\0'])
    {
        return Err("IdPrefixTemplate must be at most 128 characters, without spaces".to_owned());
    }
    Ok(())
}
