//! `node pool list|info|init|apply|delete|nodes|jobs`.

use super::spec::{self, Examples};
use super::{Raw, decode, of, print_page, print_raw, raw};
use crate::args::{Listed, NodePoolApply, NodePoolCommand, NodePoolMembers, One, ShownOne};
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, path_segment};
use crate::{find, output, view};
use api::jobs::JobStub;
use api::node_pools::NodePool;
use api::nodes::NodeStub;
use serde_json::Value;

const EXAMPLES: Examples = Examples {
    noun: "node pool",
    name: "pool.nomad",
    hcl: r#"# A node pool is a part of the nodes; jobs say which one they run in.
node_pool "example" {
  description = "What these nodes are for"

  # Anything that people or programs want to know of the pool.
  meta {
    environment = "prod"
    owner       = "sre"
  }
}
"#,
    json: r#"{
  "Name": "example",
  "Description": "What these nodes are for",
  "Meta": {
    "environment": "prod",
    "owner": "sre"
  }
}
"#,
};

pub(super) async fn run(command: &NodePoolCommand) -> Result<u8, Failure> {
    match command {
        NodePoolCommand::List(args) => list(args, of(&args.general)).await,
        NodePoolCommand::Info(args) => info(args, of(&args.general)).await,
        NodePoolCommand::Init(args) => spec::write(args, &EXAMPLES),
        NodePoolCommand::Apply(args) => apply(args, of(&args.general)).await,
        NodePoolCommand::Delete(args) => delete(args, of(&args.general)).await,
        NodePoolCommand::Nodes(args) => nodes(args, of(&args.general)).await,
        NodePoolCommand::Jobs(args) => jobs(args, of(&args.general)).await,
    }
}

async fn list(args: &Listed, console: Console) -> Result<u8, Failure> {
    let doing = "Error querying node pools";
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let page = args.page.query();
    let query: Vec<_> = page.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (pools, meta) = client
        .shape::<Vec<NodePool>>("/v1/node/pools", &query)
        .await
        .map_err(|e| Failure::because(doing, &e))?;
    match &raw {
        Some(Raw::Json) => console.line(view::node_pool::json_list(&pools)),
        Some(raw) => return print_raw(console, raw, &view::node_pool::values(&pools)),
        None if pools.is_empty() => console.line("No node pools"),
        None => {
            console.line(view::node_pool::list(&pools));
            print_page(console, "node pool list", &meta);
        }
    }
    Ok(0)
}

/// The one pool that a prefix means. `doing` begins the sentence of its errors.
async fn find(client: &ApiClient, prefix: &str, doing: &str) -> Result<NodePool, Failure> {
    let (mut pools, _) = client
        .shape::<Vec<NodePool>>("/v1/node/pools", &[("prefix", prefix)])
        .await
        .map_err(|e| Failure::because(doing, &e))?;
    match find::exact_or_only(&pools, |pool| pool.name == prefix) {
        Some(at) => Ok(pools.swap_remove(at)),
        None if pools.is_empty() => {
            Err(Failure::new(format!("{doing}: No node pool with prefix {prefix:?} found")))
        }
        None => {
            let table = view::node_pool::list(&pools);
            Err(Failure::new(format!("Prefix matched multiple node pools\n\n{table}")))
        }
    }
}

async fn info(args: &ShownOne, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let pool = find(&client(&args.general)?, &args.name, "Error retrieving node pool").await?;
    match &raw {
        Some(Raw::Json) => console.line(view::node_pool::json(&pool)),
        Some(raw) => return print_raw(console, raw, &view::node_pool::value(&pool)),
        None => console.line(view::node_pool::whole(&pool, |title| console.heading(title))),
    }
    Ok(0)
}

async fn apply(args: &NodePoolApply, console: Console) -> Result<u8, Failure> {
    let (input, stdin) = (&args.input, args.input == "-");
    let text = spec::text(input).map_err(|why| {
        let from = if stdin { "from stdin".to_owned() } else { format!("file {input:?}") };
        Failure::new(format!("Failed to read {from}: {why}"))
    })?;
    let failed = |why: String| Failure::new(format!("Failed to parse input content: {why}"));
    let pool: Value = if args.json {
        serde_json::from_str(&text).map_err(|e| failed(e.to_string()))?
    } else {
        let name = if stdin { "stdin.nomad.hcl" } else { input };
        jobspec::node_pool(name, &text).map_err(|e| failed(e.to_string()))?
    };
    let client = client(&args.general)?;
    client
        .put::<_, Value>("/v1/node/pools", &[], &pool)
        .await
        .map_err(|e| Failure::because("Error applying node pool", &e))?;
    let name = super::job_file::field(&pool, "Name").unwrap_or_default();
    console.line(format!("Successfully applied node pool {name:?}!"));
    Ok(0)
}

async fn delete(args: &One, console: Console) -> Result<u8, Failure> {
    let path = format!("/v1/node/pool/{}", path_segment(&args.name));
    let client = client(&args.general)?;
    client.delete::<Value>(&path, &[]).await.map_err(|e| Failure::because("Error deleting node pool", &e))?;
    console.line(format!("Successfully deleted node pool {:?}!", args.name));
    Ok(0)
}

/// What is in a pool, as JSON, and what the headers say. `None` when it was printed already.
async fn members(
    args: &NodePoolMembers,
    console: Console,
    noun: &str,
) -> Result<Option<(Value, crate::http::Meta)>, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let pool = find(&client, &args.name, "Error retrieving node pool").await?;
    let page = args.page.query();
    let query: Vec<_> = page.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let path = format!("/v1/node/pool/{}/{noun}", path_segment(&pool.name));
    let (answer, meta) = client
        .get::<Value>(&path, &query)
        .await
        .map_err(|e| Failure::because(&format!("Error querying {noun}"), &e))?;
    match &raw {
        Some(raw) => print_raw(console, raw, &answer).map(|_| None),
        None => Ok(Some((answer, meta))),
    }
}

async fn nodes(args: &NodePoolMembers, console: Console) -> Result<u8, Failure> {
    let Some((answer, meta)) = members(args, console, "nodes").await? else { return Ok(0) };
    let nodes: Vec<NodeStub> = decode("Error querying nodes", &answer)?;
    if nodes.is_empty() {
        console.line("No nodes");
        return Ok(0);
    }
    if args.quiet {
        nodes.iter().for_each(|node| console.line(&node.id));
    } else {
        let columns = view::node::Columns { verbose: args.verbose, ..view::node::Columns::default() };
        console.line(output::list(&view::node::rows(&nodes, columns)));
    }
    print_page(console, &format!("node pool nodes {}", args.name), &meta);
    Ok(0)
}

async fn jobs(args: &NodePoolMembers, console: Console) -> Result<u8, Failure> {
    let Some((answer, meta)) = members(args, console, "jobs").await? else { return Ok(0) };
    let jobs: Vec<JobStub> = decode("Error querying jobs", &answer)?;
    if jobs.is_empty() {
        console.line("No jobs");
        return Ok(0);
    }
    if args.quiet {
        jobs.iter().for_each(|job| console.line(&job.id));
    } else {
        console.line(view::job::list(
            &jobs,
            args.general.connection(crate::console::environment).namespace == "*",
        ));
    }
    print_page(console, &format!("node pool jobs {}", args.name), &meta);
    Ok(0)
}
