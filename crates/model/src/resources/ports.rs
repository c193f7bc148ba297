//! Which ports of a node a group gets.

use std::sync::Arc;

use super::fit::Dimension;
use super::used::{put, take};
use super::{AllocatedPort, AllocatedResources};
use crate::job::{NetworkAsk, PortAsk, TaskGroup};
use crate::node::{Node, NodeNetwork};

/// Name of the host network that a port without one is opened on.
pub const DEFAULT_HOST_NETWORK: &str = "default";
/// Dynamic ports of a node that says nothing of them.
const DYNAMIC_PORTS: (u16, u16) = (20_000, 32_000);

/// Ports that allocations hold on a node, by address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortsInUse {
    /// In the order of addresses; ports in ascending order, one that is held twice is there twice.
    by_ip: Vec<(Arc<str>, Vec<u16>)>,
}

/// Networks that a group and its tasks ask for.
pub fn asked(group: &TaskGroup) -> impl Iterator<Item = &NetworkAsk> {
    group.networks.iter().chain(group.tasks.iter().flat_map(|task| &task.resources.networks))
}

impl PortsInUse {
    /// Counts an allocation's ports as used.
    pub fn take(&mut self, resources: &AllocatedResources) {
        for port in &resources.ports {
            let at = self.by_ip.partition_point(|(ip, _)| **ip < *port.host_ip);
            if self.by_ip.get(at).is_none_or(|(ip, _)| **ip != *port.host_ip) {
                self.by_ip.insert(at, (port.host_ip.as_str().into(), Vec::new()));
            }
            put(&mut self.by_ip[at].1, port.value);
        }
    }

    /// Counts an allocation's ports as free again.
    pub fn give_back(&mut self, resources: &AllocatedResources) {
        for port in &resources.ports {
            if let Ok(at) = self.find(&port.host_ip) {
                take(&mut self.by_ip[at].1, &port.value);
                if self.by_ip[at].1.is_empty() {
                    self.by_ip.remove(at);
                }
            }
        }
    }

    fn find(&self, ip: &str) -> Result<usize, usize> {
        self.by_ip.binary_search_by(|(other, _)| (**other).cmp(ip))
    }

    /// True when allocations leave it free; what the node reserves is another question.
    pub fn free(&self, ip: &str, port: u16) -> bool {
        self.find(ip).map_or(true, |at| self.by_ip[at].1.binary_search(&port).is_err())
    }

    /// Chooses ports for what a group and its tasks ask, or says what stands in the way. `seed` decides where the
    /// search for dynamic ports starts, so that two plans made at once rarely choose the same ones.
    pub fn assign(&self, node: &Node, group: &TaskGroup, seed: u64) -> Result<Vec<AllocatedPort>, Dimension> {
        bandwidth(node, group)?;
        let mut search = Search { used: self, node, chosen: Vec::new() };
        for port in asked(group).flat_map(|ask| &ask.reserved_ports) {
            let port = search.fixed(port)?;
            search.chosen.push(port);
        }
        for (number, port) in asked(group).flat_map(|ask| &ask.dynamic_ports).enumerate() {
            let start = seed.wrapping_add((number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let port = search.dynamic(port, start)?;
            search.chosen.push(port);
        }
        Ok(search.chosen)
    }
}

/// Old jobs ask for bandwidth in their tasks' networks; only a device that is too slow altogether stands in the way.
fn bandwidth(node: &Node, group: &TaskGroup) -> Result<(), Dimension> {
    let asked: i64 =
        group.tasks.iter().flat_map(|task| &task.resources.networks).map(|network| network.mbits).sum();
    let fastest = host_networks(node).map(|network| network.mbits).max().unwrap_or(0);
    match asked > 0 && asked > fastest {
        true => Err(Dimension::Network("bandwidth exceeded".to_owned())),
        false => Ok(()),
    }
}

struct Search<'a> {
    used: &'a PortsInUse,
    node: &'a Node,
    chosen: Vec<AllocatedPort>,
}

impl Search<'_> {
    fn free(&self, network: &NodeNetwork, port: u16) -> bool {
        self.used.free(&network.ip, port)
            && !self.chosen.iter().any(|other| other.host_ip == network.ip && other.value == port)
            && !reserved(self.node, network, port)
    }

    fn fixed(&self, ask: &PortAsk) -> Result<AllocatedPort, Dimension> {
        let Ok(wanted) = u16::try_from(ask.value) else {
            return Err(Dimension::Network(format!("invalid port {} (out of range)", ask.value)));
        };
        let mut addresses = addresses(self.node, &ask.host_network).peekable();
        if addresses.peek().is_none() {
            return Err(no_address(ask));
        }
        addresses
            .find(|network| ask.ignore_collision || self.free(network, wanted))
            .map(|network| given(ask, wanted, &network.ip))
            .ok_or_else(|| Dimension::Network(format!("reserved port collision {}={wanted}", ask.label)))
    }

