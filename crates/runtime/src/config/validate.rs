//! What must hold before an agent starts. Every sentence says which key to change.

use super::{Config, EndpointError, ServerJoin};
use std::path::Path;
use thiserror::Error;

/// The first thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValidateError {
    /// Neither server nor client.
    #[error("must specify either server, client or dev mode for the agent")]
    NoRole,
    /// Nothing says where to keep data.
    #[error("must specify \"data_dir\" config option or \"data-dir\" CLI flag")]
    NoDataDir,
    /// A directory is not an absolute path.
    #[error("{key} must be given as an absolute path: got {path}")]
    RelativePath {
        /// The key.
        key: &'static str,
        /// Its value.
        path: String,
    },
    /// `bootstrap_expect` on an agent that is no server.
    #[error("server.bootstrap_expect requires server mode to be enabled")]
    ExpectWithoutServer,
    /// A value outside its range.
    #[error("{key} {problem}")]
    Range {
        /// The key.
        key: &'static str,
        /// What it must be, and is not.
        problem: String,
    },
    /// Asked for on the command line, and not built.
    #[error("{what} is not supported yet")]
    Unsupported {
        /// Block and key, or flag.
        what: String,
    },
    /// An address cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}

impl Config {
    /// Check everything that needs no look at the machine except its own addresses.
    pub fn validate(&self) -> Result<(), ValidateError> {
        if !self.server.enabled && !self.client.enabled {
            return Err(ValidateError::NoRole);
        }
        if self.acl.enabled {
            return Err(ValidateError::Unsupported { what: "acl.enabled".to_owned() });
        }
        self.validate_names()?;
        self.validate_directories()?;
        if self.server.bootstrap_expect > 0 && !self.server.enabled {
            return Err(ValidateError::ExpectWithoutServer);
        }
        if self.server.enabled {
            self.validate_server()?;
        }
        if self.client.enabled {
            self.validate_client()?;
        }
        self.validate_ports()?;
        self.check_endpoints()?;
        Ok(())
    }

