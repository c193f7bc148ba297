//! What the allocations on a node take of it together: kept up to date instead of counted again.

use super::fit::Room;
use super::ports::PortsInUse;
use super::{AllocatedDevice, AllocatedResources};

/// What is taken of one node. Adding and removing are exact inverses, also while too much is placed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Used {
    /// CPU, memory and disk.
    pub room: Room,
    /// Ports by address.
    pub ports: PortsInUse,
    /// Cores, in ascending order; one that is taken twice is there twice.
    pub cores: Vec<u16>,
    /// Instances of devices, in ascending order.
    pub devices: Vec<Instance>,
}

/// An instance of a device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Instance {
    /// Who made it.
    pub vendor: String,
    /// What it is.
    pub kind: String,
    /// Its model.
    pub name: String,
    /// Which one.
    pub id: String,
}

impl Used {
    /// Counts an allocation in.
    pub fn add(&mut self, resources: &AllocatedResources) {
        self.room = self.room.plus(Room::of_alloc(resources));
        self.ports.take(resources);
        for core in cores(resources) {
            put(&mut self.cores, core);
        }
        for instance in instances(resources) {
            put(&mut self.devices, instance);
        }
    }

    /// Counts an allocation out that was counted in.
    pub fn remove(&mut self, resources: &AllocatedResources) {
        self.room = self.room.minus(Room::of_alloc(resources));
        self.ports.give_back(resources);
        for core in cores(resources) {
            take(&mut self.cores, &core);
        }
        for instance in instances(resources) {
            take(&mut self.devices, &instance);
        }
    }

    /// True when an instance of a device is taken.
    pub fn holds(&self, instance: &Instance) -> bool {
        self.devices.binary_search(instance).is_ok()
    }
}

/// Puts one into a list in ascending order.
pub(super) fn put<T: Ord>(list: &mut Vec<T>, one: T) {
    let at = list.partition_point(|other| *other <= one);
    list.insert(at, one);
}

/// Takes one out of a list in ascending order.
pub(super) fn take<T: Ord>(list: &mut Vec<T>, one: &T) {
    if let Ok(at) = list.binary_search(one) {
        list.remove(at);
    }
}

/// Cores that an allocation holds.
pub(super) fn cores(resources: &AllocatedResources) -> impl Iterator<Item = u16> {
    resources.tasks.values().flat_map(|task| task.cores.iter().copied())
}

/// Instances of devices that an allocation holds.
pub(super) fn instances(resources: &AllocatedResources) -> impl Iterator<Item = Instance> {
    let of = |device: &AllocatedDevice, id: &String| Instance {
        vendor: device.vendor.clone(),
        kind: device.kind.clone(),
        name: device.name.clone(),
        id: id.clone(),
    };
    let devices = resources.tasks.values().flat_map(|task| &task.devices);
    devices.flat_map(move |device| device.device_ids.iter().map(move |id| of(device, id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{AllocatedPort, TaskResources};

    #[test]
    fn what_goes_in_comes_out() {
        let device = AllocatedDevice { name: "x".into(), device_ids: vec!["1".into()], ..Default::default() };
        let task = TaskResources { cpu_shares: 5, memory_mb: 6, cores: vec![3, 1], ..Default::default() };
        let port = AllocatedPort { value: 80, host_ip: "::1".into(), ..AllocatedPort::default() };
        let first = AllocatedResources {
            tasks: [("a".into(), TaskResources { devices: vec![device], ..task })].into(),
            disk_mb: 7,
            ports: vec![port],
        };
        let second = AllocatedResources { disk_mb: 1, ports: first.ports.clone(), ..Default::default() };
        let mut used = Used::default();
        used.add(&first);
        used.add(&second);
        assert_eq!((used.cores.clone(), used.devices.len()), (vec![1, 3], 1));
        used.remove(&first);
        assert_eq!(used.room, Room { disk_mb: 1, ..Room::default() });
        used.remove(&second);
        assert_eq!(used, Used::default());
    }
}
