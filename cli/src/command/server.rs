//! `server …`, `agent-info`, and the list of `operator raft list-peers`.

use super::{of, print_raw, raw};
use crate::args::{AgentInfo, RaftListPeers, ServerCommand, ServerForceLeave, ServerJoin, ServerMembers};
use crate::console::{Console, Failure, client};
use crate::view;
use api::agent::{Members, RaftConfiguration};
use serde_json::{Value, json};

pub(super) async fn run(command: &ServerCommand) -> Result<u8, Failure> {
    match command {
        ServerCommand::Members(args) => members(args, of(&args.general)).await,
        ServerCommand::Join(args) => join(args, of(&args.general)).await,
        ServerCommand::ForceLeave(args) => force_leave(args).await,
    }
}

async fn join(args: &ServerJoin, console: Console) -> Result<u8, Failure> {
    let query: Vec<(&str, &str)> = args.addresses.iter().map(|one| ("address", one.as_str())).collect();
    let (answer, _) = client(&args.general)?
        .put::<_, Value>("/v1/agent/join", &query, &json!(null))
        .await
        .map_err(|e| Failure::because("Error joining", &e))?;
    if let Some(error) = answer["error"].as_str().filter(|error| !error.is_empty()) {
        return Err(Failure::new(format!("Error joining: {error}")));
    }
    console.line(format!("Joined {} servers successfully", answer["num_joined"].as_u64().unwrap_or(0)));
    Ok(0)
}

async fn force_leave(args: &ServerForceLeave) -> Result<u8, Failure> {
    let mut query = vec![("node", args.node.as_str())];
    if args.prune {
        query.push(("prune", "1"));
    }
    client(&args.general)?
        .put::<_, Value>("/v1/agent/force-leave", &query, &json!(null))
        .await
        .map_err(|e| Failure::because(&format!("Error force-leaving server {}", args.node), &e))?;
    Ok(0)
}

pub(super) async fn agent_info(args: &AgentInfo, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let (agent, _) = client(&args.general)?
        .get::<Value>("/v1/agent/self", &[])
        .await
        .map_err(|e| Failure::because("Error querying agent info", &e))?;
    match &raw {
        Some(raw) => print_raw(console, raw, &agent),
        None => {
            console.line(view::operator::agent(&agent["stats"]));
            Ok(0)
        }
    }
}

async fn members(args: &ServerMembers, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let failed = |e: &_| Failure::because("Error querying servers", e);
    let (answer, _) = client.get::<Value>("/v1/agent/members", &[]).await.map_err(|e| failed(&e))?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer["Members"]);
    }
    let mut answer: Members =
        api::json::from_value(&answer).map_err(|e| Failure::new(format!("Error querying servers: {e}")))?;
    answer.members.sort_by(|a, b| (&a.name, &a.addr).cmp(&(&b.name, &b.addr)));
    // Without a leader the members are shown all the same; that is when they are looked for.
    let leader = client.get::<Option<String>>("/v1/status/leader", &[]).await;
    let leader_error = leader.as_ref().err().map(ToString::to_string);
    let leader = leader.ok().and_then(|(address, _)| address).unwrap_or_default();
    let verbose = args.verbose || args.detailed;
    console.line(view::server::members(&answer.members, &leader, verbose));
    if let Some(error) = leader_error {
        console.line("");
        return Err(Failure::new(format!("Error determining leaders: {error}")));
    }
    Ok(0)
}

pub(super) async fn peers(args: &RaftListPeers, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let stale = if args.stale { "true" } else { "false" };
    let (answer, _) = client
        .shape::<RaftConfiguration>("/v1/operator/raft/configuration", &[("stale", stale)])
        .await
        .map_err(|e| Failure::because("Error: failed to retrieve raft configuration", &e))?;
    console.line(view::server::peers(&answer.servers));
    Ok(0)
}
