//! What a cluster takes of the machine: ports, and processes that outlive their agent.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;

use super::STOP_PATIENCE;

/// Where suites take their ports from.
const FIRST_PORT: u32 = 10_000;
const PORTS: u32 = 20_000;

/// Kills every process that works below a directory: supervisors and tasks that outlive their agent.
pub(super) fn kill_below(dir: &Path) {
    let Ok(dir) = dir.canonicalize() else { return };
    let deadline = Instant::now() + STOP_PATIENCE;
    loop {
        let mut found = false;
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let below = |link: &str| {
                fs::read_link(process.path().join(link)).is_ok_and(|path| path.starts_with(&dir))
            };
            let named = fs::read(process.path().join("cmdline"))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&*dir.to_string_lossy()));
            if below("cwd") || named {
                found = true;
                // Gone between the look and the kill is what was wanted.
                let _ =
                    Command::new("kill").arg("-9").arg(process.file_name()).stderr(Stdio::null()).status();
            }
        }
        if !found || Instant::now() >= deadline {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ports that were free a moment ago, all different. They lie below those that the kernel hands out by itself, and no
/// two calls of a process get the same, so that suites side by side do not take each other's.
///
/// # Errors
/// When the machine has none.
pub fn free_ports(count: usize) -> anyhow::Result<Vec<u16>> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id().wrapping_mul(97);
    let candidates = (0..PORTS).map(|_| start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS);
    let ports = candidates.filter_map(|offset| u16::try_from(FIRST_PORT + offset).ok());
    let free: Vec<_> =
        ports.filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).take(count).collect();
    ensure!(free.len() == count, "no {count} free ports on this machine");
    Ok(free)
}
