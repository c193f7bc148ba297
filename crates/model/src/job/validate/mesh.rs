//! Services in the Consul mesh: sidecars, gateways and exposed checks.

use super::Faults;
use crate::job::connect::{Connect, TransparentProxy};
use crate::job::gateway::{Gateway, Ingress, IngressService, Listener, Terminating};
use crate::job::{Job, Service, Task, TaskGroup};

const PROTOCOLS: [&str; 4] = ["tcp", "http", "http2", "grpc"];
/// Begins the kind of a sidecar's task.
const PROXY_KIND: &str = "connect-proxy:";

impl Job {
    /// Why the servers cannot complete this job, before anything else is looked at: a service is native to the mesh in a
    /// task that is not there.
    pub fn incomplete(&self) -> Option<String> {
        self.task_groups.iter().find_map(|group| {
            let mut natives = group.services.iter().filter(|service| service.is_native());
            let absent = |service: &&Service| {
                let task = &service.task_name;
                !task.is_empty() && !group.tasks.iter().any(|own| own.name == *task)
            };
            natives.find(absent).map(|service| {
                format!(
                    "error in job mutator connect: task {} named by Consul Connect Native service {}->{} does not exist",
                    service.task_name, group.name, service.name
                )
            })
        })
    }

    /// What sidecars and exposed checks need of their group.
    pub(super) fn validate_mesh(&self, faults: &mut Faults) {
        for group in &self.task_groups {
            group.mesh_faults(faults);
        }
        for group in &self.task_groups {
            for service in &group.services {
                let bare = service.connect.as_ref().is_none_or(|connect| connect.sidecar_service.is_none());
                for check in service.checks.iter().filter(|check| check.expose && bare) {
                    faults.add(format!(
                        "exposed service check {}->{}->{} requires use of sidecar_proxy",
                        group.name, service.name, check.name
                    ));
                }
            }
        }
    }
}

impl Service {
    fn is_native(&self) -> bool {
        self.connect.as_ref().is_some_and(|connect| connect.native)
    }

    /// What is wrong with the service's part in the mesh.
    pub(super) fn mesh_faults(&self, faults: &mut Faults) {
        let Some(connect) = &self.connect else { return };
        connect.collect(faults);
        if connect.native && self.task_name.is_empty() {
            faults.add(format!("Service {} is Connect Native and requires setting the task", self.name));
        }
    }
}

impl TaskGroup {
    fn mesh_faults(&self, faults: &mut Faults) {
        let sidecars = self.services.iter().filter(|service| {
            service.connect.as_ref().is_some_and(|connect| connect.sidecar_service.is_some())
        });
        for service in sidecars {
            let name = &self.name;
            match self.networks.as_slice() {
                [network] if network.mode == "bridge" || network.mode.starts_with("cni/") => {}
                [network] => faults.add(format!(
                    "connect sidecar: invalid network mode for Consul Connect: group \"{name}\" uses network mode \
                     \"{}\"; must be \"bridge\" or \"cni/*\"",
                    network.mode
                )),
                networks => faults.add(format!(
                    "connect sidecar: must have exactly one network for Consul Connect: group \"{name}\" has {} \
                     networks",
                    networks.len()
                )),
            }
            if service.name.chars().any(char::is_uppercase) {
                faults.add(format!(
                    "Consul Connect service name \"{}\" in group \"{name}\" must not contain uppercase characters",
                    service.name
                ));
            }
        }
    }
}

impl Task {
    /// A sidecar's task belongs to a service in the mesh.
    pub(super) fn validate_kind(&self, group: &TaskGroup, faults: &mut Faults) {
        let Some(service) = self.kind.strip_prefix(PROXY_KIND) else { return };
        let meshed: Vec<_> = group.services.iter().filter(|own| own.connect.is_some()).collect();
        if meshed.is_empty() {
            faults.add(format!("No Connect services in task group with Connect proxy (\"{service}\")"));
        } else if !meshed.iter().any(|own| own.name == service) {
            faults.add(format!("Connect proxy service name (\"{service}\") not found in Connect services"));
        }
    }
}

