//! Jobs with what runs of them, as the jobs page of the web interface wants them.

use std::sync::Arc;

use api::json::JsonError;
use api::query::ReadOptions;
use api::statuses::{AllocStatus, JobStatus, JobStatusesRequest, LatestDeployment};
use model::Job;
use model::id::JobKey;
use state::{State, Table};

use super::blocking;
use super::error::ApiError;
use super::message::{Request, Response};
use super::numbers::parse_bool;
use super::page::{self, Page, Token};
use super::stored::{self, Stored};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

const TABLES: [Table; 4] = [Table::Jobs, Table::JobSummaries, Table::Allocs, Table::Deployments];

/// Every job, by its last change.
pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let children = match request.params.get("include_children").unwrap_or_default() {
        "" => false,
        text => parse_bool(text).map_err(|fault| {
            let head = format!("Failed to parse value of \"include_children\" ({text}) as a bool");
            ApiError::BadRequest(format!("{head}: {fault}"))
        })?,
    };
    answer(app, request, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let wanted = |job: &Job| {
            (namespace == "*" || job.namespace == namespace)
                && job.id.starts_with(&options.prefix)
                && (children || job.parent_id.is_empty())
        };
        let jobs = state.jobs().filter(|(_, job, _)| wanted(job)).map(|(_, job, _)| job.clone());
        page::in_order(jobs.collect(), options.reverse, token)
    })
    .await
}

/// The jobs that the body names.
pub(super) async fn some(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let decoding = |error: JsonError| ApiError::BadRequest(format!("error decoding request: {error}"));
    let body: JobStatusesRequest = api::json::from_slice(&request.body).map_err(decoding)?;
    let named = body.jobs.unwrap_or_default();
    if named.is_empty() {
        return Err(ApiError::BadRequest("no jobs in request".into()));
    }
    answer(app, request, |state, options| {
        let default = namespace_or_default(options.namespace.as_deref());
        let key = |name: &api::statuses::JobName| {
            let namespace = if name.namespace.is_empty() { default } else { &name.namespace };
            JobKey::new(namespace, &name.id)
        };
        named.iter().filter_map(|name| state.job(&key(name)).cloned()).collect()
    })
    .await
}

async fn answer(
    app: &Arc<App>,
    request: &Request,
    choose: impl Fn(&State, &ReadOptions) -> Vec<Arc<Job>>,
) -> Result<Response, ApiError> {
    blocking::read(app, request, &TABLES, |state, options| {
        let stored = Stored::new("*Job", |job: &Arc<Job>| stored::json(api::job::Job::from(&**job)));
        let page = page::take(choose(state, options).into_iter(), options, token, stored);
        // Blocking readers wait for the newest change of what they are shown.
        let mut index = 0;
        let mut found = Page::found(page, 0, |job| {
            let (status, newest) = status(state, &job);
            index = index.max(newest);
            status
        });
        found.index = index;
        found
    })
    .await
}

fn token(job: &Arc<Job>) -> Token {
    Token::Number(job.modify_index)
}

fn status(state: &State, job: &Job) -> (JobStatus, u64) {
    let key = job.key();
    let mut newest = job.modify_index;
    let mut see = |index: u64| newest = newest.max(index);
    let current = state.allocs_of_job(&key).filter(|alloc| alloc.job_create_index == job.create_index);
    let allocs: Vec<AllocStatus> = current
        .map(|alloc| {
            see(alloc.modify_index);
            AllocStatus::from(&**alloc)
        })
        .collect();
    let latest_deployment = state.latest_deployment(&key).map(|deployment| {
        see(deployment.modify_index);
        LatestDeployment::from(&**deployment)
    });
    let parent = job.periodic.is_some() || (job.parameterized_job.is_some() && !job.dispatched);
    let child_statuses = parent.then(|| {
        let below = format!("{}/", job.id);
        let children = state.jobs_with_prefix(&job.namespace, &below);
        let mine = children.filter(|(child, _)| child.parent_id == job.id);
        let statuses = mine.map(|(child, _)| {
            see(child.modify_index);
            child.status.as_str().to_owned()
        });
        statuses.collect()
    });
    let status = JobStatus {
        allocs: (!allocs.is_empty()).then_some(allocs),
        child_statuses,
        latest_deployment,
        parent_id: job.parent_id.clone(),
        ..JobStatus::from(job)
    };
    (status, newest)
}
