//! The agent's configuration: what the files and flags say, as types with units.
//!
//! One file per block. Loading refuses what it does not know and what is not built (`unsupported.rs`); it opens no
//! socket and creates no directory. Nothing here changes after the start, except that SIGHUP loads it anew.

mod address;
mod client;
mod decode;
mod duration;
mod endpoint;
mod flags;
mod hcl;
mod join;
mod limits;
mod load;
mod merge;
mod node;
mod plugin;
mod server;
mod telemetry;
mod unsupported;
mod validate;

pub use address::{Addresses, Advertise, Ports};
pub use client::{Client, HostNetwork, HostVolume, Reserved};
pub use endpoint::EndpointError;
pub use flags::Overrides;
pub use join::ServerJoin;
pub use limits::Limits;
pub use load::{Loaded, load, parse, values};
pub use plugin::Plugin;
pub use server::{PreemptionConfig, RaftTiming, SchedulerConfig, Search, Server};
pub use telemetry::Telemetry;
pub use validate::ValidateError;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use thiserror::Error;

/// Everything an agent is told at its start. Serializes to the shape of `config` in `/v1/agent/self`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Config {
    /// Default `global`.
    pub region: String,
    /// Default `dc1`.
    pub datacenter: String,
    /// The agent's name, unique in the region. Default: the host name.
    #[serde(rename(serialize = "NodeName"))]
    pub name: String,
    /// Absolute directory for everything that is kept. Needed unless in development mode.
    pub data_dir: String,
    /// IP address to listen on. Default `0.0.0.0`.
    pub bind_addr: String,
    /// `TRACE`, `DEBUG`, `INFO` (default), `WARN`, `ERROR` or `OFF`, in any case.
    pub log_level: String,
    /// Log lines as JSON.
    pub log_json: bool,
    /// Also append log lines to this file.
    pub log_file: String,
    /// Leave the cluster on SIGINT.
    #[serde(rename(serialize = "LeaveOnInt"))]
    pub leave_on_interrupt: bool,
    /// Leave the cluster on SIGTERM.
    #[serde(rename(serialize = "LeaveOnTerm"))]
    pub leave_on_terminate: bool,
    /// Offer the profiling endpoints.
    pub enable_debug: bool,
    /// Headers added to every answer of the HTTP API.
    #[serde(rename(serialize = "HTTPAPIResponseHeaders"))]
    pub http_api_response_headers: BTreeMap<String, String>,
    /// Ports to listen on.
    pub ports: Ports,
    /// Addresses to listen on.
    pub addresses: Addresses,
    /// Addresses to tell others.
    #[serde(rename(serialize = "AdvertiseAddrs"))]
    pub advertise: Advertise,
    /// The server's settings.
    pub server: Server,
    /// The client agent's settings.
    pub client: Client,
    /// Settings of task drivers, by driver name.
    #[serde(rename(serialize = "Plugins"))]
    pub plugin: BTreeMap<String, Plugin>,
    /// Metrics.
    pub telemetry: Telemetry,
    /// Connection limits.
    pub limits: Limits,
    /// Access control.
    #[serde(rename(serialize = "ACL"))]
    pub acl: Acl,
    /// Whether the agent was started with `-dev`: it keeps nothing beyond its own end.
    #[serde(skip_deserializing)]
    pub dev_mode: bool,
}

/// `acl { enabled }`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Acl {
    /// Always false: access control is not supported yet, and switching it on is an error.
    pub enabled: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            region: "global".to_owned(),
            datacenter: "dc1".to_owned(),
            name: String::new(),
            data_dir: String::new(),
            bind_addr: "0.0.0.0".to_owned(),
            log_level: "INFO".to_owned(),
            log_json: false,
            log_file: String::new(),
            leave_on_interrupt: false,
            leave_on_terminate: false,
            enable_debug: false,
            http_api_response_headers: BTreeMap::new(),
            ports: Ports::default(),
            addresses: Addresses::default(),
            advertise: Advertise::default(),
            server: Server::default(),
            client: Client::default(),
            plugin: BTreeMap::new(),
            telemetry: Telemetry::default(),
            limits: Limits::default(),
            acl: Acl::default(),
            dev_mode: false,
        }
    }
}

