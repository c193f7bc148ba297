//! The blocks that say where an agent listens and what it tells others: `ports`, `addresses`, `advertise`.
//!
//! Only the words of the file are kept here; turning them into socket addresses is `endpoint.rs`.

use serde::{Deserialize, Serialize};

/// `ports { http rpc serf }`: TCP (and for serf UDP) ports. 0 lets the kernel choose a free port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Ports {
    /// The HTTP API. Default 4646.
    #[serde(rename(serialize = "HTTP"))]
    pub http: u16,
    /// Between servers and agents (gRPC). Default 4647.
    #[serde(rename(serialize = "RPC"))]
    pub rpc: u16,
    /// Membership. Default 4648.
    pub serf: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Ports { http: 4646, rpc: 4647, serf: 4648 }
    }
}

/// `addresses { http rpc serf }`: IP addresses to listen on instead of `bind_addr`; empty means `bind_addr`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Addresses {
    /// The HTTP API; several addresses are separated by blanks.
    #[serde(rename(serialize = "HTTP"))]
    pub http: String,
    /// RPC.
    #[serde(rename(serialize = "RPC"))]
    pub rpc: String,
    /// Membership.
    pub serf: String,
}

/// `advertise { http rpc serf }`: `host` or `host:port` that others reach this agent at; empty means: found out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Advertise {
    /// The HTTP API.
    #[serde(rename(serialize = "HTTP"))]
    pub http: String,
    /// RPC.
    #[serde(rename(serialize = "RPC"))]
    pub rpc: String,
    /// Membership.
    pub serf: String,
}