    fn dynamic(&self, ask: &PortAsk, start: u64) -> Result<AllocatedPort, Dimension> {
        let resources = &self.node.resources;
        let (low, high) = match (resources.min_dynamic_port, resources.max_dynamic_port) {
            (0, 0) => DYNAMIC_PORTS,
            range => range,
        };
        let span = u64::from(high.saturating_sub(low)) + 1;
        let mut seen_address = false;
        for network in addresses(self.node, &ask.host_network) {
            seen_address = true;
            let mut ports = (0..span).map(|step| low + ((start.wrapping_add(step)) % span) as u16);
            if let Some(port) = ports.find(|&port| self.free(network, port)) {
                return Ok(given(ask, port, &network.ip));
            }
        }
        if !seen_address {
            return Err(no_address(ask));
        }
        Err(Dimension::Network("dynamic port selection failed".to_owned()))
    }
}

/// True when the node, or one of its named networks, keeps a port for itself.
fn reserved(node: &Node, network: &NodeNetwork, port: u16) -> bool {
    let named = network.aliases.iter().filter_map(|alias| node.host_networks.get(alias));
    node.reserved.ports.contains(&port)
        || named.into_iter().any(|own| !own.reserved_ports.is_empty() && listed(&own.reserved_ports, port))
}

/// True when a list such as `22,8500-8502` names a port.
fn listed(list: &str, port: u16) -> bool {
    list.split(',').any(|item| {
        let (low, high) = item.split_once('-').unwrap_or((item, item));
        let number = |text: &str| text.trim().parse::<u16>().ok();
        number(low).zip(number(high)).is_some_and(|(low, high)| (low..=high).contains(&port))
    })
}

fn host_networks(node: &Node) -> impl Iterator<Item = &NodeNetwork> {
    node.resources.networks.iter().filter(|network| network.mode == "host")
}

fn addresses<'a>(node: &'a Node, host_network: &'a str) -> impl Iterator<Item = &'a NodeNetwork> {
    let wanted = if host_network.is_empty() { DEFAULT_HOST_NETWORK } else { host_network };
    host_networks(node).filter(move |network| network.aliases.iter().any(|alias| alias == wanted))
}

fn given(ask: &PortAsk, value: u16, ip: &str) -> AllocatedPort {
    let to = if ask.to == -1 { i64::from(value) } else { ask.to };
    let shared = ask.ignore_collision && ask.value != 0;
    AllocatedPort { label: ask.label.clone(), value, to, host_ip: ip.to_owned(), shared }
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

    fn group(ask: NetworkAsk) -> TaskGroup {
        TaskGroup { networks: vec![ask], ..TaskGroup::default() }
    }

    fn fixed(port: PortAsk) -> TaskGroup {
        group(NetworkAsk { reserved_ports: vec![port], ..NetworkAsk::default() })
    }

    fn taking(ports: Vec<AllocatedPort>) -> PortsInUse {
        let mut used = PortsInUse::default();
        used.take(&AllocatedResources { ports, ..AllocatedResources::default() });
        used
    }

    #[test]
    fn dynamic_ports_differ_and_run_out() {
        let ask = |labels: &[&str]| {
            let dynamic_ports = labels.iter().map(|l| dynamic(l)).collect();
            group(NetworkAsk { dynamic_ports, ..NetworkAsk::default() })
        };
        let used = PortsInUse::default();
        let two = used.assign(&node(), &ask(&["a", "b"]), 7).unwrap();
        assert_ne!(two[0].value, two[1].value);
        assert!(used.assign(&node(), &ask(&["a", "b", "c"]), 7).is_err());
    }

    #[test]
    fn a_static_port_is_given_once() {
        let web = PortAsk { label: "web".into(), value: 80, ..PortAsk::default() };
        let ports = PortsInUse::default().assign(&node(), &fixed(web.clone()), 0).unwrap();
        let used = taking(ports);
        let error = used.assign(&node(), &fixed(web.clone()), 0).unwrap_err();
        assert_eq!(error.to_string(), "network: reserved port collision web=80");
        let careless = PortAsk { ignore_collision: true, ..web };
        assert!(used.assign(&node(), &fixed(careless), 0).unwrap()[0].shared);
    }

    #[test]
    fn reserved_ports_are_nobodys() {
        let mut node = node();
        node.reserved.ports = [8500].into();
        let lan = crate::node::HostNetwork { reserved_ports: "22,9100-9102".into(), ..Default::default() };
        node.host_networks.insert("default".into(), lan);
        let ask = |value| fixed(PortAsk { value, ..PortAsk::default() });
        let taken = |value| PortsInUse::default().assign(&node, &ask(value), 0).is_err();
        assert!(taken(8500) && taken(22) && taken(9101) && !taken(9103));
    }

    #[test]
    fn a_task_cannot_have_more_bandwidth_than_there_is() {
        let resources = crate::job::Resources {
            networks: vec![NetworkAsk { mbits: 100_000, ..NetworkAsk::default() }],
            ..Default::default()
        };
        let task = crate::job::Task { resources, ..Default::default() };
        let group = TaskGroup { tasks: vec![task], ..TaskGroup::default() };
        let error = PortsInUse::default().assign(&node(), &group, 0).unwrap_err();
        assert_eq!(error.to_string(), "network: bandwidth exceeded");
    }
}
