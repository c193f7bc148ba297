//! The Nodes page. A node's secret is never shown: the servers do not even have it.

pub mod resources;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::shape::shape;
use crate::time::rfc3339;
use resources::{HostNetwork, HostVolume, NodeResources, ReservedResources};

shape! {
    /// A node in a list.
    NodeStub {
        "Address" address: String,
        "Attributes" attributes: Option<BTreeMap<String, String>> = empty,
        "CreateIndex" create_index: u64,
        "Datacenter" datacenter: String,
        "Drain" drain: bool,
        "Drivers" drivers: BTreeMap<String, Driver>,
        "HostVolumes" host_volumes: BTreeMap<String, Value> as BTreeMap<String, HostVolume>,
        "ID" id: String,
        "LastDrain" last_drain: Option<LastDrain>,
        "ModifyIndex" modify_index: u64,
        "Name" name: String,
        "NodeClass" node_class: String,
        "NodePool" node_pool: String,
        "NodeResources" node_resources: Option<Value> as Option<NodeResources> = empty,
        "ReservedResources" reserved_resources: Option<Value> as Option<ReservedResources> = empty,
        "SchedulingEligibility" scheduling_eligibility: String,
        "Status" status: String,
        "StatusDescription" status_description: String,
        "Version" version: String,
    }
    /// A driver of a node.
    Driver {
        "Attributes" attributes: Option<BTreeMap<String, String>>,
        "Detected" detected: bool,
        "HealthDescription" health_description: String,
        "Healthy" healthy: bool,
        "UpdateTime" update_time: String,
    }
    /// A node.
    Node {
        "Attributes" attributes: BTreeMap<String, String>,
        "CSIControllerPlugins" csi_controller_plugins: Option<Value> as Option<()>,
        "CSINodePlugins" csi_node_plugins: Option<Value> as Option<()>,
        "CgroupParent" cgroup_parent: String,
        "ComputedClass" computed_class: String,
        "CreateIndex" create_index: u64,
        "Datacenter" datacenter: String,
        "Drain" drain: bool,
        "DrainStrategy" drain_strategy: Option<DrainStrategy>,
        "Drivers" drivers: BTreeMap<String, Driver>,
        "Events" events: Vec<Event>,
        "GCVolumesOnNodeGC" gc_volumes_on_node_gc: bool,
        "HTTPAddr" http_addr: String,
        "HostNetworks" host_networks: Option<BTreeMap<String, Value>> as Option<BTreeMap<String, HostNetwork>>,
        "HostVolumes" host_volumes: BTreeMap<String, Value> as BTreeMap<String, HostVolume>,
        "ID" id: String,
        "IdentitySigningKeyID" identity_signing_key_id: String,
        "LastAllocUpdateIndex" last_alloc_update_index: u64,
        "LastDrain" last_drain: Option<LastDrain>,
        "LastMissedHeartbeatIndex" last_missed_heartbeat_index: u64,
        "Links" links: BTreeMap<String, String>,
        "Meta" meta: BTreeMap<String, String>,
        "ModifyIndex" modify_index: u64,
        "Name" name: String,
        "NodeClass" node_class: String,
        "NodeMaxAllocs" node_max_allocs: i64,
        "NodePool" node_pool: String,
        "NodeResources" node_resources: Value as NodeResources,
        "ReservedResources" reserved_resources: Value as ReservedResources,
        "SchedulingEligibility" scheduling_eligibility: String,
        "SecretID" secret_id: String,
        "Status" status: String,
        "StatusDescription" status_description: String,
        "StatusUpdatedAt" status_updated_at: i64,
        "TLSEnabled" tls_enabled: bool,
    }
    /// How a node is being drained.
    DrainStrategy {
        "Deadline" deadline: i64,
        "ForceDeadline" force_deadline: String,
        "IgnoreSystemJobs" ignore_system_jobs: bool,
        "StartedAt" started_at: String,
    }
    /// The last drain of a node.
    LastDrain {
        "AccessorID" accessor_id: String,
        "Meta" meta: Option<BTreeMap<String, String>>,
        "StartedAt" started_at: String,
        "Status" status: String,
        "UpdatedAt" updated_at: String,
    }
    /// Something that happened to a node.
    Event {
        "CreateIndex" create_index: u64,
        "Details" details: Option<BTreeMap<String, String>>,
        "Message" message: String,
        "Subsystem" subsystem: String,
        "Timestamp" timestamp: String,
    }
}

