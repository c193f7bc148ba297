//! `operator …`: which command is whose, and the short ones: consensus, metrics, utilization.

use super::{
    explain, of, operator_api, operator_config, operator_debug, operator_keyring, operator_snapshot,
};
use super::{print_raw, raw, server};
use crate::args::{Format, OperatorCommand, OperatorMetrics, Plain, RaftCommand, RaftPeer};
use crate::console::{Console, Failure, client};
use serde_json::{Value, json};

pub(super) async fn run(command: &OperatorCommand) -> Result<u8, Failure> {
    match command {
        OperatorCommand::Api(args) => operator_api::run(args, of(&args.general)).await,
        OperatorCommand::Autopilot(command) => operator_config::autopilot(command).await,
        OperatorCommand::Debug(args) => operator_debug::run(args, of(&args.general)).await,
        OperatorCommand::Gossip(command) => operator_keyring::gossip(command).await,
        OperatorCommand::Metrics(args) => metrics(args, of(&args.general)).await,
        OperatorCommand::Raft(RaftCommand::ListPeers(args)) => server::peers(args, of(&args.general)).await,
        OperatorCommand::Raft(RaftCommand::RemovePeer(args)) => remove(args, of(&args.general)).await,
        OperatorCommand::Raft(RaftCommand::TransferLeadership(args)) => {
            transfer(args, of(&args.general)).await
        }
        OperatorCommand::Root(command) => operator_keyring::root(command).await,
        OperatorCommand::Scheduler(command) => operator_config::scheduler(command).await,
        OperatorCommand::Snapshot(command) => operator_snapshot::run(command).await,
        OperatorCommand::Utilization(args) => utilization(args, of(&args.general)).await,
        OperatorCommand::WhatIf(args) => explain::whatif(args, of(&args.general)).await,
    }
}

/// How the user names a server: the parameter, and its value.
fn named(args: &RaftPeer) -> Option<(&'static str, &str)> {
    let both = [("id", &args.peer_id), ("address", &args.peer_address)];
    both.into_iter().find_map(|(how, text)| {
        let text = text.as_deref().filter(|text| !text.is_empty())?;
        Some((how, text))
    })
}

async fn remove(args: &RaftPeer, console: Console) -> Result<u8, Failure> {
    let Some((how, peer)) = named(args) else { return Err(Failure::new("Missing peer id required")) };
    client(&args.general)?
        .delete::<Value>("/v1/operator/raft/peer", &[(how, peer)])
        .await
        .map_err(|e| Failure::because("Error removing peer", &e))?;
    console.line(format!("Removed peer with {how} {peer:?}"));
    Ok(0)
}

async fn transfer(args: &RaftPeer, console: Console) -> Result<u8, Failure> {
    let doing = "Error transferring leadership to peer";
    let Some((how, peer)) = named(args) else {
        return Err(Failure::new(format!("{doing}: an address or id is required for the destination peer")));
    };
    if args.peer_id.is_some() && args.peer_address.is_some() {
        return Err(Failure::new(format!("{doing}: either an address or an id is given, not both")));
    }
    client(&args.general)?
        .put::<_, Value>("/v1/operator/raft/transfer-leadership", &[(how, peer)], &json!(null))
        .await
        .map_err(|e| Failure::because(doing, &e))?;
    console.line(format!("Transferred leadership to peer with {how} {peer:?}"));
    Ok(0)
}

async fn metrics(args: &OperatorMetrics, console: Console) -> Result<u8, Failure> {
    let doing = "Error getting metrics";
    let raw = raw(&Format { json: args.json, t: args.t.clone() })?;
    let client = client(&args.general)?;
    let mut query = Vec::new();
    if let Some(raw) = &raw {
        let (answer, _) =
            client.get::<Value>("/v1/metrics", &[]).await.map_err(|e| Failure::because(doing, &e))?;
        return print_raw(console, raw, &answer);
    }
    query.extend(args.format.as_deref().filter(|format| !format.is_empty()).map(|format| ("format", format)));
    if args.pretty {
        query.push(("pretty", "true"));
    }
    let text = client.bytes("/v1/metrics", &query).await.map_err(|e| Failure::because(doing, &e))?;
    console.line(String::from_utf8_lossy(&text).trim_end_matches('\n'));
    Ok(0)
}

async fn utilization(args: &Plain, console: Console) -> Result<u8, Failure> {
    let (answer, _) = client(&args.general)?
        .put::<_, Value>("/v1/operator/utilization", &[], &json!({}))
        .await
        .map_err(|e| Failure::because("Error generating bundle", &e))?;
    print_raw(console, &super::Raw::Json, &answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_id_or_address() {
        let peer = |id: Option<&str>, address: Option<&str>| RaftPeer {
            general: crate::args::General::default(),
            peer_id: id.map(str::to_owned),
            peer_address: address.map(str::to_owned),
        };
        assert_eq!(named(&peer(Some("7"), Some("h:1"))), Some(("id", "7")));
        assert_eq!(named(&peer(Some(""), Some("h:1"))), Some(("address", "h:1")));
        assert_eq!(named(&peer(None, Some(""))), None);
    }
}
