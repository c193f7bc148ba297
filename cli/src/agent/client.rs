//! From the configuration to a client agent's options.

use super::data_dir::DataDir;
use super::error::AgentError;
use super::sockets::Addresses;
use client_agent::Options;
use model::node::{HostNetwork, HostVolume, ReservedResources};
use runtime::config::{Client, Plugin, Reserved};
use runtime::{COMPAT_VERSION, Config};
use std::collections::{BTreeMap, BTreeSet};

/// Name of the driver that runs nothing, in plugin blocks and client options.
const MOCK: &str = "mock_driver";
/// Client option: tasks end with the agent, as in development mode. For clusters that are thrown away.
pub(crate) const END_TASKS_WITH_AGENT: &str = "drover.end_tasks_with_agent";

/// A client agent's options.
pub(super) fn options(
    config: &Config,
    data_dir: &DataDir,
    addresses: &Addresses,
) -> Result<Options, AgentError> {
    let client = &config.client;
    Ok(Options {
        state_dir: data_dir.client.clone(),
        alloc_dir: data_dir.alloc.clone(),
        servers: servers(config, addresses),
        name: config.node_name(),
        datacenter: config.datacenter.clone(),
        region: config.region.clone(),
        node_class: client.node_class.clone(),
        node_pool: client.node_pool.clone(),
        meta: client.meta.clone(),
        http_advertise: addresses.http_advertise.clone(),
        cpu_total_compute: set(i64::from(client.cpu_total_compute)),
        memory_total_mb: set(i64::try_from(client.memory_total_mb).unwrap_or(i64::MAX)),
        disk_total_mb: set(i64::try_from(client.disk_total_mb).unwrap_or(i64::MAX)),
        reserved: reserved(&client.reserved)?,
        host_volumes: host_volumes(client),
        host_networks: host_networks(client),
        min_dynamic_port: client.min_dynamic_port,
        max_dynamic_port: client.max_dynamic_port,
        network_interface: Some(client.network_interface.clone()).filter(|name| !name.is_empty()),
        raw_exec_enabled: config.raw_exec_enabled(),
        mock_driver_enabled: mock_enabled(config),
        max_kill_timeout_ns: i64::try_from(client.max_kill_timeout.as_nanos()).unwrap_or(i64::MAX),
        supervisor_exe: std::env::current_exe().map_err(AgentError::OwnPath)?,
        dev: config.dev_mode || is_on(client.options.get(END_TASKS_WITH_AGENT)),
        compat_version: COMPAT_VERSION.to_owned(),
        ..Options::default()
    })
}

/// RPC addresses of servers, the one of this process first.
pub(super) fn servers(config: &Config, addresses: &Addresses) -> Vec<String> {
    let client = &config.client;
    let join = &client.server_join;
    let own = addresses.rpc.map(|address| {
        // Every address leads to a server on this machine.
        if address.ip().is_unspecified() {
            format!("127.0.0.1:{}", address.port())
        } else {
            address.to_string()
        }
    });
    own.into_iter()
        .chain(client.servers.iter().cloned())
        .chain(join.start_join.iter().cloned())
        .chain(join.retry_join.iter().cloned())
        .collect()
}

fn set(value: i64) -> Option<i64> {
    (value > 0).then_some(value)
}

/// A `plugin` block alone switches the driver on; `enabled` in it, or the client option, says otherwise.
fn mock_enabled(config: &Config) -> bool {
    match config.plugin.get(MOCK).map(Plugin::enabled) {
        Some(Some(enabled)) => enabled,
        Some(None) => true,
        None => is_on(config.client.options.get("driver.mock_driver.enable")),
    }
}

fn is_on(option: Option<&String>) -> bool {
    option.is_some_and(|text| matches!(text.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"))
}

fn host_volumes(client: &Client) -> BTreeMap<String, HostVolume> {
    let volume = |(name, own): (&String, &runtime::config::HostVolume)| {
        let volume = HostVolume { name: name.clone(), path: own.path.clone(), read_only: own.read_only };
        (name.clone(), volume)
    };
    client.host_volume.iter().map(volume).collect()
}

fn host_networks(client: &Client) -> BTreeMap<String, HostNetwork> {
    let network = |(name, own): (&String, &runtime::config::HostNetwork)| {
        let network = HostNetwork {
            name: name.clone(),
            cidr: own.cidr.clone(),
            interface: own.interface.clone(),
            reserved_ports: own.reserved_ports.clone(),
        };
        (name.clone(), network)
    };
    client.host_network.iter().map(network).collect()
}

fn reserved(reserved: &Reserved) -> Result<ReservedResources, AgentError> {
    Ok(ReservedResources {
        cpu_shares: i64::from(reserved.cpu),
        memory_mb: i64::try_from(reserved.memory).unwrap_or(i64::MAX),
        disk_mb: i64::try_from(reserved.disk).unwrap_or(i64::MAX),
        ports: ports(&reserved.reserved_ports).ok_or_else(|| {
            AgentError::Flag(format!(
                "client.reserved.reserved_ports {:?} is no list of ports and ranges such as 22,8000-8100",
                reserved.reserved_ports
            ))
        })?,
        ..ReservedResources::default()
    })
}

/// Ports of a list such as `22,80,8000-8100`.
fn ports(list: &str) -> Option<BTreeSet<u16>> {
    let mut ports = BTreeSet::new();
    for part in list.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.trim().parse::<u16>().ok()?, last.trim().parse::<u16>().ok()?);
        if first > last {
            return None;
        }
        ports.extend(first..=last);
    }
    Some(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_ports_are_read() {
        assert_eq!(ports("22, 80,8000-8002"), Some(BTreeSet::from([22, 80, 8000, 8001, 8002])));
        assert_eq!(ports(""), Some(BTreeSet::new()));
        assert!(ports("x").is_none() && ports("3-2").is_none() && ports("70000").is_none());
    }

    #[test]
    fn the_mock_driver_is_asked_for() {
        let mut config = Config::default();
        assert!(!mock_enabled(&config));
        config.plugin.insert(MOCK.to_owned(), Plugin::default());
        assert!(mock_enabled(&config));
        config.plugin.clear();
        let options = &mut config.client.options;
        options.insert("driver.mock_driver.enable".to_owned(), "1".to_owned());
        assert!(mock_enabled(&config));
    }
}
