//! Host networks: each that a port names has to be on the node.

use model::resources::ports;
use model::{Node, TaskGroup};

/// The reason against a node without a network that the group names.
pub fn reason_against(group: &TaskGroup, node: &Node) -> Option<String> {
    let asked = ports::asked(group).flat_map(|ask| ask.reserved_ports.iter().chain(&ask.dynamic_ports));
    let mut named =
        asked.filter(|port| !["", ports::DEFAULT_HOST_NETWORK].contains(&port.host_network.as_str()));
    let missing = named.find(|port| !offers(node, &port.host_network))?;
    Some(format!("missing host network \"{}\" for port \"{}\"", missing.host_network, missing.label))
}

fn offers(node: &Node, network: &str) -> bool {
    node.resources.networks.iter().any(|own| own.aliases.iter().any(|alias| alias == network))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::job::{NetworkAsk, PortAsk};

    #[test]
    fn a_network_that_is_not_there_is_named_with_its_port() {
        let port = PortAsk { label: "a".into(), host_network: "wan".into(), ..PortAsk::default() };
        let network = NetworkAsk { dynamic_ports: vec![port], ..NetworkAsk::default() };
        let group = TaskGroup { networks: vec![network], ..TaskGroup::default() };
        let reason = reason_against(&group, &Node::default());
        assert_eq!(reason.as_deref(), Some("missing host network \"wan\" for port \"a\""));
    }
}
