//! Naming processes: a number alone may come to mean another process, a number with its start time may not.

use std::fs;
use std::io;

use serde::{Deserialize, Serialize};

/// One process of this boot of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProcessName {
    /// Its number.
    pub(crate) pid: i32,
    /// When it started, clock ticks since boot, from `/proc/<pid>/stat`.
    pub(crate) start_ticks: u64,
}

/// What `/proc/<pid>/stat` says that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) zombie: bool,
    pub(crate) parent: i32,
    pub(crate) session: i32,
    pub(crate) start_ticks: u64,
}

impl ProcessName {
    /// The process that has this number now.
    pub(crate) fn of_pid(pid: i32) -> io::Result<Self> {
        Ok(ProcessName { pid, start_ticks: stat(pid)?.start_ticks })
    }

    /// This process.
    pub(crate) fn of_self() -> io::Result<Self> {
        Self::of_pid(nix::unistd::getpid().as_raw())
    }

    /// True while this very process runs.
    pub(crate) fn runs(&self) -> bool {
        stat(self.pid).is_ok_and(|stat| stat.start_ticks == self.start_ticks && !stat.zombie)
    }
}

/// Reads `/proc/<pid>/stat`.
pub(crate) fn stat(pid: i32) -> io::Result<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    parse_stat(&text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "unreadable /proc/<pid>/stat"))
}

fn parse_stat(text: &str) -> Option<Stat> {
    // The command stands in brackets and may itself hold brackets and spaces.
    let fields: Vec<&str> = text[text.rfind(')')? + 1..].split_whitespace().collect();
    Some(Stat {
        zombie: matches!(*fields.first()?, "Z" | "X"),
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        start_ticks: fields.get(19)?.parse().ok()?,
    })
}

/// What a process has used so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    /// Time in its own code, clock ticks.
    pub(crate) user_ticks: u64,
    /// Time in the kernel on its behalf, clock ticks.
    pub(crate) system_ticks: u64,
    /// Start, clock ticks since boot.
    pub(crate) start_ticks: u64,
    /// Memory that it holds, pages.
    pub(crate) rss_pages: u64,
}

/// What every process has used.
pub(crate) fn usage() -> Vec<Usage> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| parse_usage(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)).collect()
}

fn parse_usage(pid: i32, text: &str) -> Option<Usage> {
    let fields: Vec<&str> = text[text.rfind(')')? + 1..].split_whitespace().collect();
    Some(Usage {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        user_ticks: fields.get(11)?.parse().ok()?,
        system_ticks: fields.get(12)?.parse().ok()?,
        start_ticks: fields.get(19)?.parse().ok()?,
        rss_pages: fields.get(21)?.parse().ok()?,
    })
}

/// How long ago a process started, seconds; 0 when the kernel does not say how long it has been up.
pub(crate) fn age_seconds(process: &Usage, ticks_per_second: f64) -> f64 {
    let uptime = fs::read_to_string("/proc/uptime").unwrap_or_default();
    let up: f64 = uptime.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(0.0);
    (up - process.start_ticks as f64 / ticks_per_second).max(0.0)
}

/// Every process for which the predicate holds.
pub(crate) fn find(matches: impl Fn(&Stat) -> bool) -> Vec<ProcessName> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| {
        let stat = stat(pid).ok()?;
        matches(&stat).then_some(ProcessName { pid, start_ticks: stat.start_ticks })
    })
    .collect()
}

/// Names this boot of the host.
pub(crate) fn boot_id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_command_names_are_read_over() {
        let line = "17 (a) b (c) S 4 17 9 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4242 0 0";
        let expected = Stat { zombie: false, parent: 4, session: 9, start_ticks: 4242 };
        assert_eq!(parse_stat(line), Some(expected));
        assert_eq!(parse_stat("17 (a"), None);
    }

    #[test]
    fn a_process_with_another_start_time_is_another_process() {
        let this = ProcessName::of_self().unwrap();
        assert!(this.runs());
        assert!(!ProcessName { start_ticks: this.start_ticks + 1, ..this }.runs());
    }
}
