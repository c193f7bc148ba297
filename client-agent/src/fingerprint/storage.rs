//! The volume that allocations have their directories on.

use std::path::Path;

use model::node::NodeResources;
use nix::sys::statvfs::statvfs;
use sysinfo::Disks;

use super::{Attributes, put};
use crate::options::Options;

/// Room on a volume, bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Space {
    pub(crate) total: u64,
    pub(crate) free: u64,
}

/// Room on the volume of a directory; `None` when it cannot be asked.
pub(crate) fn space(dir: &Path) -> Option<Space> {
    let found = statvfs(dir).ok()?;
    let unit = found.fragment_size();
    Some(Space { total: found.blocks() * unit, free: found.blocks_available() * unit })
}

pub(super) fn fingerprint(options: &Options, attributes: &mut Attributes, resources: &mut NodeResources) {
    let space = space(&options.alloc_dir).unwrap_or_default();
    put(attributes, "unique.storage.volume", volume(&options.alloc_dir));
    put(attributes, "unique.storage.bytestotal", space.total);
    put(attributes, "unique.storage.bytesfree", space.free);
    let configured = options.disk_total_mb.filter(|mb| *mb > 0);
    // What is free now, not what the volume could hold: the rest is taken by somebody else.
    resources.disk_mb = configured.unwrap_or(i64::try_from(space.free >> 20).unwrap_or(0));
}

/// Device of the volume with the longest mount point above the directory.
fn volume(dir: &Path) -> String {
    let disks = Disks::new_with_refreshed_list();
    let above = disks.list().iter().filter(|disk| dir.starts_with(disk.mount_point()));
    let nearest = above.max_by_key(|disk| disk.mount_point().as_os_str().len());
    nearest.map(|disk| disk.name().to_string_lossy().into_owned()).unwrap_or_default()
}
