//! `agent`: the flags that override the configuration files.

use clap::Args;
use runtime::config::Overrides;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Flags of `agent`.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct AgentArgs {
    /// Start in development mode: a server and a client on 127.0.0.1 that keep nothing beyond their end
    #[arg(long)]
    pub dev: bool,
    /// Development mode with Consul Connect (not supported yet)
    #[arg(long)]
    pub dev_connect: bool,
    /// A configuration file, or a directory whose *.hcl and *.json files are read in order. May be repeated; later
    /// values override earlier ones
    #[arg(long, value_name = "path")]
    pub config: Vec<PathBuf>,
    /// The address the agent listens on
    #[arg(long, value_name = "addr")]
    pub bind: Option<String>,
    /// Run as a client
    #[arg(long)]
    pub client: Option<bool>,
    /// Run as a server
    #[arg(long)]
    pub server: Option<bool>,
    /// The number of servers to wait for before the first cluster is made
    #[arg(long, value_name = "num")]
    pub bootstrap_expect: Option<u32>,
    /// The directory for everything that is kept
    #[arg(long, value_name = "path")]
    pub data_dir: Option<String>,
    /// The datacenter of this agent
    #[arg(long, value_name = "datacenter")]
    pub dc: Option<String>,
    /// The region of this agent
    #[arg(long, value_name = "region")]
    pub region: Option<String>,
    /// The name of this agent. Default: the host name
    #[arg(long, value_name = "name")]
    pub node: Option<String>,
    /// The class of the node, for constraints
    #[arg(long, value_name = "class")]
    pub node_class: Option<String>,
    /// The node pool of the node
    #[arg(long, value_name = "pool")]
    pub node_pool: Option<String>,
    /// key=value that constraints can ask for. May be repeated
    #[arg(long, value_name = "key=value")]
    pub meta: Vec<String>,
    /// Address of an agent to join at the start. May be repeated
    #[arg(long, value_name = "address")]
    pub join: Vec<String>,
    /// Address of an agent to join, tried until it answers. May be repeated
    #[arg(long, value_name = "address")]
    pub retry_join: Vec<String>,
    /// Gossip encryption key (not supported yet)
    #[arg(long, value_name = "key")]
    pub encrypt: Option<String>,
    /// TRACE, DEBUG, INFO, WARN, ERROR or OFF. Default INFO
    #[arg(long, value_name = "level")]
    pub log_level: Option<String>,
    /// Log lines as JSON
    #[arg(long)]
    pub log_json: Option<bool>,
    /// Append log lines to this file too
    #[arg(long, value_name = "path")]
    pub log_file: Option<String>,
    /// Accepted without effect: drivers are built in
    #[arg(long, value_name = "path")]
    pub plugin_dir: Option<String>,
    /// Addresses of servers, separated by commas
    #[arg(long, value_name = "host:port")]
    pub servers: Vec<String>,
    /// The directory of the client's state
    #[arg(long, value_name = "path")]
    pub state_dir: Option<String>,
    /// The directory of the allocations
    #[arg(long, value_name = "path")]
    pub alloc_dir: Option<String>,
    /// The network interface whose address tasks are told
    #[arg(long, value_name = "name")]
    pub network_interface: Option<String>,
    /// Enable access control (not supported yet)
    #[arg(long)]
    pub acl_enabled: Option<bool>,
}

impl AgentArgs {
    /// The flags as overrides of the configuration. The error is a sentence about a flag.
    pub fn overrides(&self) -> Result<Overrides, String> {
        for (given, flag) in [(self.dev_connect, "-dev-connect"), (self.encrypt.is_some(), "-encrypt")] {
            if given {
                return Err(format!("{flag} is not supported yet"));
            }
        }
        let mut meta = BTreeMap::new();
        for pair in &self.meta {
            match pair.split_once('=') {
                Some((key, value)) if !key.is_empty() => meta.insert(key.to_owned(), value.to_owned()),
                _ => return Err(format!("Error parsing Client.Meta value: {pair}")),
            };
        }
        let servers = self.servers.iter().flat_map(|list| list.split(',')).map(str::trim);
        Ok(Overrides {
            region: self.region.clone(),
            datacenter: self.dc.clone(),
            name: self.node.clone(),
            data_dir: self.data_dir.clone(),
            bind_addr: self.bind.clone(),
            log_level: self.log_level.clone(),
            log_json: self.log_json,
            log_file: self.log_file.clone(),
            server: self.server,
            client: self.client,
            bootstrap_expect: self.bootstrap_expect,
            start_join: self.join.clone(),
            retry_join: self.retry_join.clone(),
            servers: servers.filter(|s| !s.is_empty()).map(str::to_owned).collect(),
            state_dir: self.state_dir.clone(),
            alloc_dir: self.alloc_dir.clone(),
            node_class: self.node_class.clone(),
            node_pool: self.node_pool.clone(),
            meta,
            network_interface: self.network_interface.clone(),
            acl_enabled: self.acl_enabled,
        })
    }
}
