//! What an operator decides about a client agent. Reads no file and no environment: the caller has done that.

use std::collections::BTreeMap;
use std::path::PathBuf;

use model::node::{HostNetwork, HostVolume, ReservedResources};

/// Port on which servers take agents' sessions unless an address names another.
pub const DEFAULT_SERVER_PORT: u16 = 4647;

/// Settings of one client agent.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the agent remembers what it runs and who it is.
    pub state_dir: PathBuf,
    /// Where allocations have their directories.
    pub alloc_dir: PathBuf,
    /// Servers to join, `host` or `host:port`; the port is [`DEFAULT_SERVER_PORT`] unless given, and a name may
    /// stand for many addresses.
    pub servers: Vec<String>,
    /// Name of the node; the host's name when empty.
    pub name: String,
    /// Datacenter of the node.
    pub datacenter: String,
    /// Region of the node.
    pub region: String,
    /// Class of the node; free text.
    pub node_class: String,
    /// Pool of the node.
    pub node_pool: String,
    /// Free metadata, `${meta.KEY}` in job files.
    pub meta: BTreeMap<String, String>,
    /// `host:port` under which this agent's HTTP server is reached.
    pub http_advertise: String,
    /// CPU of the node, MHz, instead of what is measured.
    pub cpu_total_compute: Option<i64>,
    /// Memory of the node, MiB, instead of what is measured.
    pub memory_total_mb: Option<i64>,
    /// Disk of the node, MiB, instead of what is measured.
    pub disk_total_mb: Option<i64>,
    /// What of the node is not for tasks.
    pub reserved: ReservedResources,
    /// Directories that jobs may mount, by name.
    pub host_volumes: BTreeMap<String, HostVolume>,
    /// Named networks that ports can be opened on.
    pub host_networks: BTreeMap<String, HostNetwork>,
    /// Lowest port that the scheduler may choose.
    pub min_dynamic_port: u16,
    /// Highest port that the scheduler may choose.
    pub max_dynamic_port: u16,
    /// Network interface that tasks are reached on; the first with an address unless given.
    pub network_interface: Option<String>,
    /// Offer the `raw_exec` driver, which runs commands without any isolation.
    pub raw_exec_enabled: bool,
    /// Offer the `mock_driver`, which runs nothing.
    pub mock_driver_enabled: bool,
    /// Longest time that a task gets between its kill signal and SIGKILL, ns.
    pub max_kill_timeout_ns: i64,
    /// The program that is run as `<exe> supervisor <spec.json>` for every task.
    pub supervisor_exe: PathBuf,
    /// Development mode: loopback addresses, and tasks end with the agent.
    pub dev: bool,
    /// Version that `${attr.nomad.version}` shows, a plain `x.y.z`.
    pub compat_version: String,
    /// Status updates are gathered for this long before they are sent, ms.
    pub status_gather_ms: u64,
    /// First pause before the servers are tried again, ms; it doubles up to `reconnect_max_ms`.
    pub reconnect_min_ms: u64,
    /// Longest pause before the servers are tried again, ms.
    pub reconnect_max_ms: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            state_dir: PathBuf::from("/var/lib/drover/client"),
            alloc_dir: PathBuf::from("/var/lib/drover/alloc"),
            servers: vec!["127.0.0.1".to_owned()],
            name: String::new(),
            datacenter: "dc1".to_owned(),
            region: "global".to_owned(),
            node_class: String::new(),
            node_pool: "default".to_owned(),
            meta: BTreeMap::new(),
            http_advertise: "127.0.0.1:4646".to_owned(),
            cpu_total_compute: None,
            memory_total_mb: None,
            disk_total_mb: None,
            reserved: ReservedResources::default(),
            host_volumes: BTreeMap::new(),
            host_networks: BTreeMap::new(),
            min_dynamic_port: 20_000,
            max_dynamic_port: 32_000,
            network_interface: None,
            raw_exec_enabled: false,
            mock_driver_enabled: false,
            max_kill_timeout_ns: 30_000_000_000,
            supervisor_exe: PathBuf::from("/proc/self/exe"),
            dev: false,
            compat_version: runtime::COMPAT_VERSION.to_owned(),
            status_gather_ms: 25,
            reconnect_min_ms: 100,
            reconnect_max_ms: 5_000,
        }
    }
}
