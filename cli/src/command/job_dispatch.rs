//! `job dispatch`: an instance of a parameterized job.

use super::job_change::of_kind;
use crate::args::JobDispatch;
use crate::console::{Console, Failure, client};
use crate::http::path_segment;
use crate::{monitor, output};
use serde_json::{Map, Value, json};
use std::io::Read;

/// More than this is not read; the servers refuse far less, and say how much.
const READ_LIMIT: u64 = 1024 * 1024;

pub(super) async fn run(args: &JobDispatch, console: Console) -> Result<u8, Failure> {
    let prefix = args.arguments.first().map_or("", String::as_str);
    let mut body = json!({ "Meta": meta(&args.meta)? });
    if let Some(source) = args.arguments.get(1) {
        body["Payload"] = json!(model::wire::Blob(payload(source)?));
    }
    if let Some(template) = &args.id_prefix_template {
        body["IdPrefixTemplate"] = json!(template);
    }
    if let Some(priority) = args.priority {
        body["Priority"] = json!(priority);
    }
    let client = client(&args.general)?;
    let stub = of_kind(&client, prefix, "parameterized", |job| job.parameterized_job).await?;
    let client = client.in_namespace(&stub.namespace);
    let token = args.idempotency_token.as_deref().filter(|token| !token.is_empty());
    let query: Vec<_> = token.map(|token| ("idempotency_token", token)).into_iter().collect();
    let path = format!("/v1/job/{}/dispatch", path_segment(&stub.id));
    let (answer, _) = client
        .put::<_, Value>(&path, &query, &body)
        .await
        .map_err(|e| Failure::because("Failed to dispatch job", &e))?;
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    let eval = text("EvalID");
    let mut pairs = vec![("Dispatched Job ID", text("DispatchedJobID"))];
    if !eval.is_empty() {
        pairs.push(("Evaluation ID", output::id(&eval, args.watch.verbose).to_owned()));
    }
    console.line(output::key_values(&pairs));
    if args.watch.detach || eval.is_empty() {
        return Ok(0);
    }
    console.line("");
    monitor::evaluation(&client, console, &eval, args.watch.verbose).await
}

fn meta(given: &[String]) -> Result<Map<String, Value>, Failure> {
    let pair = |text: &String| match text.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), json!(value))),
        None => Err(Failure::new(format!("Error parsing meta value: {text}"))),
    };
    given.iter().map(pair).collect()
}

fn payload(source: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if source == "-" {
        std::io::stdin().lock().take(READ_LIMIT).read_to_end(&mut bytes).map_err(|e| e.to_string())
    } else {
        let told = |e: std::io::Error| format!("open {source}: {}", super::job_file::reason(&e));
        std::fs::File::open(source)
            .map_err(told)
            .and_then(|file| file.take(READ_LIMIT).read_to_end(&mut bytes).map_err(|e| e.to_string()))
    };
    read.map_err(|why| Failure::new(format!("Error reading input data: {why}")))?;
    Ok(bytes)
}
