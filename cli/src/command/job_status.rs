//! `job status`: the list of jobs, or everything about one.

use super::{Raw, now_ns, print_typed, raw};
use crate::args::{Format, General, JobStatus};
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::{ApiClient, Query, path_segment};
use crate::view;
use api::deployments::Deployment;
use api::job::Job;
use api::jobs::{JobStub, JobSummary};
use serde_json::{Value, json};

pub(super) async fn run(args: &JobStatus, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let Some(prefix) = &args.job else {
        return list(&client, console, raw.as_ref()).await;
    };
    let stub = find::job(&client, prefix).await?;
    if let Some(raw) = &raw {
        return print_typed(
            console,
            raw,
            &[whole(&client, &stub, args.all_allocs).await?],
            "[]command.JobJson",
        );
    }
    one(&client, console, &stub, args).await
}

/// The same for `status`, which found the job itself.
pub(super) async fn of(
    client: &ApiClient,
    console: Console,
    stub: &JobStub,
    general: &General,
    verbose: bool,
    raw: Option<&Raw>,
) -> Result<u8, Failure> {
    if let Some(raw) = raw {
        return print_typed(console, raw, &[whole(client, stub, false).await?], "[]command.JobJson");
    }
    let args = JobStatus {
        general: general.clone(),
        short: false,
        evals: false,
        all_allocs: false,
        verbose,
        format: Format::default(),
        job: Some(stub.id.clone()),
    };
    one(client, console, stub, &args).await
}

pub(super) async fn list(client: &ApiClient, console: Console, raw: Option<&Raw>) -> Result<u8, Failure> {
    let (jobs, _) = client
        .shape::<Vec<JobStub>>("/v1/jobs", &[])
        .await
        .map_err(|e| Failure::because("Error querying jobs", &e))?;
    if let Some(raw) = raw {
        let mut all = Vec::with_capacity(jobs.len());
        for job in &jobs {
            all.push(whole(client, job, false).await?);
        }
        return print_typed(console, raw, &all, "[]command.JobJson");
    }
    if jobs.is_empty() {
        console.line("No running jobs");
    } else {
        console.line(view::job::list(&jobs, client.connection().namespace == "*"));
    }
    Ok(0)
}

async fn one(client: &ApiClient, console: Console, stub: &JobStub, args: &JobStatus) -> Result<u8, Failure> {
    let client = client.in_namespace(&stub.namespace);
    let path = format!("/v1/job/{}", path_segment(&stub.id));
    let (job, _) =
        client.shape::<Job>(&path, &[]).await.map_err(|e| Failure::because("Error querying job", &e))?;
    console.line(view::job::block(&job, now_ns()));
    if args.short {
        return Ok(0);
    }
    if job.periodic.is_some() || job.parameterized_job.is_some() {
        let word = if job.parameterized_job.is_some() { "dispatch" } else { "periodic" };
        let prefix = format!("{}/{word}-", stub.id);
        let children: Vec<JobStub> = shape(&client, "/v1/jobs", &[("prefix", &prefix)], "child jobs").await?;
        let summary = maybe::<JobSummary>(&client, &format!("{path}/summary"), "job summary").await?;
        console.line(format!("\n{}", view::job::sections(console, &job, summary.as_ref(), &children)));
        return Ok(0);
    }
    let details = view::job::Details {
        summary: maybe::<JobSummary>(&client, &format!("{path}/summary"), "job summary").await?,
        allocs: shape(
            &client,
            &format!("{path}/allocations"),
            &[("all", flag(args.all_allocs))],
            "job allocations",
        )
        .await?,
        evals: shape(&client, &format!("{path}/evaluations"), &[], "job evaluations").await?,
        deployment: shape::<Option<Deployment>>(
            &client,
            &format!("{path}/deployment"),
            &[],
            "latest deployment",
        )
        .await?,
    };
    let depth = view::job::Depth { evals: args.evals, verbose: args.verbose, now_ns: now_ns() };
    console.line(format!("\n{}", view::job::details(console, &job, &details, depth)));
    Ok(0)
}

/// Everything about a job as the API gives it, in the shape of the original's `-json`.
async fn whole(client: &ApiClient, stub: &JobStub, all_allocs: bool) -> Result<Value, Failure> {
    let client = client.in_namespace(&stub.namespace);
    let path = format!("/v1/job/{}", path_segment(&stub.id));
    let all: Query<'_> = &[("all", flag(all_allocs))];
    let mut evaluations = value(&client, &format!("{path}/evaluations"), &[], "job evaluations").await?;
    // The newest first, as in the table: the API has them by their ids, which mean nothing.
    if let Some(evaluations) = evaluations.as_array_mut() {
        evaluations.sort_by_key(|eval| std::cmp::Reverse(eval["CreateIndex"].as_u64()));
    }
    Ok(json!({
        "Summary": value(&client, &format!("{path}/summary"), &[], "job summary").await?,
        "Allocations": value(&client, &format!("{path}/allocations"), all, "job allocations").await?,
        "LatestDeployment": value(&client, &format!("{path}/deployment"), &[], "latest deployment").await?,
        "Evaluations": evaluations,
    }))
}

fn flag(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

async fn value(client: &ApiClient, path: &str, query: Query<'_>, what: &str) -> Result<Value, Failure> {
    let answer = client.get::<Value>(path, query).await;
    answer.map(|(value, _)| value).map_err(|e| Failure::because(&format!("Error querying {what}"), &e))
}

async fn shape<T: serde::de::DeserializeOwned>(
    client: &ApiClient,
    path: &str,
    query: Query<'_>,
    what: &str,
) -> Result<T, Failure> {
    let answer = client.shape::<T>(path, query).await;
    answer.map(|(shape, _)| shape).map_err(|e| Failure::because(&format!("Error querying {what}"), &e))
}

async fn maybe<T: serde::de::DeserializeOwned>(
    client: &ApiClient,
    path: &str,
    what: &str,
) -> Result<Option<T>, Failure> {
    match client.shape::<T>(path, &[]).await {
        Ok((shape, _)) => Ok(Some(shape)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(Failure::because(&format!("Error querying {what}"), &error)),
    }
}