impl From<&model::Node> for NodeStub {
    fn from(node: &model::Node) -> Self {
        NodeStub {
            id: node.id.text(),
            name: node.name.clone(),
            address: node.http_addr.rsplit_once(':').map_or("", |(host, _)| host).to_owned(),
            datacenter: node.datacenter.clone(),
            node_class: node.node_class.clone(),
            node_pool: node.node_pool.clone(),
            version: node.attributes.get("nomad.version").cloned().unwrap_or_default(),
            drain: node.drain.is_some(),
            last_drain: node.last_drain.as_ref().map(LastDrain::from),
            scheduling_eligibility: node.eligibility.as_str().to_owned(),
            status: node.status.as_str().to_owned(),
            status_description: node.status_description.clone(),
            drivers: drivers(node),
            host_volumes: host_volumes(node),
            create_index: node.create_index,
            modify_index: node.modify_index,
            ..NodeStub::default()
        }
    }
}

impl NodeStub {
    /// The stub as a list shows it that was asked for what nodes have, or for their systems' names.
    pub fn new(node: &model::Node, resources: bool, os: bool) -> Self {
        let name = || node.attributes.get("os.name").map(|name| ("os.name".to_owned(), name.clone()));
        NodeStub {
            attributes: os.then(|| name().into_iter().collect()),
            node_resources: resources.then(|| node_resources(node)),
            reserved_resources: resources.then(|| reserved_resources(node)),
            ..NodeStub::from(node)
        }
    }
}

impl From<&model::DrainStrategy> for DrainStrategy {
    fn from(drain: &model::DrainStrategy) -> Self {
        DrainStrategy {
            deadline: drain.deadline_ns,
            force_deadline: rfc3339(drain.force_deadline_ns),
            ignore_system_jobs: drain.ignore_system_jobs,
            started_at: rfc3339(drain.started_at_ns),
        }
    }
}

impl From<&model::LastDrain> for LastDrain {
    fn from(drain: &model::LastDrain) -> Self {
        LastDrain {
            accessor_id: drain.accessor_id.clone(),
            meta: (!drain.meta.is_empty()).then(|| drain.meta.clone()),
            started_at: rfc3339(drain.started_at_ns),
            status: drain.status.as_str().to_owned(),
            updated_at: rfc3339(drain.updated_at_ns),
        }
    }
}

impl From<&model::Node> for Node {
    fn from(node: &model::Node) -> Self {
        let event = |event: &model::node::NodeEvent| Event {
            message: event.message.clone(),
            subsystem: event.subsystem.clone(),
            details: (!event.details.is_empty()).then(|| event.details.clone()),
            timestamp: rfc3339(event.time_ns),
            create_index: event.create_index,
        };
        Node {
            id: node.id.text(),
            datacenter: node.datacenter.clone(),
            name: node.name.clone(),
            http_addr: node.http_addr.clone(),
            attributes: node.attributes.clone(),
            node_resources: node_resources(node),
            reserved_resources: reserved_resources(node),
            drain: node.drain.is_some(),
            drain_strategy: node.drain.as_ref().map(DrainStrategy::from),
            last_drain: node.last_drain.as_ref().map(LastDrain::from),
            last_missed_heartbeat_index: node.last_missed_heartbeat_index,
            last_alloc_update_index: node.last_alloc_update_index,
            meta: node.meta.clone(),
            node_class: node.node_class.clone(),
            node_pool: node.node_pool.clone(),
            computed_class: node.computed_class.clone(),
            scheduling_eligibility: node.eligibility.as_str().to_owned(),
            status: node.status.as_str().to_owned(),
            status_description: node.status_description.clone(),
            status_updated_at: node.status_updated_at,
            events: node.events.iter().map(event).collect(),
            drivers: drivers(node),
            host_volumes: host_volumes(node),
            cgroup_parent: node.cgroup_parent.clone(),
            create_index: node.create_index,
            modify_index: node.modify_index,
            ..Node::default()
        }
    }
}

