//! Ports of a group and of its tasks.

use std::collections::BTreeMap;

use super::Faults;
use crate::job::{NetworkAsk, PortAsk, TaskGroup};

/// Largest port.
const MAX_PORT: i64 = 65_535;

/// Static ports that are taken, by host network and number, with who took them.
type Taken<'a> = BTreeMap<(&'a str, i64), String>;

impl TaskGroup {
    pub(super) fn validate_networks(&self, faults: &mut Faults) {
        let mut labels = Vec::new();
        let mut taken = Taken::new();
        let mut inner = Faults::default();
        for network in &self.networks {
            for port in ports(network) {
                label_fault(&labels, port, &mut inner);
                labels.push(port.label.as_str());
                port.take("taskgroup network", &mut taken, &mut inner);
                port.collect(&network.mode, &mut inner);
            }
        }
        for task in &self.tasks {
            for port in task.resources.networks.iter().flat_map(ports) {
                label_fault(&labels, port, &mut inner);
                port.take(&task.name, &mut taken, &mut inner);
            }
        }
        if !inner.is_empty() {
            faults.add(format!("Task group network validation failed: {inner}"));
        }
    }
}

fn ports(network: &NetworkAsk) -> impl Iterator<Item = &PortAsk> {
    network.reserved_ports.iter().chain(&network.dynamic_ports)
}

fn label_fault(labels: &[&str], port: &PortAsk, faults: &mut Faults) {
    if labels.contains(&port.label.as_str()) {
        faults.add(format!("Port label {} already in use by taskgroup network", port.label));
    }
}

impl PortAsk {
    /// Takes its number for `owner`, unless somebody has it.
    fn take<'a>(&'a self, owner: &str, taken: &mut Taken<'a>, faults: &mut Faults) {
        if self.value <= 0 {
            return;
        }
        let place = (self.host_network.as_str(), self.value);
        match taken.get(&place) {
            Some(_) if self.ignore_collision => {}
            Some(other) => faults.add(format!("Static port {} already reserved by {other}", self.value)),
            None => {
                taken.insert(place, format!("{owner}:{}", self.label));
            }
        }
    }

    fn collect(&self, mode: &str, faults: &mut Faults) {
        let (label, value, to) = (&self.label, self.value, self.to);
        if value > MAX_PORT {
            faults.add(format!("Port {label} ({value}) cannot be greater than {MAX_PORT}"));
        }
        if to < -1 {
            faults.add(format!("Port \"{label}\" cannot be mapped to negative value {to}"));
        }
        if self.ignore_collision && !["", "host"].contains(&mode) {
            faults.add(format!(
                "Port \"{label}\" collision may not be ignored on non-host network mode \"{mode}\""
            ));
        }
    }
}
