//! `server members` and `operator raft list-peers`.

use super::{print_raw, raw};
use crate::args::{RaftListPeers, ServerMembers};
use crate::console::{Console, Failure, client};
use crate::view;
use api::agent::{Members, RaftConfiguration};
use serde_json::Value;

pub(super) async fn members(args: &ServerMembers, console: Console) -> Result<u8, Failure> {
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