    /// Sentences about settings that work but are probably not meant.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let expect = self.server.bootstrap_expect;
        if self.server.enabled && expect.is_multiple_of(2) {
            warnings.push("Number of bootstrap servers should ideally be set to an odd number.".to_owned());
        }
        warnings
    }

    fn validate_names(&self) -> Result<(), ValidateError> {
        let range = |key, problem: &str| Err(ValidateError::Range { key, problem: problem.to_owned() });
        if self.region.is_empty() || self.region.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return range("region", "must be a word without blanks");
        }
        if self.datacenter.is_empty() || self.datacenter.contains(['*', '\0']) {
            return range("datacenter", "must not be empty, nor contain the '*' or NUL character");
        }
        if self.name.contains(|c: char| c.is_control()) || self.name.len() > 253 {
            return range("name", "must be at most 253 characters without control characters");
        }
        if crate::trace::parse_level(&self.log_level).is_none() {
            return range("log_level", "must be one of TRACE, DEBUG, INFO, WARN, ERROR, OFF");
        }
        Ok(())
    }

    fn validate_directories(&self) -> Result<(), ValidateError> {
        let own_directories = (!self.server.enabled || !self.server.data_dir.is_empty())
            && (!self.client.enabled
                || !(self.client.state_dir.is_empty() || self.client.alloc_dir.is_empty()));
        if self.data_dir.is_empty() && !self.dev_mode && !own_directories {
            return Err(ValidateError::NoDataDir);
        }
        for (key, path) in [
            ("data_dir", &self.data_dir),
            ("server.data_dir", &self.server.data_dir),
            ("client.state_dir", &self.client.state_dir),
            ("client.alloc_dir", &self.client.alloc_dir),
        ] {
            if !path.is_empty() && !Path::new(path).is_absolute() {
                return Err(ValidateError::RelativePath { key, path: path.clone() });
            }
        }
        Ok(())
    }

    fn validate_server(&self) -> Result<(), ValidateError> {
        let range = |key, problem: String| Err(ValidateError::Range { key, problem });
        let server = &self.server;
        let timing = server.raft_timing();
        if timing.heartbeat.is_zero() || timing.heartbeat >= timing.election_min {
            return range(
                "server.raft_heartbeat",
                format!("must be above 0 and below raft_election_min, got {:?}", timing.heartbeat),
            );
        }
        if timing.election_min >= timing.election_max {
            return range(
                "server.raft_election_min",
                format!("must be below raft_election_max, got {:?}", timing.election_min),
            );
        }
        if !(1..=10).contains(&server.raft_multiplier) {
            return range(
                "server.raft_multiplier",
                format!("must be 1 to 10, got {}", server.raft_multiplier),
            );
        }
        if server.min_heartbeat_ttl.is_zero() {
            return range("server.min_heartbeat_ttl", "must be above 0".to_owned());
        }
        if server.job_tracked_versions == 0 {
            return range("server.job_tracked_versions", "must be greater than 0".to_owned());
        }
        if !(100..32767).contains(&server.job_max_priority) {
            let got = server.job_max_priority;
            return range("server.job_max_priority", format!("must be 100 to 32766, got {got}"));
        }
        if !(1..=server.job_max_priority).contains(&server.job_default_priority) {
            let (got, max) = (server.job_default_priority, server.job_max_priority);
            return range("server.job_default_priority", format!("must be 1 to {max}, got {got}"));
        }
        for kind in &server.enabled_schedulers {
            if !matches!(kind.as_str(), "service" | "batch" | "system" | "sysbatch" | "_core") {
                return range("server.enabled_schedulers", format!("names an unknown kind of job: {kind}"));
            }
        }
        let algorithm = &server.default_scheduler_config.scheduler_algorithm;
        if algorithm != "binpack" && algorithm != "spread" {
            return range(
                "server.default_scheduler_config.scheduler_algorithm",
                format!("is unknown: {algorithm}"),
            );
        }
        validate_join(&server.join(), "server.server_join")
    }

    fn validate_client(&self) -> Result<(), ValidateError> {
        let range = |key, problem: String| Err(ValidateError::Range { key, problem });
        let client = &self.client;
        let (low, high) = (client.min_dynamic_port, client.max_dynamic_port);
        if low == 0 || high == 0 || low > high {
            return range(
                "client.min_dynamic_port",
                format!("must be 1 to max_dynamic_port, got {low} and {high}"),
            );
        }
        for (key, value) in [
            ("client.gc_disk_usage_threshold", client.gc_disk_usage_threshold),
            ("client.gc_inode_usage_threshold", client.gc_inode_usage_threshold),
        ] {
            if !(0.0..=100.0).contains(&value) {
                return range(key, format!("must be 0 to 100 per cent, got {value}"));
            }
        }
        if client.node_pool == "all" {
            return range(
                "client.node_pool",
                "cannot be \"all\": that pool contains every node already".to_owned(),
            );
        }
        for (name, volume) in &client.host_volume {
            if !Path::new(&volume.path).is_absolute() {
                return range(
                    "client.host_volume",
                    format!("{name:?} needs an absolute path, got {:?}", volume.path),
                );
            }
        }
        for key in client.meta.keys().chain(client.options.keys()) {
            if key.is_empty() {
                return range("client.meta", "has an empty key".to_owned());
            }
        }
        if !self.server.enabled
            && client.servers.is_empty()
            && client.server_join.retry_join.is_empty()
            && client.server_join.start_join.is_empty()
        {
            let problem = "is empty: an agent that is not a server itself must be told of one \
                           (client.servers, client.server_join.retry_join or -servers)";
            return range("client.servers", problem.to_owned());
        }
        validate_join(&client.server_join, "client.server_join")
    }

    fn validate_ports(&self) -> Result<(), ValidateError> {
        let ports =
            [("ports.http", self.ports.http), ("ports.rpc", self.ports.rpc), ("ports.serf", self.ports.serf)];
        for (i, (key, port)) in ports.iter().enumerate() {
            for (other, used) in &ports[..i] {
                if port == used && *port != 0 && self.bind_words_equal(key, other) {
                    return Err(ValidateError::Range {
                        key,
                        problem: format!("is {port}, and so is {other}"),
                    });
                }
            }
        }
        Ok(())
    }

    /// Two endpoints on different addresses may share a port.
    fn bind_words_equal(&self, one: &str, other: &str) -> bool {
        let word = |key: &str| match key {
            "ports.http" => &self.addresses.http,
            "ports.rpc" => &self.addresses.rpc,
            _ => &self.addresses.serf,
        };
        word(one) == word(other)
    }
}

fn validate_join(join: &ServerJoin, key: &'static str) -> Result<(), ValidateError> {
    for address in join.retry_join.iter().chain(&join.start_join) {
        if address.contains("provider=") || address.starts_with("exec=") {
            return Err(ValidateError::Unsupported { what: format!("{key}: cloud auto-join ({address})") });
        }
        if address.trim().is_empty() {
            return Err(ValidateError::Range { key, problem: "contains an empty address".to_owned() });
        }
    }
    if join.retry_interval.is_zero() {
        return Err(ValidateError::Range { key, problem: "has a retry_interval of 0".to_owned() });
    }
    Ok(())
}
