//! What a node has.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What a node has in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct NodeResources {
    /// CPU, MHz over all cores.
    pub cpu_shares: i64,
    /// Cores.
    pub cpu_cores: i64,
    /// Memory, MiB.
    pub memory_mb: i64,
    /// Disk for allocations, MiB.
    pub disk_mb: i64,
    /// Its network devices with an address.
    pub networks: Vec<NodeNetwork>,
    /// Lowest dynamic port.
    pub min_dynamic_port: u16,
    /// Highest dynamic port.
    pub max_dynamic_port: u16,
}

/// One address of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct NodeNetwork {
    /// `host` for addresses of the node itself.
    pub mode: String,
    /// Device name.
    pub device: String,
    /// Address with prefix length.
    pub cidr: String,
    /// Address.
    pub ip: String,
    /// Speed, Mbit/s, for old clients.
    pub mbits: i64,
    /// Names under which job files ask for it; `default` for the first.
    pub aliases: Vec<String>,
}

/// A named network that ports can be opened on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct HostNetwork {
    /// Name.
    pub name: String,
    /// Range that it covers.
    pub cidr: String,
    /// Device.
    pub interface: String,
    /// Ports that are taken on it.
    pub reserved_ports: String,
}

/// What of a node is not for tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct ReservedResources {
    /// CPU, MHz.
    pub cpu_shares: i64,
    /// Memory, MiB.
    pub memory_mb: i64,
    /// Disk, MiB.
    pub disk_mb: i64,
    /// Ports that nobody may have.
    pub ports: BTreeSet<u16>,
}
