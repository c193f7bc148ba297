//! `node drain|eligibility`.

use crate::args::{NodeDrain, NodeEligibility};
use crate::console::{Console, Failure, client};
use crate::http::ApiClient;
use crate::{find, output};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Pause between two looks at a drain.
const PAUSE: Duration = Duration::from_millis(500);
/// Nanoseconds until what is left is stopped, unless the user says otherwise: an hour.
const DEADLINE_NS: i64 = 3_600_000_000_000;

fn usage(sentence: &str, command: &str) -> Failure {
    Failure::new(format!("{sentence}\nFor additional help try 'drover node {command} -help'"))
}

/// The id of the node that is meant: that of the agent which answers, or the one of a prefix.
async fn target(
    client: &ApiClient,
    own: bool,
    prefix: Option<&str>,
    command: &str,
) -> Result<String, Failure> {
    if own {
        let (agent, _) = client
            .get::<Value>("/v1/agent/self", &[])
            .await
            .map_err(|e| Failure::because("Error querying agent info", &e))?;
        let id = agent["stats"]["client"]["node_id"].as_str().unwrap_or_default();
        if id.is_empty() {
            return Err(Failure::new("The agent that answers is no client"));
        }
        return Ok(id.to_owned());
    }
    match prefix {
        // The words of these two commands differ from those of `node status`.
        Some(prefix) => match find::node(client, prefix).await {
            Ok(node) => Ok(node.id),
            Err(failure) => {
                let doing = if command == "drain" {
                    "Error updating drain specification"
                } else {
                    "Error updating scheduling eligibility"
                };
                Err(Failure::new(find::or_id(failure).message.replace("Error querying node info", doing)))
            }
        },
        None => Err(usage("Node ID must be specified if -self isn't being used", command)),
    }
}

pub(super) async fn eligibility(args: &NodeEligibility, console: Console) -> Result<u8, Failure> {
    if args.enable == args.disable {
        return Err(usage("Either the '-enable' or '-disable' flag must be set", "eligibility"));
    }
    let client = client(&args.general)?;
    let id = target(&client, args.own, args.node.as_deref(), "eligibility").await?;
    let word = if args.enable { "eligible" } else { "ineligible" };
    client
        .put::<_, Value>(
            &format!("/v1/node/{id}/eligibility"),
            &[],
            &json!({ "NodeID": id, "Eligibility": word }),
        )
        .await
        .map_err(|e| Failure::because("Error updating scheduling eligibility", &e))?;
    console.line(format!("Node {id:?} scheduling eligibility set: {word} for scheduling"));
    Ok(0)
}

pub(super) async fn drain(args: &NodeDrain, console: Console) -> Result<u8, Failure> {
    if args.enable == args.disable && !args.monitor {
        let sentence = "Either the '-enable' or '-disable' flag must be set, unless using '-monitor'";
        return Err(usage(sentence, "drain"));
    }
    let deadline = deadline(args)?;
    let client = client(&args.general)?;
    let id = target(&client, args.own, args.node.as_deref(), "drain").await?;
    if !args.enable && !args.disable {
        return watch(&client, console, &id).await;
    }
    // An id that was not typed in full is confirmed, lest a prefix drains another node than the one meant.
    if args.node.as_deref().is_some_and(|prefix| prefix != id) && !args.own && !args.yes {
        let verb = if args.enable { "enable" } else { "disable" };
        let question = format!("Are you sure you want to {verb} drain mode for node {id:?}?");
        if !console.confirm(&question, "Canceling drain toggle")? {
            return Ok(0);
        }
    }
    let mut meta = Map::new();
    for pair in &args.meta {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        meta.insert(key.to_owned(), json!(value));
    }
    if let Some(message) = args.m.as_deref().filter(|message| !message.is_empty()) {
        meta.insert("message".to_owned(), json!(message));
    }
    let mut body =
        json!({ "NodeID": id, "Meta": meta, "MarkEligible": args.disable && !args.keep_ineligible });
    if args.enable {
        body["DrainSpec"] = json!({ "Deadline": deadline, "IgnoreSystemJobs": args.ignore_system });
    }
    client
        .put::<_, Value>(&format!("/v1/node/{id}/drain"), &[], &body)
        .await
        .map_err(|e| Failure::because("Error updating drain specification", &e))?;
    if args.disable {
        console.line(format!("Node {id:?} drain strategy unset"));
        return Ok(0);
    }
    if args.detach {
        console.line(format!("Node {id:?} drain strategy set"));
        return Ok(0);
    }
    say(console, "Ctrl-C to stop monitoring: will not cancel the node drain");
    say(console, &format!("Node {id:?} drain strategy set"));
    followed(&client, console, &id).await
}

/// Nanoseconds: 0 for never, -1 for at once.
fn deadline(args: &NodeDrain) -> Result<i64, Failure> {
    if args.force && args.no_deadline {
        return Err(usage("-force and -no-deadline are mutually exclusive", "drain"));
    }
    if args.deadline.is_some() && (args.force || args.no_deadline) {
        return Err(usage("-deadline can't be combined with -force or -no-deadline", "drain"));
    }
    match args.deadline.as_deref().filter(|text| !text.is_empty()) {
        _ if args.force => Ok(-1),
        _ if args.no_deadline => Ok(0),
        None => Ok(DEADLINE_NS),
        Some(text) => match model::go_duration::parse(text) {
            Ok(ns) if ns > 0 => Ok(ns),
            Ok(_) => Err(Failure::new("A positive drain duration must be given")),
            Err(error) => Err(Failure::new(format!("Failed to parse deadline {text:?}: {error}"))),
        },
    }
}

fn say(console: Console, text: &str) {
    let now_ns = runtime::Clock::system().now_ns();
    console.line(format!("{}: {text}", output::absolute(now_ns)));
}

async fn watch(client: &ApiClient, console: Console, id: &str) -> Result<u8, Failure> {
    if !draining(client, id).await? {
        console.error("No drain strategy set");
        return Ok(0);
    }
    say(console, &format!("Monitoring node {id:?}: Ctrl-C to detach monitoring"));
    followed(client, console, id).await
}

async fn followed(client: &ApiClient, console: Console, id: &str) -> Result<u8, Failure> {
    while draining(client, id).await? {
        tokio::time::sleep(PAUSE).await;
    }
    say(console, &format!("Drain complete for node {id}"));
    let path = format!("/v1/node/{id}/allocations");
    let ended = |alloc: &Value| {
        let status = alloc["ClientStatus"].as_str().unwrap_or_default();
        alloc["Job"]["Type"].as_str() == Some("system") || !matches!(status, "pending" | "running")
    };
    loop {
        let (allocs, _) = client
            .get::<Vec<Value>>(&path, &[])
            .await
            .map_err(|e| Failure::because("Error monitoring drain", &e))?;
        if allocs.iter().all(ended) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    say(console, &format!("All allocations on node {id:?} have stopped"));
    Ok(0)
}

async fn draining(client: &ApiClient, id: &str) -> Result<bool, Failure> {
    let (node, _) = client
        .get::<Value>(&format!("/v1/node/{id}"), &[])
        .await
        .map_err(|e| Failure::because("Error monitoring drain", &e))?;
    Ok(!node["DrainStrategy"].is_null())
}
