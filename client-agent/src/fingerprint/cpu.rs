//! Cores, their speed and what both make together, as far as the control group lets this process use them.

use std::fs;

use model::node::NodeResources;

use super::{Attributes, put};
use crate::options::Options;

/// Speed that is assumed where the kernel names none, MHz; the original assumes the same.
const FALLBACK_MHZ: i64 = 1000;

pub(super) fn fingerprint(options: &Options, attributes: &mut Attributes, resources: &mut NodeResources) {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    // Counts what this process may be scheduled on, limits of its control group included.
    let cores =
        std::thread::available_parallelism().map_or(1, |cores| i64::try_from(cores.get()).unwrap_or(1));
    let frequency = max_frequency_mhz().or_else(|| cpuinfo_mhz(&cpuinfo)).unwrap_or(FALLBACK_MHZ);
    let total = options.cpu_total_compute.filter(|total| *total > 0).unwrap_or(frequency * cores);
    put(
        attributes,
        "cpu.arch",
        std::env::consts::ARCH.replace("x86_64", "amd64").replace("aarch64", "arm64"),
    );
    put(attributes, "cpu.numcores", cores);
    put(attributes, "cpu.frequency", frequency);
    put(attributes, "cpu.modelname", field(&cpuinfo, "model name").unwrap_or_default());
    put(attributes, "cpu.totalcompute", total);
    put(attributes, "cpu.reservablecores", cores);
    resources.cpu_shares = total;
    resources.cpu_cores = cores;
}

fn max_frequency_mhz() -> Option<i64> {
    let text = fs::read_to_string("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq").ok()?;
    Some(text.trim().parse::<i64>().ok()? / 1000).filter(|mhz| *mhz > 0)
}

fn field<'a>(cpuinfo: &'a str, name: &str) -> Option<&'a str> {
    cpuinfo.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim())
    })
}

fn cpuinfo_mhz(cpuinfo: &str) -> Option<i64> {
    Some(field(cpuinfo, "cpu MHz")?.parse::<f64>().ok()? as i64).filter(|mhz| *mhz > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpuinfo_is_read() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 2.50GHz\ncpu MHz\t\t: 2499.998\n";
        assert_eq!(field(text, "model name"), Some("Some CPU @ 2.50GHz"));
        assert_eq!(cpuinfo_mhz(text), Some(2499));
        assert_eq!(cpuinfo_mhz(""), None);
    }
}
