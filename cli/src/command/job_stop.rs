//! `job stop`: end jobs and watch the evaluations of it.

use crate::args::JobStop;
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::{ApiClient, path_segment};
use crate::monitor;
use api::jobs::DeregisterResponse;
use serde_json::Value;

pub(super) async fn run(args: &JobStop, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let mut worst = 0;
    for prefix in &args.jobs {
        // One job that cannot be stopped does not keep the others running.
        let status = match one(&client, console, args, prefix).await {
            Ok(status) => status,
            Err(failure) => {
                console.error(&failure.message);
                failure.exit
            }
        };
        worst = worst.max(status);
    }
    Ok(worst)
}

async fn one(client: &ApiClient, console: Console, args: &JobStop, prefix: &str) -> Result<u8, Failure> {
    let stub = find::job(client, prefix).await?;
    // An id that was not typed in full is confirmed, lest a prefix stops another job than the one meant.
    let question = format!("Are you sure you want to stop job {:?}?", stub.id);
    if stub.id != prefix && !args.yes && !console.confirm(&question, "Cancelling job stop")? {
        return Ok(0);
    }
    let client = client.in_namespace(&stub.namespace);
    let priority = args.eval_priority.unwrap_or(0).to_string();
    let mut query = vec![("purge", flag(args.purge)), ("global", flag(args.global))];
    if args.eval_priority.is_some() {
        query.push(("eval_priority", &priority));
    }
    if args.no_shutdown_delay {
        query.push(("no_shutdown_delay", "true"));
    }
    let path = format!("/v1/job/{}", path_segment(&stub.id));
    let doing = format!("Error deregistering job with id {} err", stub.id);
    let (answer, _) =
        client.delete::<Value>(&path, &query).await.map_err(|e| Failure::because(&doing, &e))?;
    let answer: DeregisterResponse =
        api::json::from_value(&answer).map_err(|e| Failure::new(format!("{doing}: {e}")))?;
    if answer.eval_id.is_empty() {
        return Ok(0);
    }
    if args.detach {
        console.line(&answer.eval_id);
        return Ok(0);
    }
    monitor::evaluation(&client, console, &answer.eval_id, args.verbose).await
}

fn flag(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}
