//! When this server last heard from a leader; of a leader, from a quorum.

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
    fn ms_at(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.start).as_millis()).unwrap_or(u64::MAX)
    }

    /// They were heard then.
    pub(crate) fn heard_at(&self, at: Instant) {
        // Answers cross: the latest counts.
        self.last_ms.fetch_max(self.ms_at(at), Ordering::Relaxed);
    }

    /// They were heard so long ago.
    pub(crate) fn heard_before(&self, ago: Duration) {
        if let Some(at) = Instant::now().checked_sub(ago) {
            self.heard_at(at);
        }
    }

    /// How long ago that was.
    pub(crate) fn elapsed(&self) -> Duration {
        let now_ms = self.ms_at(Instant::now());
        Duration::from_millis(now_ms.saturating_sub(self.last_ms.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_word_counts_from_when_it_came() {
        let contact = Contact::default();
        let later = |ms| contact.start + Duration::from_millis(ms);
        contact.heard_at(later(300));
        contact.heard_at(later(200));
        // Longer ago than the start.
        contact.heard_before(Duration::from_secs(3_600));
        assert_eq!(contact.last_ms.load(Ordering::Relaxed), 300);
    }
}
