//! Devices by the names that jobs give them, and which instances of them are free.

use super::used::{Instance, Used};
use crate::node::NodeDevice;

/// True when a job that asks for `type`, `vendor/type` or `vendor/type/model` may have this device.
pub fn named(device: &NodeDevice, wanted: &str) -> bool {
    // A model's own name may hold slashes.
    let parts: Vec<&str> = wanted.splitn(3, '/').collect();
    match parts[..] {
        [kind] => device.kind == kind,
        [vendor, kind] => device.vendor == vendor && device.kind == kind,
        [vendor, kind, name] => device.vendor == vendor && device.kind == kind && device.name == name,
        _ => false,
    }
}

/// Working instances of a device that nobody holds, in the order that the node names them.
pub fn free<'a>(device: &'a NodeDevice, used: &'a Used) -> impl Iterator<Item = Instance> + 'a {
    let working = device.instances.iter().filter(|instance| instance.healthy);
    let instance = |id: &String| Instance {
        vendor: device.vendor.clone(),
        kind: device.kind.clone(),
        name: device.name.clone(),
        id: id.clone(),
    };
    working.map(move |own| instance(&own.id)).filter(|instance| !used.holds(instance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::DeviceInstance;

    #[test]
    fn names_have_up_to_three_parts() {
        let device = NodeDevice {
            vendor: "nvidia".into(),
            kind: "gpu".into(),
            name: "1080/ti".into(),
            ..NodeDevice::default()
        };
        assert!(["gpu", "nvidia/gpu", "nvidia/gpu/1080/ti"].iter().all(|name| named(&device, name)));
        assert!(!["nvidia", "amd/gpu", "nvidia/gpu/1080", ""].iter().any(|name| named(&device, name)));
    }

    #[test]
    fn only_working_instances_are_free() {
        let instances = [("a", true), ("b", false), ("c", true)];
        let instances = instances.map(|(id, healthy)| DeviceInstance { id: id.into(), healthy });
        let device = NodeDevice { instances: instances.into(), ..NodeDevice::default() };
        let used =
            Used { devices: vec![Instance { id: "a".into(), ..Instance::default() }], ..Used::default() };
        let ids: Vec<String> = free(&device, &used).map(|instance| instance.id).collect();
        assert_eq!(ids, ["c"]);
    }
}
