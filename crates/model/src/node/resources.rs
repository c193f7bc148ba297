//! What a node has.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Node;
use crate::resources::used::Instance;

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
    /// Its devices, one entry for each model.
    pub devices: Vec<NodeDevice>,
}

/// Devices of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct NodeDevice {
    /// Who made them.
    pub vendor: String,
    /// What they are, for example `gpu`.
    pub kind: String,
    /// Their model.
    pub name: String,
    /// What is known of them; a quantity is written with its unit, for example `11 GiB`.
    pub attributes: BTreeMap<String, String>,
    /// The devices themselves.
    pub instances: Vec<DeviceInstance>,
}

/// One device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct DeviceInstance {
    /// Its id.
    pub id: String,
    /// It works.
    pub healthy: bool,
}

/// A directory of a node that jobs may mount: `host_volume` of the agent's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct HostVolume {
    /// Name by which jobs ask for it.
    pub name: String,
    /// Where it is.
    pub path: String,
    /// Nobody may write to it.
    pub read_only: bool,
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
    /// Cores that no task may have to itself.
    pub cores: BTreeSet<u16>,
}

impl Node {
    /// Cores that tasks may have to themselves, in ascending order.
    pub fn reservable_cores(&self) -> impl Iterator<Item = u16> {
        let count = u16::try_from(self.resources.cpu_cores.max(0)).unwrap_or(u16::MAX);
        (0..count).filter(|core| !self.reserved.cores.contains(core))
    }

    /// True for one of [`Node::reservable_cores`].
    pub fn reservable_core(&self, core: u16) -> bool {
        i64::from(core) < self.resources.cpu_cores && !self.reserved.cores.contains(&core)
    }

    /// What one core comes to, MHz.
    pub fn core_mhz(&self) -> i64 {
        self.resources.cpu_shares / self.resources.cpu_cores.max(1)
    }

    /// True when it has that instance of a device, working or not.
    pub fn has_instance(&self, wanted: &Instance) -> bool {
        let mut same = self.resources.devices.iter().filter(|device| {
            (&device.vendor, &device.kind, &device.name) == (&wanted.vendor, &wanted.kind, &wanted.name)
        });
        same.any(|device| device.instances.iter().any(|own| own.id == wanted.id))
    }
}
