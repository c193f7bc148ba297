//! `alloc status`: everything about one allocation.

use super::{Raw, now_ns, print_typed, raw};
use crate::args::AllocStatus;
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, path_segment};
use crate::{find, view};
use api::allocations::Allocation;
use serde_json::Value;
use view::alloc::Usage;

pub(super) async fn run(args: &AllocStatus, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let Some(prefix) = &args.allocation else {
        if let Some(raw) = &raw {
            let client = client(&args.general)?;
            let (allocs, _) = client
                .get::<Value>("/v1/allocations", &[])
                .await
                .map_err(|e| Failure::because("Error querying allocations", &e))?;
            return print_typed(console, raw, &allocs, "[]*api.AllocationListStub");
        }
        return Err(Failure::new(
            "This command takes one of the following argument conditions:\n * A single <allocation>\n * No arguments, \
             with output format specified\nFor additional help try 'drover alloc status -help'",
        ));
    };
    let client = client(&args.general)?;
    let stub = find::alloc(&client, prefix, args.verbose, now_ns()).await?;
    let client = client.in_namespace(&stub.namespace);
    one(&client, console, &stub.id, args.short, args.verbose, raw.as_ref()).await
}

/// One allocation by its whole id.
pub(super) async fn one(
    client: &ApiClient,
    console: Console,
    id: &str,
    short: bool,
    verbose: bool,
    raw: Option<&Raw>,
) -> Result<u8, Failure> {
    let path = format!("/v1/allocation/{}", path_segment(id));
    let (answer, _) = client
        .get::<Value>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error querying allocation", &e))?;
    if let Some(raw) = raw {
        return print_typed(console, raw, &answer, "*api.Allocation");
    }
    let alloc: Allocation = api::json::from_value(&answer)
        .map_err(|e| Failure::new(format!("Error querying allocation: {e}")))?;
    let now_ns = now_ns();
    if short {
        console.line(view::alloc::short(&alloc, verbose, now_ns));
        return Ok(0);
    }
    console.line(view::alloc::block(&alloc, verbose, now_ns));
    if let Some(addresses) = view::alloc::addresses(&alloc) {
        console.line(format!("\n{addresses}"));
    }
    let stats = match alloc.client_status.as_str() {
        "running" => stats(client, id).await,
        _ => None,
    };
    for (name, state) in alloc.task_states.iter().flatten() {
        let usage = stats.as_ref().and_then(|stats| usage(stats, name));
        console.line(format!("\n{}", view::alloc::section(&alloc, name, state, usage)));
    }
    if let Some(metric) = alloc.metrics.as_ref().filter(|_| verbose) {
        console.line(format!(
            "\n{}\n{}",
            console.heading("Placement Metrics"),
            view::explain::scores(metric, true)
        ));
    }
    Ok(0)
}

/// What the node says of the use of resources. A node that does not answer only costs these two figures.
async fn stats(client: &ApiClient, id: &str) -> Option<Value> {
    let path = format!("/v1/client/allocation/{}/stats", path_segment(id));
    client.get::<Value>(&path, &[]).await.ok().map(|(stats, _)| stats)
}

fn usage(stats: &Value, task: &str) -> Option<Usage> {
    let usage = &stats["Tasks"][task]["ResourceUsage"];
    let memory = &usage["MemoryStats"];
    let memory_bytes =
        memory["RSS"].as_u64().filter(|bytes| *bytes > 0).or_else(|| memory["Usage"].as_u64())?;
    Some(Usage { cpu_mhz: usage["CpuStats"]["TotalTicks"].as_f64().unwrap_or(0.0), memory_bytes })
}
