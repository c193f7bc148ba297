//! Figures of the host, as `GET /v1/client/stats` shows them: what the kernel says now, nothing remembered.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::clock::now_ns;
use crate::context::Context;
use crate::fingerprint::{memory, storage};

/// Figures of this client agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Allocations that it knows.
    pub allocs: usize,
    /// Those of them whose tasks run.
    pub running: usize,
    /// Status updates that no server has acknowledged yet.
    pub updates_waiting: usize,
    /// A session with a server is up.
    pub connected: bool,
}

/// The host's figures.
pub(crate) async fn host(context: &Arc<Context>) -> Value {
    let alloc_dir = context.options.alloc_dir.clone();
    let read =
        tokio::task::spawn_blocking(move || (memory::meminfo(), storage::space(&alloc_dir), uptime())).await;
    let (memory, space, uptime_s) = read.unwrap_or_default();
    let space = space.unwrap_or_default();
    let of = |key: &str| memory.get(key).copied().unwrap_or(0);
    json!({
        "Timestamp": now_ns(),
        "Uptime": uptime_s,
        "Memory": {
            "Total": of("MemTotal"),
            "Available": of("MemAvailable"),
            "Used": of("MemTotal").saturating_sub(of("MemAvailable")),
            "Free": of("MemFree"),
        },
        "CPU": [],
        "CPUTicksConsumed": 0.0,
        "DiskStats": [],
        "AllocDirStats": {
            "Device": "",
            "Mountpoint": context.options.alloc_dir,
            "Size": space.total,
            "Available": space.free,
            "Used": space.total.saturating_sub(space.free),
            "UsedPercent": if space.total == 0 { 0.0 } else {
                (space.total - space.free.min(space.total)) as f64 * 100.0 / space.total as f64
            },
            "InodesUsedPercent": 0.0,
        },
        "DeviceStats": [],
    })
}

fn uptime() -> u64 {
    let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    text.split('.').next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0)
}
