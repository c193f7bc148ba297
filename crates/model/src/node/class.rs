//! The computed class: nodes of one class fit the same jobs as far as constraints go.

use sha2::{Digest, Sha256};

use super::Node;

/// Prefix of attributes and metadata that belong to one node alone.
pub const UNIQUE_PREFIX: &str = "unique.";

/// Computes the class of a node from everything that constraints can look at, except what is unique to it.
/// The form, `v1:<number>`, is the original's; the number is our own.
pub fn computed_class(node: &Node) -> String {
    let mut hash = Sha256::new();
    let mut part = |tag: &str, text: &str| {
        hash.update((tag.len() as u64).to_le_bytes());
        hash.update(tag);
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    part("datacenter", &node.datacenter);
    part("pool", &node.node_pool);
    part("class", &node.node_class);
    let shared = |key: &&String| !key.contains(UNIQUE_PREFIX);
    for key in node.attributes.keys().filter(shared) {
        part(key, &node.attributes[key]);
    }
    for key in node.meta.keys().filter(shared) {
        part(&format!("meta.{key}"), &node.meta[key]);
    }
    for (name, driver) in &node.drivers {
        part(&format!("driver.{name}"), if driver.detected && driver.healthy { "1" } else { "0" });
    }
    for name in node.host_networks.keys() {
        part("host_network", name);
    }
    for volume in node.host_volumes.values() {
        part("host_volume", &volume.name);
        part("read_only", if volume.read_only { "1" } else { "0" });
    }
    // The devices of a model, not the single ones: those come and go with what is placed.
    for device in &node.resources.devices {
        part("device", &device.vendor);
        part(&device.kind, &device.name);
        for (name, value) in &device.attributes {
            part(name, value);
        }
    }
    let digest = hash.finalize();
    let number =
        u64::from_be_bytes(digest[..8].try_into().expect("a SHA-256 digest has more than eight bytes"));
    format!("v1:{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unique_attributes_do_not_make_a_class() {
        let mut node = Node { datacenter: "dc1".into(), ..Node::default() };
        let before = computed_class(&node);
        node.attributes.insert("unique.hostname".into(), "a".into());
        assert_eq!(before, computed_class(&node));
        node.attributes.insert("kernel.name".into(), "linux".into());
        assert_ne!(before, computed_class(&node));
    }
}