impl Config {
    /// The settings of `agent -dev`: server and client on 127.0.0.1 with `raw_exec`.
    pub fn dev() -> Config {
        let mut config = load::decode(&load::dev_tree(), std::path::Path::new("dev.hcl"))
            .expect("dev.hcl is part of the program and a test decodes it");
        config.dev_mode = true;
        config
    }

    /// The agent's name: `name`, or the host name when it is empty.
    pub fn node_name(&self) -> String {
        if !self.name.is_empty() {
            return self.name.clone();
        }
        match nix::unistd::gethostname() {
            Ok(name) if !name.is_empty() => name.to_string_lossy().into_owned(),
            _ => "localhost".to_owned(),
        }
    }

    /// Directory of the server's state: `server.data_dir` or `<data_dir>/server`.
    pub fn server_dir(&self) -> PathBuf {
        self.directory(&self.server.data_dir, "server")
    }

    /// Directory of the client agent's state: `client.state_dir` or `<data_dir>/client`.
    pub fn client_state_dir(&self) -> PathBuf {
        self.directory(&self.client.state_dir, "client")
    }

    /// Directory of the allocations: `client.alloc_dir` or `<data_dir>/alloc`.
    pub fn alloc_dir(&self) -> PathBuf {
        self.directory(&self.client.alloc_dir, "alloc")
    }

    fn directory(&self, set: &str, below: &str) -> PathBuf {
        if set.is_empty() { PathBuf::from(&self.data_dir).join(below) } else { PathBuf::from(set) }
    }

    /// Whether the driver `raw_exec` may be used: its plugin block decides, then the older client option.
    pub fn raw_exec_enabled(&self) -> bool {
        if let Some(enabled) = self.plugin.get("raw_exec").and_then(Plugin::enabled) {
            return enabled;
        }
        let option = self.client.options.get("driver.raw_exec.enable");
        option.is_some_and(|v| matches!(v.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"))
    }
}

/// Why configuration could not be loaded.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file or directory could not be read.
    #[error("reading {}: {source}", .file.display())]
    Read {
        /// The path.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is larger than any configuration is.
    #[error("{}: {size} bytes, more than the {limit} a configuration file may have", .file.display())]
    TooLarge {
        /// The path.
        file: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// More files than anyone writes.
    #[error("more than {limit} configuration files")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// Neither HCL nor JSON.
    #[error("{}:{line}: {message}", .file.display())]
    Syntax {
        /// The path.
        file: PathBuf,
        /// The line, from 1.
        line: u32,
        /// What is wrong.
        message: String,
    },
    /// A key that does not exist.
    #[error("{}: unexpected key {key}{}", place(.file, *.line), in_block(.block))]
    UnknownKey {
        /// The path.
        file: PathBuf,
        /// The line, or 0 when it is not known.
        line: u32,
        /// The key.
        key: String,
        /// The blocks around it, joined by dots; empty at the top.
        block: String,
    },
    /// A value of the wrong type or form.
    #[error("{}: {key}: {message}", place(.file, *.line))]
    Invalid {
        /// The path.
        file: PathBuf,
        /// The line, or 0 when it is not known.
        line: u32,
        /// The key with the blocks around it, joined by dots.
        key: String,
        /// What is wrong.
        message: String,
    },
    /// A block that exists in the original, would change what the agent does, and is not built.
    #[error("{}: {what} is not supported yet", .file.display())]
    Unsupported {
        /// The path.
        file: PathBuf,
        /// Block and key, joined by dots.
        what: String,
    },
}

fn place(file: &std::path::Path, line: u32) -> String {
    if line == 0 { file.display().to_string() } else { format!("{}:{line}", file.display()) }
}

fn in_block(block: &str) -> String {
    if block.is_empty() { String::new() } else { format!(" in block {block}") }
}

#[cfg(test)]
mod tests;