fn host_volumes(node: &model::Node) -> BTreeMap<String, Value> {
    let volume = |volume: &model::node::HostVolume| json!({ "ID": "", "Name": volume.name, "Path": volume.path, "ReadOnly": volume.read_only });
    node.host_volumes.iter().map(|(name, own)| (name.clone(), volume(own))).collect()
}

fn drivers(node: &model::Node) -> BTreeMap<String, Driver> {
    let driver = |info: &model::node::DriverInfo| Driver {
        attributes: (!info.attributes.is_empty()).then(|| info.attributes.clone()),
        detected: info.detected,
        healthy: info.healthy,
        health_description: info.health_description.clone(),
        update_time: rfc3339(info.update_time_ns),
    };
    node.drivers.iter().map(|(name, info)| (name.clone(), driver(info))).collect()
}

fn networks(node: &model::Node) -> Value {
    let network = |network: &model::node::NodeNetwork| {
        json!({
            "Mode": network.mode, "Device": network.device, "CIDR": network.cidr, "IP": network.ip,
            "MBits": network.mbits,
        })
    };
    Value::Array(node.resources.networks.iter().map(network).collect())
}

fn node_resources(node: &model::Node) -> Value {
    let resources = &node.resources;
    let address = |network: &model::node::NodeNetwork| {
        let alias = network.aliases.first().map_or("default", String::as_str);
        let family = if network.ip.contains(':') { "ipv6" } else { "ipv4" };
        json!({
            "Mode": network.mode, "Device": network.device, "Speed": network.mbits, "MacAddress": "",
            "Addresses": [{
                "Alias": alias, "Address": network.ip, "Family": family, "Gateway": "", "ReservedPorts": "",
            }],
        })
    };
    json!({
        "Cpu": {
            "CpuShares": resources.cpu_shares, "TotalCpuCores": resources.cpu_cores,
            "ReservableCpuCores": node.reservable_cores().collect::<Vec<_>>(),
        },
        "Memory": { "MemoryMB": resources.memory_mb },
        "Disk": { "DiskMB": resources.disk_mb },
        "Networks": networks(node),
        "NodeNetworks": resources.networks.iter().map(address).collect::<Vec<_>>(),
        "Devices": devices(node),
        "MinDynamicPort": resources.min_dynamic_port,
        "MaxDynamicPort": resources.max_dynamic_port,
        "Processors": { "Topology": null },
    })
}

fn devices(node: &model::Node) -> Option<Vec<Value>> {
    let instance = |own: &model::node::DeviceInstance| json!({ "ID": own.id, "Healthy": own.healthy, "HealthDescription": "", "Locality": null });
    let device = |device: &model::node::NodeDevice| {
        let attributes = device.attributes.iter().map(|(name, text)| (name, json!({ "String": text })));
        json!({
            "Vendor": device.vendor, "Type": device.kind, "Name": device.name,
            "Attributes": attributes.collect::<BTreeMap<_, _>>(),
            "Instances": device.instances.iter().map(instance).collect::<Vec<_>>(),
        })
    };
    let devices = &node.resources.devices;
    (!devices.is_empty()).then(|| devices.iter().map(device).collect())
}

fn reserved_resources(node: &model::Node) -> Value {
    let ports: Vec<_> = node.reserved.ports.iter().map(u16::to_string).collect();
    json!({
        "Cpu": { "CpuShares": node.reserved.cpu_shares, "ReservedCpuCores": null },
        "Memory": { "MemoryMB": node.reserved.memory_mb },
        "Disk": { "DiskMB": node.reserved.disk_mb },
        "Networks": { "ReservedHostPorts": ports.join(",") },
    })
}