impl Connect {
    fn collect(&self, faults: &mut Faults) {
        let parts = [self.native, self.sidecar_service.is_some(), self.gateway.is_some()];
        if parts.iter().filter(|part| **part).count() != 1 {
            faults.add(
                "Consul Connect must be exclusively native, make use of a sidecar, or represent a Gateway",
            );
            return;
        }
        let transparent = self.sidecar_service.as_ref().and_then(|sidecar| sidecar.proxy.as_ref());
        if let Some(proxy) = transparent.and_then(|proxy| proxy.transparent_proxy.as_ref()) {
            proxy.collect(faults);
        }
        if let Some(gateway) = &self.gateway {
            gateway.collect(faults);
        }
    }
}

impl TransparentProxy {
    fn collect(&self, faults: &mut Faults) {
        for cidr in &self.exclude_outbound_cidrs {
            let fault = match cidr.split_once('/') {
                None => "no '/'",
                Some((ip, _)) if ip.parse::<std::net::IpAddr>().is_err() => "unable to parse IP",
                Some((ip, bits)) => {
                    let most = if ip.contains(':') { 128 } else { 32 };
                    match bits.parse::<u8>() {
                        Ok(bits) if bits <= most => continue,
                        Ok(_) => "prefix length out of range",
                        Err(_) => "bad bits after slash",
                    }
                }
            };
            faults.add(format!(
                "could not parse transparent proxy excluded outbound CIDR as network prefix: \
                 netip.ParsePrefix(\"{cidr}\"): {fault}"
            ));
        }
    }
}

impl Gateway {
    fn collect(&self, faults: &mut Faults) {
        let parts = [self.ingress.is_some(), self.terminating.is_some(), self.mesh.is_some()];
        if parts.iter().filter(|part| **part).count() != 1 {
            faults.add("One Consul Gateway Configuration must be set");
            return;
        }
        let first = self.ingress.as_ref().and_then(Ingress::fault);
        faults.0.extend(first.or_else(|| self.terminating.as_ref().and_then(Terminating::fault)));
    }
}

impl Ingress {
    fn fault(&self) -> Option<String> {
        if self.listeners.is_empty() {
            return Some("Consul Ingress Gateway requires at least one listener".to_owned());
        }
        self.listeners.iter().find_map(Listener::fault)
    }
}

impl Listener {
    fn fault(&self) -> Option<String> {
        if self.port <= 0 {
            return Some("Consul Ingress Listener requires valid Port".to_owned());
        }
        if !PROTOCOLS.contains(&self.protocol.as_str()) {
            let known = PROTOCOLS.join(", ");
            let protocol = &self.protocol;
            return Some(format!("Consul Ingress Listener requires protocol of {known}, got \"{protocol}\""));
        }
        if self.services.is_empty() {
            return Some("Consul Ingress Listener requires one or more services".to_owned());
        }
        self.services.iter().find_map(|service| service.fault(&self.protocol))
    }
}

impl IngressService {
    fn fault(&self, protocol: &str) -> Option<String> {
        if self.name.is_empty() {
            return Some("Consul Ingress Service requires a name".to_owned());
        }
        if protocol != "tcp" {
            return None;
        }
        if !self.hosts.is_empty() {
            let text = "Consul Ingress Service doesn't support associating hosts to a service for the \"tcp\" protocol";
            return Some(text.to_owned());
        }
        (self.name == "*")
            .then(|| "Consul Ingress Service doesn't support wildcard name for \"tcp\" protocol".to_owned())
    }
}

impl Terminating {
    fn fault(&self) -> Option<String> {
        if self.services.is_empty() {
            return Some("Consul Terminating Gateway requires at least one service".to_owned());
        }
        let nameless = self.services.iter().any(|service| service.name.is_empty());
        nameless.then(|| "Consul Linked Service requires Name".to_owned())
    }
}
