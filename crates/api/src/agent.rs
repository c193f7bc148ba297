//! The Agent, Status and Operator pages.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::shape::shape;

shape! {
    /// What an agent says of itself.
    AgentSelf {
        "config" config: Value,
        "member" member: Value as Member,
        "stats" stats: BTreeMap<String, BTreeMap<String, String>>,
    }
    /// Servers that an agent knows.
    Members {
        "Members" members: Vec<Member>,
        "ServerDC" server_dc: String,
        "ServerName" server_name: String,
        "ServerRegion" server_region: String,
    }
    /// A server.
    Member {
        "Addr" addr: String,
        "DelegateCur" delegate_cur: u8,
        "DelegateMax" delegate_max: u8,
        "DelegateMin" delegate_min: u8,
        "Name" name: String,
        "Port" port: u16,
        "ProtocolCur" protocol_cur: u8,
        "ProtocolMax" protocol_max: u8,
        "ProtocolMin" protocol_min: u8,
        "Status" status: String,
        "Tags" tags: BTreeMap<String, String>,
    }
    /// Health of one half of an agent.
    HealthOf { "message" message: String, "ok" ok: bool }
    /// Answer to a request to join servers.
    Joined { "error" error: String, "num_joined" num_joined: u64 }
    /// The workers of a server.
    Schedulers { "schedulers" schedulers: Vec<Worker>, "server_id" server_id: String }
    /// One worker.
    Worker {
        "enabled_schedulers" enabled_schedulers: Vec<String>,
        "id" id: String,
        "started" started: String,
        "status" status: String,
        "workload_status" workload_status: String,
    }
    /// How many workers a server has, and for what.
    SchedulersConfig {
        "enabled_schedulers" enabled_schedulers: Vec<String>,
        "num_schedulers" num_schedulers: u64,
        "server_id" server_id: String,
    }
    /// Answer to a transfer of leadership.
    Transferred {
        "Err" error: Option<String>,
        "From" from: RaftPeer,
        "Noop" noop: bool,
        "To" to: RaftPeer,
    }
    /// A member of the consensus by address and id.
    RaftPeer { "Address" address: Option<String>, "ID" id: String }
    /// The members of the consensus.
    RaftConfiguration { "Index" index: u64, "Servers" servers: Vec<RaftServer> }
    /// One member of the consensus.
    RaftServer {
        "Address" address: String,
        "ID" id: String,
        "Leader" leader: bool,
        "Node" node: String,
        "RaftProtocol" raft_protocol: String,
        "Voter" voter: bool,
    }
}
