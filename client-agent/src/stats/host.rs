//! Figures of the host, as `GET /v1/client/stats` shows them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::statvfs::statvfs;
use serde_json::{Value, json};
use sysinfo::Disks;

use crate::clock::now_ns;
use crate::context::Context;
use crate::fingerprint::memory;

/// Busy times of the processors when they were last asked for, in clock ticks since boot.
#[derive(Default)]
pub(crate) struct CpuTimes(Mutex<BTreeMap<String, Times>>);

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Times {
    user: u64,
    system: u64,
    idle: u64,
}

/// The host's figures.
pub(crate) async fn host(context: &Arc<Context>) -> Value {
    let context = Arc::clone(context);
    tokio::task::spawn_blocking(move || read(&context)).await.unwrap_or_default()
}

fn read(context: &Context) -> Value {
    let memory = memory::meminfo();
    let of = |key: &str| memory.get(key).copied().unwrap_or(0);
    let mhz =
        context.node.now().attributes.get("cpu.frequency").and_then(|mhz| mhz.parse().ok()).unwrap_or(0.0);
    let cpus = cpus(&context.cpu_times, mhz);
    let ticks: f64 = cpus.iter().filter_map(|cpu| cpu["TotalTicks"].as_f64()).sum();
    let disks = Disks::new_with_refreshed_list();
    let shown = |disk: &sysinfo::Disk| volume(disk.name().to_string_lossy().as_ref(), disk.mount_point());
    json!({
        "Timestamp": now_ns(),
        "Uptime": uptime(),
        "Memory": {
            "Total": of("MemTotal"),
            "Available": of("MemAvailable"),
            "Used": of("MemTotal").saturating_sub(of("MemAvailable")),
            "Free": of("MemFree"),
        },
        "CPU": cpus,
        "CPUTicksConsumed": ticks,
        "DiskStats": disks.list().iter().map(shown).collect::<Vec<_>>(),
        "AllocDirStats": volume("", &context.options.alloc_dir),
        "DeviceStats": [],
    })
}

/// Room of the volume that a path is on.
fn volume(device: &str, path: &Path) -> Value {
    let found = statvfs(path).ok();
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 };
    let (size, free, available, files, files_free) = found.map_or((0, 0, 0, 0, 0), |found| {
        let unit = found.fragment_size();
        let bytes = |blocks: u64| blocks.saturating_mul(unit);
        (
            bytes(found.blocks()),
            bytes(found.blocks_free()),
            bytes(found.blocks_available()),
            found.files(),
            found.files_free(),
        )
    });
    let used = size.saturating_sub(free);
    json!({
        "Device": device,
        "Mountpoint": path,
        "Size": size,
        "Used": used,
        "Available": available,
        "UsedPercent": share(used, size),
        "InodesUsedPercent": share(files.saturating_sub(files_free), files),
    })
}

/// Every processor's share of time since it was last asked for.
fn cpus(last: &CpuTimes, mhz: f64) -> Vec<Value> {
    let now = times(&std::fs::read_to_string("/proc/stat").unwrap_or_default());
    let before = std::mem::replace(&mut *last.0.lock().unwrap_or_else(PoisonError::into_inner), now.clone());
    now.iter()
        .map(|(name, now)| {
            let before = before.get(name).copied().unwrap_or_default();
            let spent = |get: fn(&Times) -> u64| get(now).saturating_sub(get(&before)) as f64;
            let (user, system, idle) = (spent(|t| t.user), spent(|t| t.system), spent(|t| t.idle));
            let percent = |part: f64| part * 100.0 / (user + system + idle).max(1.0);
            json!({
                "CPU": name,
                "User": percent(user),
                "System": percent(system),
                "Idle": percent(idle),
                "TotalPercent": percent(user + system),
                "TotalTicks": percent(user + system) / 100.0 * mhz,
            })
        })
        .collect()
}

fn times(stat: &str) -> BTreeMap<String, Times> {
    let line = |line: &str| {
        let mut fields = line.split_whitespace();
        let name = fields.next().filter(|name| name.starts_with("cpu") && *name != "cpu")?;
        let ticks: Vec<u64> = fields.filter_map(|field| field.parse().ok()).collect();
        let sum = |which: &[usize]| which.iter().filter_map(|at| ticks.get(*at)).sum();
        // user nice system idle iowait irq softirq steal
        let times = Times { user: sum(&[0, 1]), system: sum(&[2, 5, 6, 7]), idle: sum(&[3, 4]) };
        Some((name.to_owned(), times))
    };
    stat.lines().filter_map(line).collect()
}

fn uptime() -> u64 {
    let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    text.split('.').next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_told_apart_from_their_sum() {
        let read = times("cpu  9 9 9 9\ncpu0 1 2 3 4 5 6 7 8 0 0\nctxt 5\n");
        assert_eq!(read.len(), 1);
        assert_eq!(read["cpu0"], Times { user: 3, system: 24, idle: 9 });
    }
}
