//! `alloc stop|restart|signal`.

use super::{alloc_target, now_ns, watched};
use crate::args::{AllocRestart, AllocSignal, AllocStop, TaskOf};
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::ApiClient;
use api::allocations::AllocStub;
use serde_json::{Value, json};

pub(super) async fn stop(args: &AllocStop, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let stub = find::alloc(&client, &args.allocation, args.watch.verbose, now_ns()).await?;
    let client = client.in_namespace(&stub.namespace);
    let query: &[(&str, &str)] = if args.no_shutdown_delay { &[("no_shutdown_delay", "true")] } else { &[] };
    let path = format!("/v1/allocation/{}/stop", stub.id);
    let (answer, _) = client
        .put::<_, Value>(&path, query, &json!({}))
        .await
        .map_err(|e| Failure::because("Error stopping allocation", &e))?;
    if args.watch.detach {
        console.line(answer["EvalID"].as_str().unwrap_or_default());
        return Ok(0);
    }
    watched(&client, console, &answer["EvalID"], args.watch, "").await
}

pub(super) async fn restart(args: &AllocRestart) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let task = args.of.name();
    if args.all_tasks && !task.is_empty() {
        return Err(Failure::new("The -all-tasks option is not allowed when restarting a specific task."));
    }
    let (client, stub) = of(&client, &args.of, task).await?;
    let mut body = json!({ "AllTasks": args.all_tasks });
    if !task.is_empty() {
        body["TaskName"] = json!(task);
    }
    let path = format!("/v1/client/allocation/{}/restart", stub.id);
    client
        .put::<_, Value>(&path, &[], &body)
        .await
        .map_err(|e| Failure::because("Failed to restart allocation:\n\n", &e))?;
    Ok(0)
}

pub(super) async fn signal(args: &AllocSignal) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let task = args.of.name();
    let (client, stub) = of(&client, &args.of, task).await?;
    let body = json!({ "Signal": args.s.as_deref().unwrap_or("SIGKILL"), "Task": task });
    let path = format!("/v1/client/allocation/{}/signal", stub.id);
    client
        .put::<_, Value>(&path, &[], &body)
        .await
        .map_err(|e| Failure::because("Error signalling allocation", &e))?;
    Ok(0)
}

/// The allocation that the arguments name; the task, if one was given, has to be in it.
async fn of(client: &ApiClient, of: &TaskOf, task: &str) -> Result<(ApiClient, AllocStub), Failure> {
    let prefix = of.arguments.first().map_or("", String::as_str);
    let stub = find::alloc(client, prefix, of.verbose, now_ns()).await?;
    let client = client.in_namespace(&stub.namespace);
    if !task.is_empty() {
        alloc_target::check_task(&alloc_target::whole(&client, &stub.id).await?, task)?;
    }
    Ok((client, stub))
}
