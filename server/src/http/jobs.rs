//! The Jobs page.

use std::sync::Arc;

use api::diff::JobDiff;
use api::job::Job;
use api::jobs::{
    Children, DeregisterResponse, GroupSummary, JobStub, JobSummary, JobVersions, RegisterRequest,
    RegisterResponse,
};
use api::query::ReadOptions;
use model::id::JobKey;
use state::{State, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::fragments;
use super::message::{Request, Response};
use super::numbers;
use super::page::{self, Page, Token};
use super::stored::{self, Stored};
use crate::app::App;
use crate::app::jobs::{JobWritten, namespace_or_default};

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let meta = request.params.flag("meta")?;
    let tables = [Table::Jobs, Table::JobSummaries];
    if request.params.pretty() {
        return blocking::read(app, request, &tables, |state, options| {
            let show = |(job, summary): Listed<'_>| JobStub::new(job, summary_of(job, summary), meta);
            Page::found(listed(state, options), state.last_index(&tables), show)
        })
        .await;
    }
    blocking::read_encoded(app, request, &tables, |state, options| {
        let show = |(job, summary): Listed<'_>| app.fragments.stub(job, summary, meta);
        let found = Page::found(listed(state, options), state.last_index(&tables), show);
        let stubs = found.value.and_then(|stubs| stubs.into_iter().collect::<Result<Vec<_>, _>>());
        let value = stubs.map(|stubs| fragments::list(&stubs));
        Found { value, index: found.index, next_token: found.next_token }
    })
    .await
}

/// The page of jobs that was asked for.
fn listed<'a>(state: &'a State, options: &'a ReadOptions) -> Result<Page<Listed<'a>>, ApiError> {
    let namespace = namespace_or_default(options.namespace.as_deref());
    let mut jobs: Vec<Listed<'a>> = if namespace == "*" {
        let jobs = state.jobs().map(|(_, job, summary)| (job, summary));
        jobs.filter(|(job, _)| job.id.starts_with(&options.prefix)).collect()
    } else {
        state.jobs_with_prefix(namespace, &options.prefix).collect()
    };
    if options.reverse {
        jobs.reverse();
    }
    page::take(jobs.into_iter(), options, token, stored())
}

/// A job in a list, with its summary.
pub(super) type Listed<'a> = (&'a Arc<model::Job>, &'a Arc<state::JobSummary>);

/// Where a job stands in lists.
pub(super) fn token((job, _): &Listed<'_>) -> Token {
    Token::Text(format!("{}.{}", job.namespace, job.id))
}

/// Jobs as filters see them.
pub(super) fn stored<'a>() -> Stored<Listed<'a>> {
    Stored::new("*Job", |(job, _)| stored::json(Job::from(&***job)))
}

/// Registers the job in the body.
pub(super) async fn register(app: &App, request: &Request) -> Result<Response, ApiError> {
    update(app, request, "").await
}

/// Registers the job in the body under the id in the path, which the body's has to equal.
pub(super) async fn update(app: &App, request: &Request, path_id: &str) -> Result<Response, ApiError> {
    let body: RegisterRequest = api::json::from_slice(&request.body)?;
    let body_id = body.job.as_ref().and_then(|job| job.id.as_deref());
    if !path_id.is_empty() && body_id.is_some_and(|body_id| path_id != body_id) {
        return Err(ApiError::BadRequest("Job ID does not match name".into()));
    }
    let written = app.register_job(body, request.namespace()).await?;
    let answer = register_response(&written);
    Ok(Response::json(&answer, request.params.pretty()).with_header("x-nomad-index", written.index))
}

/// What a registration and its like are answered.
pub(super) fn register_response(written: &JobWritten) -> RegisterResponse {
    RegisterResponse {
        eval_id: written.eval_id.text(),
        eval_create_index: if written.eval_id.is_nil() { 0 } else { written.index },
        job_modify_index: written.job_modify_index,
        warnings: written.warnings.clone(),
        index: written.index,
        ..RegisterResponse::default()
    }
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
    if no_shutdown_delay {
        app.skip_shutdown_delays(&key).await?;
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

pub(super) async fn read(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let missing = |state: &State| state.table_index(Table::Jobs);
    if request.params.pretty() {
        return blocking::read(app, request, &[Table::Jobs], |state, options| {
            match state.job(&key(options, id)) {
                Some(job) => Found::new(Job::from(&**job), job.modify_index),
                None => Found::missing("job not found", missing(state)),
            }
        })
        .await;
    }
    blocking::read_encoded(app, request, &[Table::Jobs], |state, options| {
        match state.job(&key(options, id)) {
            Some(job) => Found { value: app.fragments.job(job), index: job.modify_index, next_token: None },
            None => Found::missing("job not found", missing(state)),
        }
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
    let diffs = request.params.flag("diffs")?;
    let base = match request.param("diff_version") {
        "" => None,
        text => Some(numbers::parse_uint(text).map_err(ApiError::Server)?),
    };
    blocking::read(app, request, &[Table::Jobs], |state, options| {
        let found = state.job_versions(&key(options, id));
        let Some(newest) = found.first() else {
            return Found::missing("job versions not found", state.table_index(Table::Jobs));
        };
        let index = newest.modify_index;
        let versions: Vec<Job> = found.iter().map(|job| Job::from(&**job)).collect();
        let diffs = match diffs.then(|| differences(&found, &versions, base, request.param("diff_tag"))) {
            Some(Err(error)) => return Found { value: Err(error), index, next_token: None },
            Some(Ok(diffs)) => Some(diffs),
            None => None,
        };
        let answer = JobVersions { versions, diffs, index, known_leader: true, ..JobVersions::default() };
        Found::new(answer, index)
    })
    .await
}

/// Each version against the one before it, or all of them against one.
fn differences(
    found: &[Arc<model::Job>],
    versions: &[Job],
    base: Option<u64>,
    tag: &str,
) -> Result<Vec<JobDiff>, ApiError> {
    let at = if !tag.is_empty() {
        let tagged = |job: &Arc<model::Job>| job.version_tag.as_ref().is_some_and(|own| own.name == tag);
        let unknown = || ApiError::Server(format!("tag \"{tag}\" not found"));
        Some(found.iter().position(tagged).ok_or_else(unknown)?)
    } else if let Some(base) = base {
        let unknown = || ApiError::Server(format!("version {base} not found"));
        Some(found.iter().position(|job| job.version == base).ok_or_else(unknown)?)
    } else {
        None
    };
    Ok(match at {
        Some(at) => versions.iter().map(|job| api::diff::job(versions.get(at), job)).collect(),
        None => versions.windows(2).map(|pair| api::diff::job(pair.get(1), &pair[0])).collect(),
    })
}

pub(super) fn key(options: &api::query::ReadOptions, id: &str) -> JobKey {
    JobKey::new(namespace_or_default(options.namespace.as_deref()), id)
}

/// Key of the job in a path, for pages of other nouns.
pub(super) fn key_of(state: &State, options: &api::query::ReadOptions, id: &str) -> (JobKey, Option<u64>) {
    let key = key(options, id);
    let incarnation = state.job(&key).map(|job| job.create_index);
    (key, incarnation)
}

pub(super) fn summary_of(job: &model::Job, summary: &state::JobSummary) -> JobSummary {
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
        children: Children {
            pending: summary.children.pending,
            running: summary.children.running,
            dead: summary.children.dead,
        },
        create_index: summary.create_index,
        modify_index: summary.modify_index,
    }
}
