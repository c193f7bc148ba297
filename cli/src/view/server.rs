//! Servers: the members of the region and of the consensus.

use crate::output;
use api::agent::{Member, RaftServer};

/// The table of members. `leader` is the RPC address of the leader, empty when there is none.
pub fn members(members: &[Member], leader: &str, verbose: bool) -> String {
    let mut heading = vec!["Name", "Address", "Port", "Status", "Leader"];
    if verbose {
        heading.push("Protocol");
    }
    heading.extend(["Raft Version", "Build", "Datacenter", "Region"]);
    if verbose {
        heading.push("Tags");
    }
    let mut rows: Vec<Vec<String>> = vec![heading.into_iter().map(str::to_owned).collect()];
    for member in members {
        let tag = |name: &str| member.tags.get(name).cloned().unwrap_or_default();
        let rpc = format!("{}:{}", tag("rpc_addr"), tag("port"));
        let mut row = vec![
            member.name.clone(),
            member.addr.clone(),
            member.port.to_string(),
            member.status.clone(),
            (!leader.is_empty() && rpc == leader).to_string(),
        ];
        if verbose {
            row.push(member.protocol_cur.to_string());
        }
        row.extend([tag("raft_vsn"), tag("build"), tag("dc"), tag("region")]);
        if verbose {
            let tags: Vec<String> = member.tags.iter().map(|(k, v)| format!("{k}={v}")).collect();
            row.push(tags.join(","));
        }
        rows.push(row);
    }
    output::list(&rows)
}

/// The table of `operator raft list-peers`.
pub fn peers(servers: &[RaftServer]) -> String {
    let heading = ["Node", "ID", "Address", "State", "Voter", "RaftProtocol"];
    let mut rows = vec![heading.map(str::to_owned)];
    for server in servers {
        let state = if server.leader { "leader" } else { "follower" };
        rows.push([
            server.node.clone(),
            server.id.clone(),
            server.address.clone(),
            state.to_owned(),
            server.voter.to_string(),
            server.raft_protocol.clone(),
        ]);
    }
    output::list(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leader_is_found_by_its_address() {
        let tags = [("rpc_addr", "10.0.0.1"), ("port", "4647"), ("dc", "dc1")];
        let member = Member {
            name: "a.global".to_owned(),
            addr: "10.0.0.1".to_owned(),
            port: 4648,
            status: "alive".to_owned(),
            tags: tags.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            ..Member::default()
        };
        let table = members(std::slice::from_ref(&member), "10.0.0.1:4647", false);
        assert_eq!(
            table.lines().nth(1),
            Some("a.global  10.0.0.1  4648  alive   true    <none>        <none>  dc1         <none>")
        );
        assert!(members(&[member], "", false).contains("alive   false"));
    }
}
