//! The `client` block.
//!
//! The keys are the original's. Keys of features that do not exist here (templates, artifacts, chroot) have no field:
//! `unsupported.rs` takes them out of the file first, with an error or a warning.

use super::{duration, join::ServerJoin};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// `client { … }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Client {
    /// Whether this agent runs tasks. Default false.
    pub enabled: bool,
    /// Where the agent remembers its tasks. Default `<data_dir>/client`.
    pub state_dir: String,
    /// Where allocations live. Default `<data_dir>/alloc`.
    pub alloc_dir: String,
    /// `host` or `host:port` (RPC) of servers.
    pub servers: Vec<String>,
    /// How to find servers that `servers` does not name.
    pub server_join: ServerJoin,
    /// A word that constraints can ask for.
    pub node_class: String,
    /// The node pool. Default `default`.
    pub node_pool: String,
    /// Texts that constraints can ask for as `${meta.key}`.
    pub meta: BTreeMap<String, String>,
    /// Internal switches, such as `driver.raw_exec.enable = "1"`.
    pub options: BTreeMap<String, String>,
    /// The interface whose address tasks are told. Default: the one of the default route.
    pub network_interface: String,
    /// Mbit/s of the interface; 0 means: found out.
    pub network_speed: u32,
    /// MHz to offer in place of what was found; 0 means: found out.
    pub cpu_total_compute: u32,
    /// MB to offer in place of what was found; 0 means: found out.
    #[serde(rename(serialize = "MemoryMB"))]
    pub memory_total_mb: u64,
    /// MB of disk to report as total; 0 means: found out.
    #[serde(rename(serialize = "DiskTotalMB"))]
    pub disk_total_mb: u64,
    /// MB of disk to report as free; 0 means: found out.
    #[serde(rename(serialize = "DiskFreeMB"))]
    pub disk_free_mb: u64,
    /// First port of the dynamic range. Default 20000.
    pub min_dynamic_port: u16,
    /// Last port of the dynamic range. Default 32000.
    pub max_dynamic_port: u16,
    /// What the machine keeps for itself.
    pub reserved: Reserved,
    /// Cores that tasks may reserve, such as `0-3,7`. Default: all.
    pub reserveable_cores: String,
    /// Longest `kill_timeout` a task may ask for. Default 30 s.
    #[serde(with = "duration")]
    pub max_kill_timeout: Duration,
    /// Pause between two looks for allocations to collect. Default 1 m.
    #[serde(rename(serialize = "GCInterval"), with = "duration")]
    pub gc_interval: Duration,
    /// Allocations removed at the same time. Default 2.
    #[serde(rename(serialize = "GCParallelDestroys"))]
    pub gc_parallel_destroys: u32,
    /// Per cent of disk use at which finished allocations are removed. Default 80.
    #[serde(rename(serialize = "GCDiskUsageThreshold"))]
    pub gc_disk_usage_threshold: f64,
    /// Per cent of inode use at which finished allocations are removed. Default 70.
    #[serde(rename(serialize = "GCInodeUsageThreshold"))]
    pub gc_inode_usage_threshold: f64,
    /// Allocations, running or not, beyond which finished ones are removed. Default 50.
    #[serde(rename(serialize = "GCMaxAllocs"))]
    pub gc_max_allocs: u32,
    /// Refuse `alloc exec` on this node.
    pub disable_remote_exec: bool,
    /// Directories of the machine that jobs may mount, by name.
    pub host_volume: BTreeMap<String, HostVolume>,
    /// Networks that ports may be bound to, by name.
    pub host_network: BTreeMap<String, HostNetwork>,
    /// Whether ports of `default` are bound on every address.
    pub bind_wildcard_default_host_network: bool,
    /// Parent of the control groups of tasks.
    pub cgroup_parent: String,
    /// Directories with CNI plugins.
    pub cni_path: String,
    /// Directory with CNI configurations.
    pub cni_config_dir: String,
    /// Name of the bridge for `network { mode = "bridge" }`.
    pub bridge_network_name: String,
    /// Its subnet.
    pub bridge_network_subnet: String,
    /// Whether the bridge lets an allocation reach itself through its own published port.
    pub bridge_network_hairpin_mode: bool,
    /// Whether services with `provider = "nomad"` are registered. Default true.
    pub nomad_service_discovery: bool,
    /// Most allocations on this node; 0 for no limit.
    pub node_max_allocs: u32,
}

impl Default for Client {
    fn default() -> Self {
        Client {
            enabled: false,
            state_dir: String::new(),
            alloc_dir: String::new(),
            servers: Vec::new(),
            server_join: ServerJoin::default(),
            node_class: String::new(),
            node_pool: "default".to_owned(),
            meta: BTreeMap::new(),
            options: BTreeMap::new(),
            network_interface: String::new(),
            network_speed: 0,
            cpu_total_compute: 0,
            memory_total_mb: 0,
            disk_total_mb: 0,
            disk_free_mb: 0,
            min_dynamic_port: 20000,
            max_dynamic_port: 32000,
            reserved: Reserved::default(),
            reserveable_cores: String::new(),
            max_kill_timeout: Duration::from_secs(30),
            gc_interval: Duration::from_secs(60),
            gc_parallel_destroys: 2,
            gc_disk_usage_threshold: 80.0,
            gc_inode_usage_threshold: 70.0,
            gc_max_allocs: 50,
            disable_remote_exec: false,
            host_volume: BTreeMap::new(),
            host_network: BTreeMap::new(),
            bind_wildcard_default_host_network: true,
            cgroup_parent: String::new(),
            cni_path: String::new(),
            cni_config_dir: String::new(),
            bridge_network_name: String::new(),
            bridge_network_subnet: String::new(),
            bridge_network_hairpin_mode: false,
            nomad_service_discovery: true,
            node_max_allocs: 0,
        }
    }
}

/// `reserved { … }`: subtracted from what the node offers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Reserved {
    /// MHz.
    #[serde(rename(serialize = "CPU"))]
    pub cpu: u32,
    /// MB.
    #[serde(rename(serialize = "MemoryMB"))]
    pub memory: u64,
    /// MB.
    #[serde(rename(serialize = "DiskMB"))]
    pub disk: u64,
    /// Cores, such as `0-1`.
    pub cores: String,
    /// Ports and ranges, such as `22,80,8000-8100`.
    pub reserved_ports: String,
}

/// `host_volume "name" { path read_only }`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct HostVolume {
    /// Directory on the machine.
    pub path: String,
    /// Whether jobs may only read it.
    pub read_only: bool,
}

/// `host_network "name" { cidr interface reserved_ports }`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct HostNetwork {
    /// Addresses that belong to the network.
    #[serde(rename(serialize = "CIDR"))]
    pub cidr: String,
    /// Interface that belongs to the network.
    pub interface: String,
    /// Ports that are not handed out there.
    pub reserved_ports: String,
}
