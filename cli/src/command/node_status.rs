//! `node status`: the list of nodes, or everything about one.

use super::{Raw, now_ns, print_raw, raw};
use crate::args::{Format, NodeStatus, Page};
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, path_segment};
use crate::{find, output, view};
use api::allocations::{AllocStub, Allocation};
use api::nodes::{Node, NodeStub};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) async fn run(args: &NodeStatus, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    if args.own {
        let id = own(&client).await?;
        return one(&client, console, args, &id, raw.as_ref()).await;
    }
    match &args.node {
        None => list(&client, console, args, raw.as_ref()).await,
        Some(prefix) => {
            let id = find::node(&client, prefix).await?.id;
            one(&client, console, args, &id, raw.as_ref()).await
        }
    }
}

/// The same for `status`, which found the node itself.
pub(super) async fn of(
    client: &ApiClient,
    console: Console,
    id: &str,
    verbose: bool,
    raw: Option<&Raw>,
) -> Result<u8, Failure> {
    let args = NodeStatus {
        general: crate::args::General::default(),
        own: false,
        stats: false,
        allocs: false,
        short: false,
        verbose,
        quiet: false,
        os: false,
        page: Page::default(),
        format: Format::default(),
        node: Some(id.to_owned()),
    };
    one(client, console, &args, id, raw).await
}

async fn list(
    client: &ApiClient,
    console: Console,
    args: &NodeStatus,
    raw: Option<&Raw>,
) -> Result<u8, Failure> {
    let page = args.page.query();
    let mut query: Vec<_> = page.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if args.os {
        query.push(("os", "true"));
    }
    let (answer, meta) = client
        .get::<Value>("/v1/nodes", &query)
        .await
        .map_err(|e| Failure::because("Error querying node status", &e))?;
    if let Some(raw) = raw {
        return print_raw(console, raw, &answer);
    }
    let nodes: Vec<NodeStub> = api::json::from_value(&answer)
        .map_err(|e| Failure::new(format!("Error querying node status: {e}")))?;
    if nodes.is_empty() {
        console.line("No nodes registered");
        return Ok(0);
    }
    let columns = view::node::Columns {
        verbose: args.verbose,
        os: args.os,
        running: if args.allocs { Some(running(client, &nodes).await?) } else { None },
    };
    if args.quiet {
        for node in &nodes {
            console.line(&node.id);
        }
    } else {
        console.line(output::list(&view::node::rows(&nodes, columns)));
    }
    if !meta.next_token.is_empty() {
        console.line(format!(
            "\nResults have been paginated. To get the next page run:\n\n  drover node status -page-token {}",
            meta.next_token
        ));
    }
    Ok(0)
}

async fn running(client: &ApiClient, nodes: &[NodeStub]) -> Result<BTreeMap<String, usize>, Failure> {
    let mut counts = BTreeMap::new();
    for node in nodes {
        let allocs = allocations(client, &node.id).await?;
        let running = allocs.iter().filter(|alloc| alloc.client_status == "running");
        counts.insert(node.id.clone(), running.count());
    }
    Ok(counts)
}

async fn one(
    client: &ApiClient,
    console: Console,
    args: &NodeStatus,
    id: &str,
    raw: Option<&Raw>,
) -> Result<u8, Failure> {
    let path = format!("/v1/node/{}", path_segment(id));
    let (answer, _) = client
        .get::<Value>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error querying node info", &e))?;
    if let Some(raw) = raw {
        return print_raw(console, raw, &answer);
    }
    let node: Node =
        api::json::from_value(&answer).map_err(|e| Failure::new(format!("Error querying node info: {e}")))?;
    console.line(view::node::block(&node, args.short));
    let allocs = allocations(client, id).await?;
    if !args.short {
        console.line(format!("\n{}\n{}", console.heading("Node Events"), view::node::events(&node)));
        if args.verbose {
            for (title, map) in [("Attributes", &node.attributes), ("Meta", &node.meta)] {
                let pairs: Vec<(&str, &str)> = map.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
                console.line(format!("\n{}\n{}", console.heading(title), output::key_values(&pairs)));
            }
        }
        console.line(format!(
            "\n{}\n{}",
            console.heading("Allocated Resources"),
            view::node::allocated(&node, &allocs)
        ));
    }
    let stubs: Vec<AllocStub> = allocs.iter().map(stub).collect();
    console.line(format!(
        "\n{}\n{}",
        console.heading("Allocations"),
        view::alloc::list(&stubs, args.verbose, now_ns())
    ));
    Ok(0)
}

async fn allocations(client: &ApiClient, id: &str) -> Result<Vec<Allocation>, Failure> {
    let path = format!("/v1/node/{}/allocations", path_segment(id));
    let (allocs, _) = client
        .shape::<Vec<Allocation>>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error querying node allocations", &e))?;
    Ok(allocs)
}

/// The node's list has whole allocations; the table wants stubs.
fn stub(alloc: &Allocation) -> AllocStub {
    AllocStub {
        id: alloc.id.clone(),
        eval_id: alloc.eval_id.clone(),
        node_id: alloc.node_id.clone(),
        node_name: alloc.node_name.clone(),
        task_group: alloc.task_group.clone(),
        job_version: alloc.job.as_ref().and_then(|job| job.version).unwrap_or(0),
        desired_status: alloc.desired_status.clone(),
        client_status: alloc.client_status.clone(),
        create_time: alloc.create_time,
        modify_time: alloc.modify_time,
        create_index: alloc.create_index,
        ..AllocStub::default()
    }
}

/// The node of the agent that answers.
async fn own(client: &ApiClient) -> Result<String, Failure> {
    let (answer, _) = client
        .get::<Value>("/v1/agent/self", &[])
        .await
        .map_err(|e| Failure::because("Error querying agent info", &e))?;
    let id = answer["stats"]["client"]["node_id"].as_str().unwrap_or_default();
    if id.is_empty() {
        return Err(Failure::new("Error: agent is not running in client mode"));
    }
    Ok(id.to_owned())
}
