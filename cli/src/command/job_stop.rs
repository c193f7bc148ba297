//! `job stop`: end jobs and watch the evaluations of it.

use crate::args::JobStop;
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::{ApiClient, path_segment};
use crate::monitor;
use api::jobs::DeregisterResponse;
use serde_json::Value;
use std::io::BufRead;

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
    if stub.id != prefix && !args.yes && !confirmed(console, &stub.id)? {
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

/// Ask on the terminal. `false` when the answer is no; an answer that is neither is an error.
fn confirmed(console: Console, id: &str) -> Result<bool, Failure> {
    console.write(format!("Are you sure you want to stop job {id:?}? [y/N] ").as_bytes());
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|e| Failure::new(format!("Failed to parse answer: {e}")))?;
    match answer.trim() {
        "y" => Ok(true),
        "" | "n" | "N" => {
            console.line("Cancelling job stop");
            Ok(false)
        }
        "Y" => {
            console.line("For confirmation, an exact ‘y’ is required.");
            Ok(false)
        }
        _ => Err(Failure::new("No confirmation detected. For confirmation, an exact 'y' is required.")),
    }
}
