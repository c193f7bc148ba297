//! A client node: what it has, what it can do, how it is.

pub mod class;
pub mod drain;
pub mod resources;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::eval::named;
use crate::id::NodeId;

pub use drain::{DrainStatus, DrainStrategy, LastDrain};
pub use resources::{
    DeviceInstance, HostNetwork, HostVolume, NodeDevice, NodeNetwork, NodeResources, ReservedResources,
};

named!(
    /// How a node is.
    NodeStatus {
        /// Registered, not yet heard from.
        #[default]
        Initializing = "initializing",
        /// Alive.
        Ready = "ready",
        /// Silent for too long.
        Down = "down",
        /// Silent, but its allocations may wait for it.
        Disconnected = "disconnected",
    }
);

named!(
    /// Whether new work may be placed on a node.
    Eligibility {
        /// It may.
        #[default]
        Eligible = "eligible",
        /// It may not.
        Ineligible = "ineligible",
    }
);

/// What a driver of a node can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct DriverInfo {
    /// It is there.
    pub detected: bool,
    /// It works.
    pub healthy: bool,
    /// Why it does or does not.
    pub health_description: String,
    /// Its attributes, with the prefix `driver.<name>`.
    pub attributes: BTreeMap<String, String>,
    /// Time of the last change, ns since 1970.
    pub update_time_ns: i64,
}

/// Something that happened to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct NodeEvent {
    /// What happened.
    pub message: String,
    /// Which part of the system says so, for example `Cluster`.
    pub subsystem: String,
    /// When, ns since 1970.
    pub time_ns: i64,
    /// Further facts.
    pub details: BTreeMap<String, String>,
    /// Index at which it was recorded.
    pub create_index: u64,
}

/// Events kept for a node.
pub const NODE_EVENTS_MAX: usize = 10;

/// A client node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// SHA-256 of its secret, hex; the secret itself is stored nowhere but on the node.
    pub secret_hash: String,
    /// Datacenter.
    pub datacenter: String,
    /// Name for people.
    pub name: String,
    /// Class given by its operator.
    pub node_class: String,
    /// Pool that it is in.
    pub node_pool: String,
    /// Fingerprinted attributes, such as `kernel.name`.
    pub attributes: BTreeMap<String, String>,
    /// Metadata given by its operator.
    pub meta: BTreeMap<String, String>,
    /// Address of the agent's HTTP server.
    pub http_addr: String,
    /// What it has.
    pub resources: NodeResources,
    /// What of it is not for tasks.
    pub reserved: ReservedResources,
    /// Its drivers by name.
    pub drivers: BTreeMap<String, DriverInfo>,
    /// Networks that ports can be opened on.
    pub host_networks: BTreeMap<String, HostNetwork>,
    /// Directories that jobs may mount, by name.
    pub host_volumes: BTreeMap<String, HostVolume>,
    /// How cgroups are mounted: `v1`, `v2`, `hybrid` or empty.
    pub cgroup_parent: String,
    /// How it is.
    pub status: NodeStatus,
    /// Why it is that way.
    pub status_description: String,
    /// Time of the last change of status, seconds since 1970.
    pub status_updated_at: i64,
    /// Whether it takes new work.
    pub eligibility: Eligibility,
    /// How it is being drained, while it is.
    pub drain: Option<DrainStrategy>,
    /// Its last drain, over or not.
    pub last_drain: Option<LastDrain>,
    /// Index at which it was last found to be silent.
    pub last_missed_heartbeat_index: u64,
    /// Index of the last report of its allocations.
    pub last_alloc_update_index: u64,
    /// The last things that happened to it.
    pub events: Vec<NodeEvent>,
    /// See [`class::computed_class`].
    pub computed_class: String,
    /// Index of its registration.
    pub create_index: u64,
    /// Index of its last change.
    pub modify_index: u64,
}

impl Node {
    /// True when new work may be placed on it.
    pub fn ready(&self) -> bool {
        self.status == NodeStatus::Ready && self.eligibility == Eligibility::Eligible && self.drain.is_none()
    }

    /// True when nothing runs on it as far as the cluster knows.
    pub fn gone(&self) -> bool {
        self.status == NodeStatus::Down
    }

    /// True when nothing has been heard of it for too long: it is down, or its allocations wait for it.
    pub fn silent(&self) -> bool {
        matches!(self.status, NodeStatus::Down | NodeStatus::Disconnected)
    }

    /// True when the driver is there and works.
    pub fn driver_healthy(&self, driver: &str) -> bool {
        self.drivers.get(driver).is_some_and(|info| info.detected && info.healthy)
    }
}
