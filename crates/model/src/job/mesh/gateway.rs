//! Gateways of the mesh: the task that each one brings along, and what its proxy listens on.

use super::{SidecarTask, add_port, apply, envoy};
use crate::job::TaskGroup;
use crate::job::canonicalize::SECOND_NS;
use crate::job::gateway::{BindAddress, Gateway, GatewayProxy};
use crate::wire::{Map, Ns};

const EVERYWHERE: &str = "0.0.0.0";
const GATEWAY_IMAGE: &str = "${meta.connect.gateway_image}";

impl TaskGroup {
    /// Adds the task of every gateway, and fills its proxy, unless they are there already.
    pub(super) fn add_gateways(&mut self) {
        let bridged = self.networks.first().is_some_and(|network| network.mode == "bridge");
        let mut wanted: Vec<(&str, String, Option<SidecarTask>)> = Vec::new();
        for service in &mut self.services {
            let Some(connect) = &mut service.connect else { continue };
            let Some(gateway) = connect.gateway.as_mut().filter(|_| connect.sidecar_service.is_none()) else {
                continue;
            };
            gateway.fill_proxy(bridged);
            wanted.push((gateway.prefix(), service.name.clone(), connect.sidecar_task.clone()));
        }
        for (prefix, service, changes) in wanted {
            let kind = format!("{prefix}:{service}");
            if !self.tasks.iter().any(|task| task.kind == kind) {
                let mut task = envoy(prefix, &service, GATEWAY_IMAGE, self);
                if let Some(changes) = changes {
                    apply(&mut task, changes);
                }
                self.tasks.push(task);
            }
            if prefix == "connect-mesh"
                && let Some(network) = self.networks.first_mut()
            {
                add_port(network, format!("{prefix}-{service}-lan"));
            }
        }
    }
}

impl Gateway {
    fn prefix(&self) -> &'static str {
        match (&self.terminating, &self.mesh) {
            (Some(_), _) => "connect-terminating",
            (None, Some(_)) => "connect-mesh",
            (None, None) => "connect-ingress",
        }
    }

    fn fill_proxy(&mut self, bridged: bool) {
        let mut addresses = Map::default();
        let mut listen = |name: &str, port: i64| {
            let address = BindAddress { address: EVERYWHERE.to_owned(), port, ..BindAddress::default() };
            addresses.insert(name.to_owned(), address);
        };
        for listener in self.ingress.iter().flat_map(|ingress| &ingress.listeners) {
            for service in &listener.services {
                listen(&service.name, listener.port);
            }
        }
        // -1 is the port that the scheduler chooses.
        if self.terminating.is_some() {
            listen("default", -1);
        }
        if self.mesh.is_some() {
            listen("lan", -1);
            listen("wan", -1);
        }
        let proxy = self.proxy.get_or_insert_with(GatewayProxy::default);
        proxy.connect_timeout.get_or_insert(Ns(5 * SECOND_NS));
        if bridged
            && proxy.envoy_gateway_bind_addresses.is_empty()
            && !proxy.envoy_gateway_bind_tagged_addresses
        {
            proxy.envoy_gateway_no_default_bind = true;
            proxy.envoy_gateway_bind_addresses = addresses;
        }
    }
}
