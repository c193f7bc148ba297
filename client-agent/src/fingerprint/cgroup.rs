//! How control groups are mounted, and the memory limit of the one that this process lives in.

use std::fs;
use std::path::Path;

use super::{Attributes, put};

const MOUNTPOINT: &str = "/sys/fs/cgroup";
/// Limits above this are no limits: version 1 says "none" with a huge number.
const NO_LIMIT_BYTES: u64 = 1 << 60;

/// Sets the attributes and says how control groups are mounted: `v1`, `v2`, `hybrid` or nothing.
pub(super) fn fingerprint(attributes: &mut Attributes) -> String {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mode = mode(&mounts);
    if !mode.is_empty() {
        put(attributes, "unique.cgroup.mountpoint", MOUNTPOINT);
        put(attributes, "unique.cgroup.version", mode);
    }
    mode.to_owned()
}

fn mode(mounts: &str) -> &'static str {
    let kinds: Vec<(&str, &str)> = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((fields.next()?, fields.next()?))
        })
        .filter(|(at, _)| Path::new(at).starts_with(MOUNTPOINT))
        .collect();
    let v1 = kinds.iter().any(|(_, kind)| *kind == "cgroup");
    let v2 = kinds.iter().any(|(_, kind)| *kind == "cgroup2");
    match (v1, v2) {
        (true, true) => "hybrid",
        (true, false) => "v1",
        (false, true) => "v2",
        (false, false) => "",
    }
}

/// Memory limit of this process's control group, bytes; `None` when there is none.
pub(super) fn memory_limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let paths = groups.lines().filter_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?.trim_start_matches('/'));
        let is_memory = controllers.split(',').any(|controller| controller == "memory");
        match (controllers.is_empty(), is_memory) {
            (true, _) => Some(Path::new(MOUNTPOINT).join(path).join("memory.max")),
            (false, true) => {
                Some(Path::new(MOUNTPOINT).join("memory").join(path).join("memory.limit_in_bytes"))
            }
            (false, false) => None,
        }
    });
    let limit = |path: std::path::PathBuf| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    paths.filter_map(limit).filter(|limit| *limit < NO_LIMIT_BYTES).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        let v1 = "cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\n";
        let v2 = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n";
        assert_eq!(mode(v1), "v1");
        assert_eq!(mode(v2), "v2");
        assert_eq!(mode(&format!("{v1}cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n")), "hybrid");
        assert_eq!(mode("proc /proc proc rw 0 0\n"), "");
    }
}
