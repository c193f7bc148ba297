//! The Jobs page.

use std::sync::Arc;

use api::job::Job;
use api::jobs::{
    DeregisterResponse, GroupSummary, JobStub, JobSummary, JobVersions, RegisterRequest, RegisterResponse,
};
use model::id::JobKey;
use state::{State, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::message::{Request, Response};
use super::page::{self, Token};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let meta = request.params.flag("meta")?;
    blocking::read(app, request, &[Table::Jobs, Table::JobSummaries], |state, options| {
        let index = state.last_index(&[Table::Jobs, Table::JobSummaries]);
        let namespace = namespace_or_default(options.namespace.as_deref());
        let all = namespace == "*";
        let mut jobs: Vec<_> = if all {
            let jobs = state.jobs().map(|(_, job, summary)| (job, summary));
            jobs.filter(|(job, _)| job.id.starts_with(&options.prefix)).collect()
        } else {
            state.jobs_with_prefix(namespace, &options.prefix).collect()
        };
        if options.reverse {
            jobs.reverse();
        }
        let token = |(job, _): &(&Arc<model::Job>, _)| Token::Text(format!("{}.{}", job.namespace, job.id));
        let (jobs, next_token) = page::take(jobs.into_iter(), options, token);
        let stubs = jobs.into_iter().map(|(job, summary)| JobStub::new(job, summary_of(job, summary), meta));
        Found { next_token, ..Found::new(stubs.collect::<Vec<_>>(), index) }
    })
    .await
}

/// Registers the job in the body; `path_id` is the id in the path, where there is one.
pub(super) async fn register(
    app: &App,
    request: &Request,
    path_id: Option<&str>,
) -> Result<Response, ApiError> {
    let body: RegisterRequest = api::json::from_slice(&request.body)?;
    let body_id = body.job.as_ref().and_then(|job| job.id.clone());
    if let (Some(path_id), Some(body_id)) = (path_id, &body_id)
        && !path_id.is_empty()
        && path_id != body_id
    {
        return Err(ApiError::BadRequest("Job ID does not match name".into()));
    }
    let written = app.register_job(body, request.namespace()).await?;
    let answer = RegisterResponse {
        eval_id: written.eval_id.text(),
        eval_create_index: written.index,
        job_modify_index: written.job_modify_index,
        warnings: written.warnings,
        index: written.index,
        ..RegisterResponse::default()
    };
    Ok(Response::json(&answer, request.params.pretty()).with_header("x-nomad-index", written.index))
}

pub(super) async fn deregister(app: &App, request: &Request, id: &str) -> Result<Response, ApiError> {
    if id.is_empty() {
        return Err(ApiError::Server("missing job ID for deregistering".into()));
    }
    let purge = request.params.flag("purge")? || request.params.flag("Purge")?;
    // One region, so `global` stops the same jobs with or without it.
    request.params.flag("global")?;
    let no_shutdown_delay = request.params.flag("no_shutdown_delay")?;
    let eval_priority = match request.params.get("eval_priority") {
        None | Some("") => 0,
        Some(text) => text
            .parse::<i64>()
            .map_err(|_| ApiError::BadRequest(format!("invalid eval_priority {text:?}")))?,
    };
    if eval_priority != 0 && !(1..=100).contains(&eval_priority) {
        return Err(ApiError::BadRequest("Eval priority must be between 1 and 100 inclusively".into()));
    }
    let key = JobKey::new(namespace_or_default(request.namespace()), id);
    if no_shutdown_delay && app.state().job(&key).is_some_and(|job| delays_shutdown(job)) {
        return Err(ApiError::NotBuilt("stopping without the job's shutdown_delay".to_owned()));
    }
    let written = app.deregister_job(key, purge, eval_priority).await?;
    let answer = DeregisterResponse {
        eval_id: written.eval_id.text(),
        eval_create_index: written.index,
        job_modify_index: written.job_modify_index,
        index: written.index,
        ..DeregisterResponse::default()
    };
    Ok(Response::json(&answer, request.params.pretty()).with_header("x-nomad-index", written.index))
}

fn delays_shutdown(job: &model::Job) -> bool {
    let tasks = |group: &model::TaskGroup| group.tasks.iter().any(|task| task.shutdown_delay_ns > 0);
    job.task_groups.iter().any(|group| group.shutdown_delay_ns.is_some_and(|delay| delay > 0) || tasks(group))
}

pub(super) async fn read(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    blocking::read(app, request, &[Table::Jobs], |state, options| match state.job(&key(options, id)) {
        Some(job) => Found::new(Job::from(&**job), job.modify_index),
        None => Found::missing("job not found", state.table_index(Table::Jobs)),
    })
    .await
}

pub(super) async fn summary(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    blocking::read(app, request, &[Table::JobSummaries], |state, options| {
        let key = key(options, id);
        match (state.job(&key), state.job_summary(&key)) {
            (Some(job), Some(summary)) => Found::new(summary_of(job, summary), summary.modify_index),
            _ => Found::missing("job not found", state.table_index(Table::JobSummaries)),
        }
    })
    .await
}

pub(super) async fn versions(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    for parameter in ["diffs", "diff_version", "diff_tag"] {
        let value = request.params.get(parameter).unwrap_or_default();
        if !["", "false", "0"].contains(&value) {
            return Err(ApiError::NotBuilt(format!("the {parameter} parameter")));
        }
    }
    blocking::read(app, request, &[Table::Jobs], |state, options| {
        let found = state.job_versions(&key(options, id));
        let Some(newest) = found.first() else {
            return Found::missing("job versions not found", state.table_index(Table::Jobs));
        };
        let versions = found.iter().map(|job| Job::from(&**job)).collect();
        let index = newest.modify_index;
        let answer = JobVersions { versions, index, known_leader: true, ..JobVersions::default() };
        Found::new(answer, index)
    })
    .await
}

fn key(options: &api::query::ReadOptions, id: &str) -> JobKey {
    JobKey::new(namespace_or_default(options.namespace.as_deref()), id)
}

/// Key of the job in a path, for pages of other nouns.
pub(super) fn key_of(state: &State, options: &api::query::ReadOptions, id: &str) -> (JobKey, Option<u64>) {
    let key = key(options, id);
    let incarnation = state.job(&key).map(|job| job.create_index);
    (key, incarnation)
}

fn summary_of(job: &model::Job, summary: &state::JobSummary) -> JobSummary {
    let convert = |counts: &state::table::jobs::GroupSummary| GroupSummary {
        queued: counts.queued,
        complete: counts.complete,
        failed: counts.failed,
        running: counts.running,
        starting: counts.starting,
        lost: counts.lost,
        unknown: counts.unknown,
    };
    JobSummary {
        job_id: job.id.clone(),
        namespace: job.namespace.clone(),
        summary: summary.groups.iter().map(|(group, counts)| (group.clone(), convert(counts))).collect(),
        children: Default::default(),
        create_index: summary.create_index,
        modify_index: summary.modify_index,
    }
}
