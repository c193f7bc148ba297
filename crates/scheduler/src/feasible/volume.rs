//! Volumes: host volumes are directories that a node offers by name; others no node has.

use model::job::VolumeRequest;
use model::{Node, TaskGroup};

/// The reason against nodes without a host volume that the group mounts as it wants to.
pub const MISSING_HOST_VOLUMES: &str = "missing compatible host volumes";

/// The reason against a node.
pub fn reason_against(group: &TaskGroup, node: &Node) -> Option<String> {
    let mut own = group.volumes.values().filter(|volume| volume.kind == "host");
    if own.any(|volume| !offered(volume, node)) {
        return Some(MISSING_HOST_VOLUMES.to_owned());
    }
    let outside = group.volumes.values().find(|volume| volume.kind != "host")?;
    Some(format!("missing CSI volume(s) {}", source(outside)))
}

/// A volume that only readers may mount suffices for a request that only reads.
fn offered(request: &VolumeRequest, node: &Node) -> bool {
    let volume = node.host_volumes.get(&source(request));
    volume.is_some_and(|volume| request.read_only || !volume.read_only)
}

/// Each allocation has a volume of its own where the group says so. All of them are on different nodes or on none:
/// the first stands for them.
fn source(request: &VolumeRequest) -> String {
    if request.per_alloc { format!("{}[0]", request.source) } else { request.source.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::node::HostVolume;

    fn group(request: VolumeRequest) -> TaskGroup {
        let volumes = std::collections::BTreeMap::from([("v".to_owned(), request)]);
        TaskGroup { volumes: volumes.into(), ..TaskGroup::default() }
    }

    fn host(source: &str, read_only: bool) -> VolumeRequest {
        VolumeRequest { kind: "host".into(), source: source.into(), read_only, ..VolumeRequest::default() }
    }

    #[test]
    fn a_host_volume_is_there_and_writable_if_need_be() {
        let mut node = Node::default();
        let volume = |read_only| HostVolume { read_only, ..HostVolume::default() };
        node.host_volumes = [("data".into(), volume(false)), ("fixed".into(), volume(true))].into();
        let fits = |request| reason_against(&group(request), &node).is_none();
        assert!(fits(host("data", false)) && fits(host("data", true)) && fits(host("fixed", true)));
        assert!(!fits(host("fixed", false)) && !fits(host("none", true)));
        assert!(!fits(VolumeRequest { per_alloc: true, ..host("data", false) }));
    }

    #[test]
    fn no_node_has_a_csi_volume() {
        let request =
            VolumeRequest { kind: "csi".into(), source: "s".into(), per_alloc: true, ..Default::default() };
        let reason = reason_against(&group(request), &Node::default());
        assert_eq!(reason.as_deref(), Some("missing CSI volume(s) s[0]"));
    }
}
