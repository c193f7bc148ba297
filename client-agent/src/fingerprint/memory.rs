//! Memory of the host, or of the control group that this process lives in, whichever is less.

use std::collections::BTreeMap;
use std::fs;

use model::node::NodeResources;

use super::{Attributes, put};
use crate::options::Options;

/// `/proc/meminfo` in bytes, by key.
pub(crate) fn meminfo() -> BTreeMap<String, u64> {
    parse(&fs::read_to_string("/proc/meminfo").unwrap_or_default())
}

fn parse(text: &str) -> BTreeMap<String, u64> {
    let line = |line: &str| {
        let (key, rest) = line.split_once(':')?;
        let kib: u64 = rest.split_whitespace().next()?.parse().ok()?;
        Some((key.to_owned(), kib.saturating_mul(1024)))
    };
    text.lines().filter_map(line).collect()
}

pub(super) fn fingerprint(options: &Options, attributes: &mut Attributes, resources: &mut NodeResources) {
    let host = meminfo().get("MemTotal").copied().unwrap_or(0);
    let total = super::cgroup::memory_limit().map_or(host, |limit| limit.min(host));
    let configured = options.memory_total_mb.filter(|mb| *mb > 0);
    let total_mb = configured.unwrap_or(i64::try_from(total >> 20).unwrap_or(0));
    let bytes = configured.map_or(total, |mb| mb.unsigned_abs() << 20);
    put(attributes, "memory.totalbytes", bytes);
    resources.memory_mb = total_mb;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meminfo_is_read() {
        let read = parse("MemTotal:       16 kB\nHugePages_Total:       0\nodd\n");
        assert_eq!(read["MemTotal"], 16 * 1024);
        assert_eq!(read.len(), 2);
    }
}
