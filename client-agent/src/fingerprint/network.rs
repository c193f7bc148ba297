//! Addresses on which tasks are reached.

use std::net::IpAddr;

use model::node::{HostNetwork, NodeNetwork, NodeResources};
use model::resources::ports::DEFAULT_HOST_NETWORK;
use sysinfo::{IpNetwork, Networks};

use super::{Attributes, put};
use crate::options::Options;

/// Speed that is told where nobody knows it, Mbit/s; for old clients.
const MBITS: i64 = 1000;

pub(super) fn fingerprint(options: &Options, attributes: &mut Attributes, resources: &mut NodeResources) {
    let networks = Networks::new_with_refreshed_list();
    let mut devices: Vec<(String, Vec<IpNetwork>)> =
        networks.list().iter().map(|(name, data)| (name.clone(), data.ip_networks().to_vec())).collect();
    devices.sort_by(|a, b| a.0.cmp(&b.0));
    let mut chosen = choose(options, devices.clone(), default_device().as_deref());
    if chosen.is_empty() {
        tracing::warn!("no network interface with an address: jobs that ask for ports cannot be placed here");
    }
    if let Some(first) = chosen.first() {
        put(attributes, "unique.network.ip-address", &first.ip);
    }
    for (name, wanted) in &options.host_networks {
        name_addresses(&mut chosen, &devices, name, wanted);
    }
    resources.networks = chosen;
}

/// Gives the addresses of a host network its name; those of other devices are there for those who ask by that name only.
fn name_addresses(
    chosen: &mut Vec<NodeNetwork>,
    devices: &[(String, Vec<IpNetwork>)],
    name: &str,
    wanted: &HostNetwork,
) {
    let of_device = |device: &String| wanted.interface.is_empty() || *device == wanted.interface;
    for (device, addresses) in devices.iter().filter(|(device, _)| of_device(device)) {
        let mine = |address: &&IpNetwork| usable(address) && within(address.addr, &wanted.cidr);
        for address in addresses.iter().filter(mine) {
            let ip = address.addr.to_string();
            if let Some(known) = chosen.iter_mut().find(|network| network.ip == ip) {
                known.aliases.push(name.to_owned());
            } else {
                chosen.push(network(device, address, name));
            }
        }
    }
}

/// True for addresses of a range such as `10.0.0.0/8`; an empty range has all of them.
fn within(address: IpAddr, range: &str) -> bool {
    let Some((base, length)) = range.split_once('/') else {
        return range.is_empty();
    };
    let (Ok(base), Ok(length)) = (base.parse::<IpAddr>(), length.parse::<u32>()) else {
        return false;
    };
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            let different = base.to_bits() ^ address.to_bits();
            length == 0 || different.leading_zeros() >= length
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            let different = base.to_bits() ^ address.to_bits();
            length == 0 || different.leading_zeros() >= length
        }
        _ => false,
    }
}

fn network(device: &str, address: &IpNetwork, alias: &str) -> NodeNetwork {
    NodeNetwork {
        mode: "host".to_owned(),
        device: device.to_owned(),
        cidr: format!("{}/{}", address.addr, address.prefix),
        ip: address.addr.to_string(),
        mbits: MBITS,
        aliases: vec![alias.to_owned()],
    }
}

/// Device of the default route, from `/proc/net/route`.
fn default_device() -> Option<String> {
    let routes = std::fs::read_to_string("/proc/net/route").ok()?;
    let default = routes.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    default.into_iter().find(|fields| fields.get(1) == Some(&"00000000")).map(|fields| fields[0].to_owned())
}

fn choose(
    options: &Options,
    mut devices: Vec<(String, Vec<IpNetwork>)>,
    default_device: Option<&str>,
) -> Vec<NodeNetwork> {
    let loopback = |addresses: &[IpNetwork]| addresses.iter().any(|address| address.addr.is_loopback());
    let wanted = options.network_interface.as_deref().filter(|name| !name.is_empty());
    match wanted {
        Some(name) => devices.retain(|(device, _)| device == name),
        None if options.dev => devices.retain(|(_, addresses)| loopback(addresses)),
        None => {
            devices.retain(|(_, addresses)| !loopback(addresses));
            // The device of the default route first; the others are alternatives, not additions.
            devices.sort_by_key(|(device, _)| Some(device.as_str()) != default_device);
        }
    }
    let device = devices.into_iter().find(|(_, addresses)| addresses.iter().any(usable));
    let Some((device, mut addresses)) = device else {
        return Vec::new();
    };
    addresses.retain(usable);
    addresses.sort_by_key(|address| (address.addr.is_ipv6(), address.addr));
    addresses.iter().map(|address| network(&device, address, DEFAULT_HOST_NETWORK)).collect()
}

/// Link-local addresses mean nothing on another host.
fn usable(address: &IpNetwork) -> bool {
    match address.addr {
        IpAddr::V4(v4) => !v4.is_link_local() && !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_unicast_link_local() && !v6.is_unspecified(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpNetwork {
        IpNetwork { addr: text.parse().unwrap(), prefix: 24 }
    }

    fn ips(options: &Options, default: Option<&str>) -> Vec<String> {
        let devices = vec![
            ("docker0".to_owned(), vec![address("172.17.0.1")]),
            ("eth0".to_owned(), vec![address("fe80::1"), address("fd00::5"), address("10.0.0.5")]),
            ("lo".to_owned(), vec![address("127.0.0.1"), address("::1")]),
        ];
        choose(options, devices, default).into_iter().map(|network| network.ip).collect()
    }

    #[test]
    fn one_device_is_chosen() {
        let plain = Options::default();
        assert_eq!(ips(&plain, Some("eth0")), ["10.0.0.5", "fd00::5"]);
        assert_eq!(ips(&plain, None), ["172.17.0.1"]);
        assert_eq!(ips(&Options { dev: true, ..Options::default() }, Some("eth0")), ["127.0.0.1", "::1"]);
        let named = Options { network_interface: Some("docker0".into()), ..Options::default() };
        assert_eq!(ips(&named, Some("eth0")), ["172.17.0.1"]);
        let absent = Options { network_interface: Some("wlan7".into()), ..Options::default() };
        assert!(ips(&absent, Some("eth0")).is_empty());
    }

    #[test]
    fn host_networks_name_addresses() {
        let devices = vec![("lo".to_owned(), vec![address("127.0.0.1"), address("10.213.0.1")])];
        let mut chosen = choose(&Options { dev: true, ..Options::default() }, devices.clone(), None);
        let mut add = |name: &str, cidr: &str, devices: &[(String, Vec<IpNetwork>)]| {
            let wanted = HostNetwork { cidr: cidr.into(), ..HostNetwork::default() };
            name_addresses(&mut chosen, devices, name, &wanted);
        };
        add("lan", "10.213.0.0/24", &devices);
        add(
            "wan",
            "192.0.2.0/24",
            &[("eth0".to_owned(), vec![address("192.0.2.7"), address("198.51.100.1")])],
        );
        let named: Vec<_> = chosen.iter().map(|own| (own.ip.as_str(), own.aliases.join(","))).collect();
        let expected = [("10.213.0.1", "default,lan"), ("127.0.0.1", "default"), ("192.0.2.7", "wan")];
        assert_eq!(named, expected.map(|(ip, aliases)| (ip, aliases.to_owned())));
    }
}
