//! `status`: whatever an identifier names: a job, an allocation, a node, an evaluation, a deployment or a namespace.

use super::{alloc_status, deployment, eval, job_status, namespace, node_status, raw};
use crate::args::{DeploymentStatus, EvalStatus, Format, ShownOne, StatusArgs};
use crate::console::{Console, Failure, client};
use crate::find;
use serde_json::Value;

pub(super) async fn run(args: &StatusArgs, console: Console) -> Result<u8, Failure> {
    let format = Format { json: args.json, t: None };
    let raw = raw(&format)?;
    let client = client(&args.general)?;
    let Some(asked) = args.identifiers.last() else {
        return job_status::list(&client, console, raw.as_ref()).await;
    };
    let (context, id) = find::anything(&client, asked).await?;
    let (general, verbose, raw) = (args.general.clone(), args.verbose, raw.as_ref());
    match context.as_str() {
        "jobs" => {
            let job = find::job(&client, &id).await?;
            job_status::of(&client, console, &job, &general, verbose, raw).await
        }
        "allocs" => {
            let (alloc, _) = client
                .get::<Value>(&format!("/v1/allocation/{id}"), &[])
                .await
                .map_err(|e| Failure::because("Error querying allocation", &e))?;
            let client = client.in_namespace(alloc["Namespace"].as_str().unwrap_or_default());
            alloc_status::one(&client, console, &id, false, verbose, raw).await
        }
        "nodes" => node_status::of(&client, console, &id, verbose, raw).await,
        "evals" => {
            let args = EvalStatus { general, monitor: false, verbose, format, evaluation: id };
            eval::status(&args, console).await
        }
        "deployment" => {
            let args = DeploymentStatus {
                general,
                verbose,
                monitor: false,
                wait: None,
                format,
                deployment: Some(id),
            };
            deployment::status(&args, console).await
        }
        "namespaces" => namespace::status(&ShownOne { general, format, name: id }, console).await,
        _ => Err(Failure::new(format!("Unable to resolve ID: {asked:?}"))),
    }
}
