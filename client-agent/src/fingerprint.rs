//! What this host has, as attributes and resources of its node. Read once, when the agent starts.
//!
//! Keys are what `${attr.KEY}` in job files expects.

mod cgroup;
mod cpu;
mod driver;
mod kernel;
pub(crate) mod memory;
mod network;
pub(crate) mod storage;

use std::collections::BTreeMap;

use model::NodeId;
use model::node::{Eligibility, Node, NodeStatus};

use crate::clock::now_ns;
use crate::driver::Drivers;
use crate::options::Options;

/// Attributes by key.
type Attributes = BTreeMap<String, String>;

/// Describes this host as a node.
pub(crate) fn node(options: &Options, id: NodeId, drivers: &Drivers) -> Node {
    let mut node = Node {
        id,
        datacenter: options.datacenter.clone(),
        node_class: options.node_class.clone(),
        node_pool: options.node_pool.clone(),
        meta: options.meta.clone(),
        http_addr: options.http_advertise.clone(),
        reserved: options.reserved.clone(),
        host_volumes: options.host_volumes.clone(),
        host_networks: options.host_networks.clone(),
        status: NodeStatus::Initializing,
        eligibility: Eligibility::Eligible,
        status_updated_at: now_ns() / 1_000_000_000,
        ..Node::default()
    };
    node.resources.min_dynamic_port = options.min_dynamic_port;
    node.resources.max_dynamic_port = options.max_dynamic_port;
    let attributes = &mut node.attributes;
    let hostname = kernel::fingerprint(attributes);
    cpu::fingerprint(options, attributes, &mut node.resources);
    memory::fingerprint(options, attributes, &mut node.resources);
    storage::fingerprint(options, attributes, &mut node.resources);
    network::fingerprint(options, attributes, &mut node.resources);
    node.cgroup_parent = cgroup::fingerprint(attributes);
    driver::fingerprint(drivers, attributes, &mut node.drivers);
    put(attributes, "nomad.version", &options.compat_version);
    put(attributes, "nomad.service_discovery", true);
    put(attributes, "nomad.advertise.address", &options.http_advertise);
    node.name = if options.name.is_empty() { hostname } else { options.name.clone() };
    node.computed_class = model::node::class::computed_class(&node);
    node
}

/// Sets an attribute; nothing is better than an empty one.
fn put(attributes: &mut Attributes, key: &str, value: impl ToString) {
    let value = value.to_string();
    if !value.is_empty() {
        attributes.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_what_every_job_may_ask_for() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            raw_exec_enabled: true,
            mock_driver_enabled: true,
            dev: true,
            alloc_dir: dir.path().to_owned(),
            cpu_total_compute: Some(4321),
            ..Options::default()
        };
        let node = node(&options, NodeId::default(), &Drivers::of_options(&options));
        let expected = [
            "cpu.arch",
            "cpu.numcores",
            "cpu.totalcompute",
            "memory.totalbytes",
            "kernel.name",
            "kernel.version",
            "kernel.arch",
            "os.name",
            "unique.hostname",
            "unique.storage.bytestotal",
            "unique.storage.bytesfree",
            "unique.network.ip-address",
            "nomad.version",
            "nomad.service_discovery",
            "nomad.advertise.address",
            "os.signals",
            "driver.raw_exec",
            "driver.mock_driver",
        ];
        for key in expected {
            assert!(
                node.attributes.get(key).is_some_and(|value| !value.is_empty()),
                "{key}: {:?}",
                node.attributes
            );
        }
        assert_eq!(node.resources.cpu_shares, 4321);
        assert!(node.resources.memory_mb > 0 && node.resources.disk_mb > 0 && !node.name.is_empty());
        assert_eq!(node.resources.networks[0].ip, "127.0.0.1");
        assert!(node.driver_healthy("raw_exec"));
    }
}
