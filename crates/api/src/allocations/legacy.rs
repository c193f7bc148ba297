//! What an allocation was given, as clients older than `AllocatedResources` read it.

use std::collections::BTreeMap;

use model::job::{Cni, Dns, Numa, RequestedDevice};
use serde_json::{Value, json};

use crate::shape::shape;

shape! {
    /// Resources of a task, or of an allocation as a whole.
    Resources {
        "CPU" cpu: i64,
        "Cores" cores: i64,
        "Devices" devices: Option<Vec<Value>> as Option<Vec<RequestedDevice>>,
        "DiskMB" disk_mb: i64,
        "IOPS" iops: i64,
        "MemoryMB" memory_mb: i64,
        "MemoryMaxMB" memory_max_mb: i64,
        "NUMA" numa: Option<Value> as Option<Numa>,
        "Networks" networks: Option<Vec<Value>> as Option<Vec<Network>>,
        "SecretsMB" secrets_mb: i64,
    }
    /// The ports that are held of one address.
    Network {
        "CIDR" cidr: String,
        "CNI" cni: Option<Cni>,
        "DNS" dns: Option<Dns>,
        "Device" device: String,
        "DynamicPorts" dynamic_ports: Option<Vec<Port>>,
        "Hostname" hostname: String,
        "IP" ip: String,
        "MBits" mbits: i64,
        "Mode" mode: String,
        "ReservedPorts" reserved_ports: Option<Vec<Port>>,
    }
    /// One of them.
    Port {
        "HostNetwork" host_network: String,
        "IgnoreCollision" ignore_collision: bool,
        "Label" label: String,
        "To" to: i64,
        "Value" value: u16,
    }
}

/// Networks of the ports that an allocation holds: one for each address.
pub(super) fn networks(alloc: &model::Allocation) -> Option<Vec<Value>> {
    let asked = alloc.group().map(|group| group.networks.as_slice()).unwrap_or_default();
    let fixed = |label: &str| {
        asked.iter().any(|network| network.reserved_ports.iter().any(|port| port.label == label))
    };
    let mut by_address: BTreeMap<&str, [Vec<Value>; 2]> = BTreeMap::new();
    for port in &alloc.resources.ports {
        let shown = json!({
            "Label": port.label, "Value": port.value, "To": port.to, "HostNetwork": "default",
            "IgnoreCollision": false,
        });
        let [reserved, dynamic] = by_address.entry(&port.host_ip).or_default();
        if fixed(&port.label) { reserved } else { dynamic }.push(shown);
    }
    let list = |ports: Vec<Value>| (!ports.is_empty()).then_some(ports);
    let network = |(ip, [reserved, dynamic]): (&str, [Vec<Value>; 2])| {
        json!({
            "Mode": "host", "Device": "", "CIDR": "", "IP": ip, "Hostname": "", "MBits": 0, "DNS": null,
            "ReservedPorts": list(reserved), "DynamicPorts": list(dynamic), "CNI": null,
        })
    };
    (!by_address.is_empty()).then(|| by_address.into_iter().map(network).collect())
}

fn of_task(given: &model::resources::TaskResources) -> Resources {
    Resources {
        cpu: given.cpu_shares,
        memory_mb: given.memory_mb,
        memory_max_mb: given.memory_max_mb,
        ..Resources::default()
    }
}

/// Everything together.
pub(super) fn of_alloc(alloc: &model::Allocation) -> Resources {
    let sum =
        |get: fn(&model::resources::TaskResources) -> i64| alloc.resources.tasks.values().map(get).sum();
    Resources {
        cpu: sum(|task| task.cpu_shares),
        memory_mb: sum(|task| task.memory_mb),
        memory_max_mb: sum(|task| task.memory_max_mb),
        ..shared(alloc)
    }
}

/// What the tasks share.
pub(super) fn shared(alloc: &model::Allocation) -> Resources {
    Resources { disk_mb: alloc.resources.disk_mb, networks: networks(alloc), ..Resources::default() }
}

/// What each task has to itself.
pub(super) fn by_task(alloc: &model::Allocation) -> BTreeMap<String, Resources> {
    alloc.resources.tasks.iter().map(|(name, given)| (name.clone(), of_task(given))).collect()
}
