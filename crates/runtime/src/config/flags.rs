//! What the command line overrides.
//!
//! Every field is one flag of `agent`; `None` or empty means that the flag was not given. Flags win over files.

use super::Config;
use std::collections::BTreeMap;

/// Flags of `agent` that change the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `-region`.
    pub region: Option<String>,
    /// `-dc`.
    pub datacenter: Option<String>,
    /// `-node`.
    pub name: Option<String>,
    /// `-data-dir`.
    pub data_dir: Option<String>,
    /// `-bind`.
    pub bind_addr: Option<String>,
    /// `-log-level`.
    pub log_level: Option<String>,
    /// `-log-json`.
    pub log_json: Option<bool>,
    /// `-log-file`.
    pub log_file: Option<String>,
    /// `-server`.
    pub server: Option<bool>,
    /// `-client`.
    pub client: Option<bool>,
    /// `-bootstrap-expect`.
    pub bootstrap_expect: Option<u32>,
    /// `-join`, repeated; added to the files' list.
    pub start_join: Vec<String>,
    /// `-retry-join`, repeated; added to the files' list.
    pub retry_join: Vec<String>,
    /// `-servers`, separated by commas; added to the files' list.
    pub servers: Vec<String>,
    /// `-state-dir`.
    pub state_dir: Option<String>,
    /// `-alloc-dir`.
    pub alloc_dir: Option<String>,
    /// `-node-class`.
    pub node_class: Option<String>,
    /// `-node-pool`.
    pub node_pool: Option<String>,
    /// `-meta k=v`, repeated; joined with the files' map.
    pub meta: BTreeMap<String, String>,
    /// `-network-interface`.
    pub network_interface: Option<String>,
    /// `-acl-enabled`.
    pub acl_enabled: Option<bool>,
}

impl Overrides {
    /// Lay the flags over a configuration. Where a joined address goes depends on the agent's role: a server joins
    /// other servers, a client only looks for them.
    pub fn apply(&self, config: &mut Config) {
        let set = |target: &mut String, flag: &Option<String>| {
            if let Some(value) = flag {
                target.clone_from(value);
            }
        };
        set(&mut config.region, &self.region);
        set(&mut config.datacenter, &self.datacenter);
        set(&mut config.name, &self.name);
        set(&mut config.data_dir, &self.data_dir);
        set(&mut config.bind_addr, &self.bind_addr);
        set(&mut config.log_level, &self.log_level);
        set(&mut config.log_file, &self.log_file);
        set(&mut config.client.state_dir, &self.state_dir);
        set(&mut config.client.alloc_dir, &self.alloc_dir);
        set(&mut config.client.node_class, &self.node_class);
        set(&mut config.client.node_pool, &self.node_pool);
        set(&mut config.client.network_interface, &self.network_interface);
        config.log_json = self.log_json.unwrap_or(config.log_json);
        config.server.enabled = self.server.unwrap_or(config.server.enabled);
        config.client.enabled = self.client.unwrap_or(config.client.enabled);
        config.acl.enabled = self.acl_enabled.unwrap_or(config.acl.enabled);
        config.server.bootstrap_expect = self.bootstrap_expect.unwrap_or(config.server.bootstrap_expect);
        let join = if config.server.enabled {
            &mut config.server.server_join
        } else {
            &mut config.client.server_join
        };
        join.start_join.extend(self.start_join.iter().cloned());
        join.retry_join.extend(self.retry_join.iter().cloned());
        config.client.servers.extend(self.servers.iter().cloned());
        config.client.meta.extend(self.meta.iter().map(|(k, v)| (k.clone(), v.clone())));
    }
}
