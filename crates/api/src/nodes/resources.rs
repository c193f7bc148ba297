//! What a node has, what of it is kept back, and where it lends room to allocations.

use std::collections::BTreeMap;

use crate::shape::shape;

shape! {
    /// What a node has.
    NodeResources {
        "Cpu" cpu: NodeCpu,
        "Devices" devices: Option<Vec<NodeDevice>>,
        "Disk" disk: Disk,
        "MaxDynamicPort" max_dynamic_port: u16,
        "Memory" memory: Memory,
        "MinDynamicPort" min_dynamic_port: u16,
        "Networks" networks: Vec<Network>,
        "NodeNetworks" node_networks: Vec<NodeNetwork>,
        "Processors" processors: Processors,
    }
    /// Its processors: MHz, cores, and the cores that tasks may have to themselves.
    NodeCpu {
        "CpuShares" cpu_shares: i64,
        "ReservableCpuCores" reservable_cpu_cores: Vec<u16>,
        "TotalCpuCores" total_cpu_cores: i64,
    }
    /// Memory, MiB.
    Memory { "MemoryMB" memory_mb: i64 }
    /// Room on disk, MiB.
    Disk { "DiskMB" disk_mb: i64 }
    /// How the processors lie to each other, which nothing here asks for.
    Processors { "Topology" topology: Option<()> }
    /// A network, as old clients read it.
    Network {
        "CIDR" cidr: String,
        "Device" device: String,
        "IP" ip: String,
        "MBits" mbits: i64,
        "Mode" mode: String,
    }
    /// A network and its addresses.
    NodeNetwork {
        "Addresses" addresses: Vec<NodeAddress>,
        "Device" device: String,
        "MacAddress" mac_address: String,
        "Mode" mode: String,
        "Speed" speed: i64,
    }
    /// An address of a network.
    NodeAddress {
        "Address" address: String,
        "Alias" alias: String,
        "Family" family: String,
        "Gateway" gateway: String,
        "ReservedPorts" reserved_ports: String,
    }
    /// Devices of one kind.
    NodeDevice {
        "Attributes" attributes: BTreeMap<String, DeviceAttribute>,
        "Instances" instances: Vec<DeviceInstance>,
        "Name" name: String,
        "Type" kind: String,
        "Vendor" vendor: String,
    }
    /// An attribute of a device.
    DeviceAttribute { "String" text: String }
    /// One device.
    DeviceInstance {
        "HealthDescription" health_description: String,
        "Healthy" healthy: bool,
        "ID" id: String,
        "Locality" locality: Option<()>,
    }
    /// What is kept back from allocations.
    ReservedResources { "Cpu" cpu: ReservedCpu, "Disk" disk: Disk, "Memory" memory: Memory, "Networks" networks: ReservedNetworks }
    /// Processors that are kept back.
    ReservedCpu { "CpuShares" cpu_shares: i64, "ReservedCpuCores" reserved_cpu_cores: Option<Vec<u16>> }
    /// Ports that are kept back, as a list of numbers.
    ReservedNetworks { "ReservedHostPorts" reserved_host_ports: String }
    /// A network of the node under a name of its own.
    HostNetwork {
        "CIDR" cidr: String,
        "Interface" interface: String,
        "Name" name: String,
        "ReservedPorts" reserved_ports: String,
    }
    /// A directory of the node that allocations may have.
    HostVolume { "ID" id: String, "Name" name: String, "Path" path: String, "ReadOnly" read_only: bool }
}
