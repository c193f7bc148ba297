//! `status`: whatever an identifier names: a job, an allocation, a node, an evaluation or a deployment.
//!
//! The kinds are asked one after the other by prefix. An exact job id wins; several kinds that match are an error that
//! lists them.

use super::{alloc_status, job_status, node_status, now_ns, print_raw, raw};
use crate::args::{Format, StatusArgs};
use crate::console::{Console, Failure, client};
use crate::http::ApiClient;
use crate::{output, view};
use api::allocations::AllocStub;
use api::deployments::Deployment;
use api::evaluations::Evaluation;
use api::jobs::JobStub;
use api::nodes::NodeStub;
use serde::de::DeserializeOwned;

pub(super) async fn run(args: &StatusArgs, console: Console) -> Result<u8, Failure> {
    let raw = raw(&Format { json: args.json, t: None })?;
    let client = client(&args.general)?;
    let Some(id) = args.identifiers.last() else {
        return job_status::list(&client, console, raw.as_ref()).await;
    };
    let found = Found::of(&client, id).await?;
    let (verbose, raw) = (args.verbose, raw.as_ref());
    match &found.one(id)? {
        Match::Job(job) => job_status::of(&client, console, job, &args.general, verbose, raw).await,
        Match::Alloc(alloc) => {
            let client = client.in_namespace(&alloc.namespace);
            alloc_status::one(&client, console, &alloc.id, false, verbose, raw).await
        }
        Match::Node(node) => node_status::of(&client, console, &node.id, verbose, raw).await,
        Match::Eval(eval) => match raw {
            Some(raw) => print_raw(console, raw, eval),
            None => evaluation(&client, console, eval, verbose).await,
        },
        Match::Deployment(deployment) => match raw {
            Some(raw) => print_raw(console, raw, deployment),
            None => {
                console.line(view::deployment::whole(console, deployment, verbose));
                Ok(0)
            }
        },
    }
}

/// Everything whose id begins with the identifier.
struct Found {
    jobs: Vec<JobStub>,
    allocs: Vec<AllocStub>,
    nodes: Vec<NodeStub>,
    evals: Vec<Evaluation>,
    deployments: Vec<Deployment>,
}

#[derive(Clone, Copy)]
enum Match<'a> {
    Job(&'a JobStub),
    Alloc(&'a AllocStub),
    Node(&'a NodeStub),
    Eval(&'a Evaluation),
    Deployment(&'a Deployment),
}

impl Found {
    async fn of(client: &ApiClient, id: &str) -> Result<Found, Failure> {
        let (jobs, _) = client
            .shape::<Vec<JobStub>>("/v1/jobs", &[("prefix", id)])
            .await
            .map_err(|e| Failure::because("Error querying jobs", &e))?;
        Ok(Found {
            jobs,
            allocs: ids(client, "/v1/allocations", id).await,
            nodes: ids(client, "/v1/nodes", id).await,
            evals: ids(client, "/v1/evaluations", id).await,
            deployments: ids(client, "/v1/deployments", id).await,
        })
    }

    fn one(&self, id: &str) -> Result<Match<'_>, Failure> {
        if let Some(job) = self.jobs.iter().find(|job| job.id == id) {
            return Ok(Match::Job(job));
        }
        let mut all: Vec<Match<'_>> = self.jobs.iter().map(Match::Job).collect();
        all.extend(self.allocs.iter().map(Match::Alloc));
        all.extend(self.nodes.iter().map(Match::Node));
        all.extend(self.evals.iter().map(Match::Eval));
        all.extend(self.deployments.iter().map(Match::Deployment));
        match all.as_slice() {
            [] => Err(Failure::new(format!("Unable to resolve ID: {id:?}"))),
            [only] => Ok(*only),
            _ => Err(Failure::new(self.several(id))),
        }
    }

    fn several(&self, id: &str) -> String {
        let mut text = format!("Multiple matches found for id {id:?}");
        let mut section = |title: &str, ids: Vec<&str>| {
            if !ids.is_empty() {
                text.push_str(&format!("\n\n{title}:\n{}", ids.join(", ")));
            }
        };
        section("Jobs", self.jobs.iter().map(|job| job.id.as_str()).collect());
        section("Allocs", self.allocs.iter().map(|alloc| alloc.id.as_str()).collect());
        section("Nodes", self.nodes.iter().map(|node| node.id.as_str()).collect());
        section("Evals", self.evals.iter().map(|eval| eval.id.as_str()).collect());
        section("Deployments", self.deployments.iter().map(|one| one.id.as_str()).collect());
        text
    }
}

/// What has such an id. A word that cannot be the beginning of an id is refused by the servers, and so matches nothing.
async fn ids<T: DeserializeOwned>(client: &ApiClient, path: &str, prefix: &str) -> Vec<T> {
    let looks_like_an_id = prefix.len() >= 2 && prefix.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if !looks_like_an_id {
        return Vec::new();
    }
    let found = client.shape::<Vec<T>>(path, &[("prefix", prefix)]).await;
    found.map(|(all, _)| all).unwrap_or_default()
}

async fn evaluation(
    client: &ApiClient,
    console: Console,
    eval: &Evaluation,
    verbose: bool,
) -> Result<u8, Failure> {
    let now_ns = now_ns();
    console.line(view::eval::block(eval, verbose, now_ns));
    if let Some(plan) = view::eval::annotations(eval) {
        console.line(format!("\n{}\n{plan}", console.heading("Plan Annotations")));
    }
    for (group, metric) in eval.failed_tg_allocs.iter().flatten() {
        console.line(format!(
            "\n{}\nTask Group {group:?} (failed to place {} {}):\n{}",
            console.heading("Failed Placements"),
            metric.coalesced_failures + 1,
            if metric.coalesced_failures == 0 { "allocation" } else { "allocations" },
            view::metric::lines(metric, "  ").join("\n")
        ));
    }
    let path = format!("/v1/evaluation/{}/allocations", eval.id);
    let (placed, _) = client
        .shape::<Vec<AllocStub>>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error querying related allocations", &e))?;
    if !placed.is_empty() {
        console.line(format!(
            "\n{}\n{}",
            console.heading("Placed Allocations"),
            view::alloc::list(&placed, verbose, now_ns)
        ));
    }
    if !eval.blocked_eval.is_empty() {
        console.line(format!(
            "\nEvaluation {:?} waiting for additional capacity to place remainder",
            output::id(&eval.blocked_eval, verbose)
        ));
    }
    Ok(0)
}
