//! A server as the others know it.

use serde::{Deserialize, Serialize};

/// What a server advertises of itself; carried in the membership, so that every server can list all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Raft id, minted with the data directory and never used again.
    pub id: u64,
    /// Name, unique in the region.
    pub name: String,
    /// Region.
    pub region: String,
    /// Datacenter.
    pub datacenter: String,
    /// `ip:port` of the gRPC service.
    pub rpc_addr: String,
    /// `ip:port` of the HTTP API.
    pub http_addr: String,
    /// Version it runs.
    pub version: String,
    /// Whether it votes. Filled from the membership when members are listed.
    #[serde(default)]
    pub voter: bool,
}
