//! Which ports of a node a group gets.

use std::collections::{BTreeMap, BTreeSet};

use super::fit::Dimension;
use super::{AllocatedPort, AllocatedResources};
use crate::job::{NetworkAsk, PortAsk};
use crate::node::Node;

/// Name of the host network that a port without one is opened on.
pub const DEFAULT_HOST_NETWORK: &str = "default";

/// Ports in use on a node, by address.
#[derive(Debug, Clone, Default)]
pub struct PortsInUse {
    by_ip: BTreeMap<String, BTreeSet<u16>>,
}

impl PortsInUse {
    /// Nothing in use but what the node reserves.
    pub fn of_node(node: &Node) -> Self {
        let mut used = PortsInUse::default();
        if !node.reserved.ports.is_empty() {
            for network in &node.resources.networks {
                used.by_ip.entry(network.ip.clone()).or_default().extend(&node.reserved.ports);
            }
        }
        used
    }

    /// Counts an allocation's ports as used.
    pub fn take(&mut self, resources: &AllocatedResources) {
        for port in &resources.ports {
            self.by_ip.entry(port.host_ip.clone()).or_default().insert(port.value);
        }
    }

    fn free(&self, ip: &str, port: u16) -> bool {
        self.by_ip.get(ip).is_none_or(|used| !used.contains(&port))
    }

    /// Chooses ports for what a group asks, or says what stands in the way. `seed` decides where the search for
    /// dynamic ports starts, so that two plans made at once rarely choose the same ones.
    pub fn assign(
        &self,
        node: &Node,
        asks: &[NetworkAsk],
        seed: u64,
    ) -> Result<Vec<AllocatedPort>, Dimension> {
        let mut chosen: Vec<AllocatedPort> = Vec::new();
        for ask in asks {
            for port in &ask.reserved_ports {
                chosen.push(self.assign_static(node, port, &chosen)?);
            }
        }
        for (number, port) in asks.iter().flat_map(|ask| &ask.dynamic_ports).enumerate() {
            let start = seed.wrapping_add((number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            chosen.push(self.assign_dynamic(node, port, &chosen, start)?);
        }
        Ok(chosen)
    }

    fn assign_static(
        &self,
        node: &Node,
        ask: &PortAsk,
        chosen: &[AllocatedPort],
    ) -> Result<AllocatedPort, Dimension> {
        let Ok(wanted) = u16::try_from(ask.value) else {
            return Err(Dimension::Network(format!("invalid port {} (out of range)", ask.value)));
        };
        let mut addresses = addresses(node, &ask.host_network).peekable();
        if addresses.peek().is_none() {
            return Err(no_address(ask));
        }
        addresses
            .find(|ip| {
                self.free(ip, wanted)
                    && !chosen.iter().any(|port| port.host_ip == *ip && port.value == wanted)
            })
            .map(|ip| given(ask, wanted, ip))
            .ok_or_else(|| Dimension::Network(format!("reserved port collision {}={wanted}", ask.label)))
    }

    fn assign_dynamic(
        &self,
        node: &Node,
        ask: &PortAsk,
        chosen: &[AllocatedPort],
        start: u64,
    ) -> Result<AllocatedPort, Dimension> {
        let (low, high) = (node.resources.min_dynamic_port, node.resources.max_dynamic_port);
        let span = u64::from(high.saturating_sub(low)) + 1;
        let mut seen_address = false;
        for ip in addresses(node, &ask.host_network) {
            seen_address = true;
            let free = (0..span).map(|step| low + ((start.wrapping_add(step)) % span) as u16).find(|&port| {
                self.free(ip, port) && !chosen.iter().any(|other| other.host_ip == ip && other.value == port)
            });
            if let Some(port) = free {
                return Ok(given(ask, port, ip));
            }
        }
        if !seen_address {
            return Err(no_address(ask));
        }
        Err(Dimension::Network("dynamic port selection failed".to_owned()))
    }
}

fn addresses<'a>(node: &'a Node, host_network: &'a str) -> impl Iterator<Item = &'a str> {
    let wanted = if host_network.is_empty() { DEFAULT_HOST_NETWORK } else { host_network };
    let networks = node.resources.networks.iter().filter(|network| network.mode == "host");
    networks
        .filter(move |network| network.aliases.iter().any(|alias| alias == wanted))
        .map(|network| network.ip.as_str())
}

fn given(ask: &PortAsk, value: u16, ip: &str) -> AllocatedPort {
    let to = if ask.to == -1 { i64::from(value) } else { ask.to };
    AllocatedPort { label: ask.label.clone(), value, to, host_ip: ip.to_owned() }
}

fn no_address(ask: &PortAsk) -> Dimension {
    let network = if ask.host_network.is_empty() { DEFAULT_HOST_NETWORK } else { &ask.host_network };
    Dimension::Network(format!("no addresses available for \"{network}\" network"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::{NodeNetwork, NodeResources};

    fn node() -> Node {
        let network = NodeNetwork {
            mode: "host".into(),
            ip: "10.0.0.1".into(),
            aliases: vec!["default".into()],
            ..NodeNetwork::default()
        };
        let resources = NodeResources {
            networks: vec![network],
            min_dynamic_port: 20_000,
            max_dynamic_port: 20_001,
            ..Default::default()
        };
        Node { resources, ..Node::default() }
    }

    fn dynamic(label: &str) -> PortAsk {
        PortAsk { label: label.into(), ..PortAsk::default() }
    }

    #[test]
    fn dynamic_ports_differ_and_run_out() {
        let ask = |labels: &[&str]| {
            vec![NetworkAsk {
                dynamic_ports: labels.iter().map(|l| dynamic(l)).collect(),
                ..NetworkAsk::default()
            }]
        };
        let used = PortsInUse::of_node(&node());
        let two = used.assign(&node(), &ask(&["a", "b"]), 7).unwrap();
        assert_ne!(two[0].value, two[1].value);
        assert!(used.assign(&node(), &ask(&["a", "b", "c"]), 7).is_err());
    }

    #[test]
    fn a_static_port_is_given_once() {
        let ask = vec![NetworkAsk {
            reserved_ports: vec![PortAsk { label: "web".into(), value: 80, ..PortAsk::default() }],
            ..NetworkAsk::default()
        }];
        let mut used = PortsInUse::of_node(&node());
        let ports = used.assign(&node(), &ask, 0).unwrap();
        used.take(&AllocatedResources { ports, ..AllocatedResources::default() });
        let error = used.assign(&node(), &ask, 0).unwrap_err();
        assert_eq!(error.to_string(), "network: reserved port collision web=80");
    }
}
