//! Do these allocations fit that node? The one arithmetic that scheduler, plan check and apply share.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::used::{Instance, Used, cores, instances};
use super::{AllocatedResources, Span};
use crate::node::Node;

/// What is used of, or free on, a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    /// CPU, MHz.
    pub cpu: i64,
    /// Memory, MiB.
    pub memory_mb: i64,
    /// Disk, MiB.
    pub disk_mb: i64,
}

impl Room {
    /// What a node has for tasks.
    pub fn of_node(node: &Node) -> Self {
        Room {
            cpu: node.resources.cpu_shares - node.reserved.cpu_shares,
            memory_mb: node.resources.memory_mb - node.reserved.memory_mb,
            disk_mb: node.resources.disk_mb - node.reserved.disk_mb,
        }
    }

    /// What an allocation takes: the most that its tasks need at one time, and all of the cores that they reserve, since
    /// nobody else gets those meanwhile.
    pub fn of_alloc(resources: &AllocatedResources) -> Self {
        let [mut before, mut main, mut after] = [Room::default(); 3];
        let mut fixed = Room { disk_mb: resources.disk_mb, ..Room::default() };
        for task in resources.tasks.values() {
            let mut needs = Room { cpu: task.cpu_shares, memory_mb: task.memory_mb, disk_mb: 0 };
            if !task.cores.is_empty() {
                fixed.cpu = fixed.cpu.saturating_add(std::mem::take(&mut needs.cpu));
            }
            if matches!(task.span, Span::Before | Span::BeforeAndMain) {
                before = before.plus(needs);
            }
            if matches!(task.span, Span::Main | Span::BeforeAndMain) {
                main = main.plus(needs);
            }
            if task.span == Span::After {
                after = after.plus(needs);
            }
        }
        fixed.plus(before.max(main).max(after))
    }

    /// The larger one, dimension by dimension.
    fn max(self, other: Room) -> Room {
        Room {
            cpu: self.cpu.max(other.cpu),
            memory_mb: self.memory_mb.max(other.memory_mb),
            disk_mb: self.disk_mb.max(other.disk_mb),
        }
    }

    /// Both together.
    pub fn plus(self, other: Room) -> Room {
        Room {
            cpu: self.cpu.saturating_add(other.cpu),
            memory_mb: self.memory_mb.saturating_add(other.memory_mb),
            disk_mb: self.disk_mb.saturating_add(other.disk_mb),
        }
    }

    /// This without the other.
    pub fn minus(self, other: Room) -> Room {
        Room {
            cpu: self.cpu.saturating_sub(other.cpu),
            memory_mb: self.memory_mb.saturating_sub(other.memory_mb),
            disk_mb: self.disk_mb.saturating_sub(other.disk_mb),
        }
    }

    /// The first dimension in which `wanted` exceeds this, in the order that the original names them.
    pub fn lacking(self, wanted: Room) -> Option<Dimension> {
        if wanted.cpu > self.cpu {
            Some(Dimension::Cpu)
        } else if wanted.memory_mb > self.memory_mb {
            Some(Dimension::Memory)
        } else if wanted.disk_mb > self.disk_mb {
            Some(Dimension::Disk)
        } else {
            None
        }
    }
}

/// What ran out, as `DimensionExhausted` counts it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// CPU.
    Cpu,
    /// Memory.
    Memory,
    /// Disk.
    Disk,
    /// A port: the text says which.
    Network(String),
    /// Cores that a task has to itself.
    Cores,
    /// Instances of a device: the text says which.
    Devices(String),
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dimension::Cpu => f.write_str("cpu"),
            Dimension::Memory => f.write_str("memory"),
            Dimension::Disk => f.write_str("disk"),
            Dimension::Network(what) => write!(f, "network: {what}"),
            Dimension::Cores => f.write_str("cores"),
            Dimension::Devices(what) => write!(f, "devices: {what}"),
        }
    }
}

/// Checks that all of these fit the node together; the first thing that ran out is the error.
pub fn all_fit<'a>(
    node: &Node,
    allocs: impl Iterator<Item = &'a AllocatedResources>,
) -> Result<(), Dimension> {
    let mut used = Room::default();
    let mut ports: BTreeMap<(&str, u16), bool> = BTreeMap::new();
    let mut held_cores: BTreeSet<u16> = BTreeSet::new();
    let mut held_devices: BTreeSet<Instance> = BTreeSet::new();
    for resources in allocs {
        used = used.plus(Room::of_alloc(resources));
        for port in &resources.ports {
            let other = ports.insert((&port.host_ip, port.value), port.shared);
            if other.is_some_and(|other_shared| !other_shared && !port.shared) {
                let clash = format!("reserved port collision {}={}", port.label, port.value);
                return Err(Dimension::Network(clash));
            }
        }
        if !cores(resources).all(|core| node.reservable_core(core) && held_cores.insert(core)) {
            return Err(Dimension::Cores);
        }
        for instance in instances(resources) {
            if !node.has_instance(&instance) || held_devices.contains(&instance) {
                return Err(Dimension::Devices(device_name(&instance)));
            }
            held_devices.insert(instance);
        }
    }
    Room::of_node(node).lacking(used).map_or(Ok(()), Err)
}

