//! Counts what the log's writer does. Only numbers; nothing is decided by them.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::lock::lock;

/// The median is over this many syncs.
const WINDOW: usize = 512;

/// Counters since the log was opened.
#[derive(Debug, Default)]
pub(crate) struct WalStats {
    syncs: AtomicU64,
    entries: AtomicU64,
    recent: Mutex<VecDeque<u32>>,
}

impl WalStats {
    pub(crate) fn synced(&self, took: Duration, entries: usize) {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.entries.fetch_add(entries as u64, Ordering::Relaxed);
        let mut recent = lock(&self.recent);
        if recent.len() == WINDOW {
            recent.pop_front();
        }
        recent.push_back(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    pub(crate) fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    pub(crate) fn entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// The median of the newest syncs in microseconds; zero before the first.
    pub(crate) fn sync_p50_us(&self) -> u64 {
        let mut recent: Vec<u32> = lock(&self.recent).iter().copied().collect();
        recent.sort_unstable();
        recent.get(recent.len() / 2).copied().map_or(0, u64::from)
    }
}
