//! Which nodes a group may run on at all, and the reason against each of the others.

pub mod constraint;
pub mod datacenter;
pub mod target;
pub mod version;

use model::job::Constraint;
use model::node::class::UNIQUE_PREFIX;
use model::{Job, Node, TaskGroup};

/// The reason under which nodes without a driver are counted.
pub const MISSING_DRIVERS: &str = "missing drivers";

/// Everything that a group asks of a node, gathered once.
pub struct Checker<'a> {
    drivers: Vec<&'a str>,
    constraints: Vec<&'a Constraint>,
    host_networks: Vec<(&'a str, &'a str)>,
    absent: Option<String>,
}

impl<'a> Checker<'a> {
    /// Gathers what job, group and tasks ask.
    pub fn new(job: &'a Job, group: &'a TaskGroup) -> Self {
        let mut drivers: Vec<&str> = group.tasks.iter().map(|task| task.driver.as_str()).collect();
        drivers.sort_unstable();
        drivers.dedup();
        let tasks = group.tasks.iter().flat_map(|task| &task.constraints);
        let constraints = job.constraints.iter().chain(&group.constraints).chain(tasks).collect();
        let ports = group.networks.iter().flat_map(|ask| ask.reserved_ports.iter().chain(&ask.dynamic_ports));
        let named = ports.filter(|port| !["", "default"].contains(&port.host_network.as_str()));
        let host_networks = named.map(|port| (port.host_network.as_str(), port.label.as_str())).collect();
        Checker { drivers, constraints, host_networks, absent: absent(group) }
    }

    /// True when a constraint looks at something that nodes of one class need not share.
    pub fn escapes_class(&self) -> bool {
        self.constraints.iter().any(|constraint| {
            [&constraint.l_target, &constraint.r_target].iter().any(|target| target.contains(UNIQUE_PREFIX))
        })
    }

    /// The first reason against a node, worded as `ConstraintFiltered` counts it.
    pub fn reason_against(&self, node: &Node) -> Option<String> {
        if let Some((network, port)) = self.host_networks.iter().find(|(network, _)| !offers(node, network)) {
            return Some(format!("missing host network \"{network}\" for port \"{port}\""));
        }
        if self.drivers.iter().any(|driver| !node.driver_healthy(driver)) {
            return Some(MISSING_DRIVERS.to_owned());
        }
        let broken = self.constraints.iter().find(|constraint| !constraint::holds(constraint, node));
        broken.map(|constraint| constraint.to_string()).or_else(|| self.absent.clone())
    }
}

/// What a group asks for and no node has yet: agents offer neither volumes nor devices.
fn absent(group: &TaskGroup) -> Option<String> {
    if group.volumes.values().any(|volume| volume.kind == "host") {
        return Some("missing compatible host volumes".to_owned());
    }
    if group.tasks.iter().any(|task| !task.resources.devices.is_empty()) {
        return Some("missing devices".to_owned());
    }
    let outside = group.volumes.values().find(|volume| volume.kind != "host")?;
    Some(format!("missing CSI volume(s) {}", outside.source))
}

fn offers(node: &Node, network: &str) -> bool {
    node.resources.networks.iter().any(|own| own.aliases.iter().any(|alias| alias == network))
}