/// Checks that one allocation more fits beside what is used of the node, and counts it in: [`all_fit`] for those who
/// keep count. A port that somebody shares is taken for one who does not.
pub fn admit(node: &Node, used: &mut Used, resources: &AllocatedResources) -> Result<(), Dimension> {
    let mut own_ports = BTreeSet::new();
    let mut ports = resources.ports.iter().filter(|port| !port.shared);
    if let Some(port) = ports.find(|port| {
        !used.ports.free(&port.host_ip, port.value) || !own_ports.insert((&port.host_ip, port.value))
    }) {
        return Err(Dimension::Network(format!("reserved port collision {}={}", port.label, port.value)));
    }
    let mut own_cores = BTreeSet::new();
    let free = |core: u16| node.reservable_core(core) && used.cores.binary_search(&core).is_err();
    if !cores(resources).all(|core| free(core) && own_cores.insert(core)) {
        return Err(Dimension::Cores);
    }
    let mut taken = instances(resources).filter(|own| !node.has_instance(own) || used.holds(own));
    if let Some(instance) = taken.next() {
        return Err(Dimension::Devices(device_name(&instance)));
    }
    used.add(resources);
    Room::of_node(node).lacking(used.room).map_or(Ok(()), Err)
}

fn device_name(instance: &Instance) -> String {
    format!("{}/{}/{} {} is taken", instance.vendor, instance.kind, instance.name, instance.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::{DeviceInstance, NodeDevice, NodeResources};
    use crate::resources::{AllocatedDevice, TaskResources};

    fn node() -> Node {
        let instance = DeviceInstance { id: "0".into(), healthy: true };
        let device = NodeDevice { name: "x".into(), instances: vec![instance], ..NodeDevice::default() };
        let resources = NodeResources { cpu_cores: 2, devices: vec![device], ..NodeResources::default() };
        Node { resources, ..Node::default() }
    }

    fn holding(task: TaskResources) -> AllocatedResources {
        AllocatedResources { tasks: [("a".into(), task)].into(), ..AllocatedResources::default() }
    }

    #[test]
    fn tasks_that_never_meet_do_not_add_up() {
        let task =
            |span, cpu_shares, memory_mb| TaskResources { span, cpu_shares, memory_mb, ..Default::default() };
        let tasks = [
            ("init", task(Span::Before, 500, 10)),
            ("side", task(Span::BeforeAndMain, 100, 10)),
            ("main", task(Span::Main, 200, 100)),
            ("tidy", task(Span::After, 50, 300)),
        ];
        let tasks = tasks.map(|(name, task)| (name.to_owned(), task)).into();
        let resources = AllocatedResources { tasks, disk_mb: 7, ports: Vec::new() };
        assert_eq!(Room::of_alloc(&resources), Room { cpu: 600, memory_mb: 300, disk_mb: 7 });
    }

    #[test]
    fn no_core_and_no_device_is_handed_out_twice() {
        let core = holding(TaskResources { cores: vec![1], ..TaskResources::default() });
        let device = AllocatedDevice { name: "x".into(), device_ids: vec!["0".into()], ..Default::default() };
        let device = holding(TaskResources { devices: vec![device], ..TaskResources::default() });
        assert_eq!(all_fit(&node(), [&core, &device].into_iter()), Ok(()));
        assert_eq!(all_fit(&node(), [&core, &core].into_iter()), Err(Dimension::Cores));
        assert!(all_fit(&node(), [&device, &device].into_iter()).is_err());
        assert!(all_fit(&Node::default(), [&device].into_iter()).is_err());
        let mut used = Used::default();
        assert_eq!(admit(&node(), &mut used, &core), Ok(()));
        assert_eq!(admit(&node(), &mut used, &device), Ok(()));
        assert_eq!(admit(&node(), &mut used, &core), Err(Dimension::Cores));
        assert!(admit(&node(), &mut used, &device).is_err());
    }
}
