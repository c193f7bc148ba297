//! `job revert|eval|promote|start|periodic force`: one request each, and the evaluation that comes of it.

use super::watched;
use crate::args::{JobEval, JobPeriodicForce, JobPromote, JobRevert, JobStart};
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::{ApiClient, path_segment};
use api::deployments::Deployment;
use api::jobs::JobStub;
use serde_json::{Value, json};

pub(super) async fn revert(args: &JobRevert, console: Console) -> Result<u8, Failure> {
    let [prefix, version] = &args.arguments[..] else {
        return Err(Failure::new("This command takes two arguments: <job> <version|tag>"));
    };
    let client = client(&args.general)?;
    let stub = find::job(&client, prefix).await?;
    let client = client.in_namespace(&stub.namespace);
    let path = format!("/v1/job/{}", path_segment(&stub.id));
    let doing = "Error retrieving job versions";
    let number = match version.parse::<u64>() {
        Ok(number) => number,
        Err(_) => tagged(&client, &path, version, &stub.id).await?,
    };
    let body = json!({ "JobID": stub.id, "JobVersion": number });
    let (answer, _) = client
        .put::<_, Value>(&format!("{path}/revert"), &[], &body)
        .await
        .map_err(|e| Failure::because(doing, &e))?;
    watched(&client, console, &answer["EvalID"], args.watch, "").await
}

async fn tagged(client: &ApiClient, path: &str, tag: &str, id: &str) -> Result<u64, Failure> {
    let doing = "Error retrieving job versions";
    let (answer, _) = client
        .get::<Value>(&format!("{path}/versions"), &[])
        .await
        .map_err(|e| Failure::because(doing, &e))?;
    let mut versions = answer["Versions"].as_array().into_iter().flatten();
    let found = versions.find(|job| job["VersionTag"]["Name"].as_str() == Some(tag));
    found
        .and_then(|job| job["Version"].as_u64())
        .ok_or_else(|| Failure::new(format!("{doing}: version tag {tag} not found for job {id}")))
}

pub(super) async fn eval(args: &JobEval, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let body = json!({ "JobID": stub.id, "EvalOptions": { "ForceReschedule": args.force_reschedule } });
    let path = format!("/v1/job/{}/evaluate", path_segment(&stub.id));
    let (answer, _) = client
        .put::<_, Value>(&path, &[], &body)
        .await
        .map_err(|e| Failure::because("Error evaluating job", &e))?;
    let id = answer["EvalID"].as_str().unwrap_or_default();
    if args.watch.detach {
        let id = crate::output::id(id, args.watch.verbose);
        console.line(format!("Created eval ID: {id:?} "));
        return Ok(0);
    }
    crate::monitor::evaluation(&client, console, id, args.watch.verbose).await
}

pub(super) async fn promote(args: &JobPromote, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let path = format!("/v1/job/{}/deployment", path_segment(&stub.id));
    let doing = format!("Error retrieving deployments for job {:?}", stub.id);
    let (deployment, _) =
        client.shape::<Option<Deployment>>(&path, &[]).await.map_err(|e| Failure::because(&doing, &e))?;
    let Some(deployment) = deployment else {
        return Err(Failure::new(format!("Job {:?} has no deployment to promote", stub.id)));
    };
    let groups = (!args.group.is_empty()).then_some(&args.group);
    let body = json!({ "DeploymentID": deployment.id, "All": groups.is_none(), "Groups": groups });
    let doing = format!("Error promoting deployment {:?} for job {:?}", deployment.id, stub.id);
    let path = format!("/v1/deployment/promote/{}", deployment.id);
    let (answer, _) =
        client.put::<_, Value>(&path, &[], &body).await.map_err(|e| Failure::because(&doing, &e))?;
    watched(&client, console, &answer["EvalID"], args.watch, "").await
}

pub(super) async fn start(args: &JobStart, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    if !stub.stop {
        return Err(Failure::new(format!("Job {:?} has not been stopped", stub.id)));
    }
    let client = client.in_namespace(&stub.namespace);
    let failed = |e: &_| Failure::because("Error starting job", e);
    let path = format!("/v1/job/{}", path_segment(&stub.id));
    let (mut job, _) = client.get::<Value>(&path, &[]).await.map_err(|e| failed(&e))?;
    job["Stop"] = json!(false);
    let (answer, _) =
        client.put::<_, Value>("/v1/jobs", &[], &json!({ "Job": job })).await.map_err(|e| failed(&e))?;
    console.error(
        "All scaling policies for this job were disabled when it was stopped, resubmit it to enable them again.",
    );
    watched(&client, console, &answer["EvalID"], args.watch, "Job start successful\n").await
}

pub(super) async fn force(args: &JobPeriodicForce, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let stub = of_kind(&client, &args.job, "periodic", |job| job.periodic).await?;
    let client = client.in_namespace(&stub.namespace);
    let path = format!("/v1/job/{}/periodic/force", path_segment(&stub.id));
    let doing = format!("Error forcing periodic job {:?}", stub.id);
    let (answer, _) =
        client.put::<_, Value>(&path, &[], &json!({})).await.map_err(|e| Failure::because(&doing, &e))?;
    watched(&client, console, &answer["EvalID"], args.watch, "Force periodic successful\n").await
}

/// The one job of a kind that a prefix means.
pub(super) async fn of_kind(
    client: &ApiClient,
    prefix: &str,
    kind: &str,
    is: fn(&JobStub) -> bool,
) -> Result<JobStub, Failure> {
    let none = || Failure::new(format!("No {kind} job(s) with prefix or ID {prefix:?} found"));
    let (mut jobs, _) = client
        .shape::<Vec<JobStub>>("/v1/jobs", &[("prefix", prefix)])
        .await
        .map_err(|e| Failure::because(&format!("Error querying job prefix {prefix:?}"), &e))?;
    jobs.retain(is);
    match jobs.len() {
        0 => Err(none()),
        1 => Ok(jobs.swap_remove(0)),
        _ if jobs[0].id == prefix => Ok(jobs.swap_remove(0)),
        _ => {
            let table = crate::view::job::list(&jobs, false);
            Err(Failure::new(format!("Prefix {prefix:?} matched multiple {kind} jobs\n\n{table}")))
        }
    }
}
