//! When this server last heard from a leader.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The time of the last contact. A server that never heard of any counts from its start.
#[derive(Debug)]
pub(crate) struct Contact {
    start: Instant,
    /// Milliseconds from the start to the last contact.
    last_ms: AtomicU64,
}

impl Default for Contact {
    fn default() -> Self {
        Contact { start: Instant::now(), last_ms: AtomicU64::new(0) }
    }
}

impl Contact {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A leader was heard just now.
    pub(crate) fn heard(&self) {
        // Answers cross: the latest counts.
        self.last_ms.fetch_max(self.now_ms(), Ordering::Relaxed);
    }

    /// How long ago that was.
    pub(crate) fn elapsed(&self) -> Duration {
        Duration::from_millis(self.now_ms().saturating_sub(self.last_ms.load(Ordering::Relaxed)))
    }
}
