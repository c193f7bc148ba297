//! The only reader of the wall clock.
//!
//! Whoever needs the time is given a `Clock`; a test gives a fixed one and moves it by hand. Timestamps in commands
//! come from `now_ns`, intervals from `ticks`, which no correction of the wall clock moves.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where monotonic time starts. The value means nothing outside of this process.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A source of time. Cheap to clone; clones of a fixed clock move together.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Clock {
        Clock(Source::System)
    }

    /// A clock that stands at `now_ns` until `advance` moves it.
    pub fn fixed(now_ns: i64) -> Clock {
        Clock(Source::Fixed(Arc::new(AtomicI64::new(now_ns))))
    }

    /// Nanoseconds since 1970-01-01 UTC. Never negative; can step back when the machine's clock is set.
    pub fn now_ns(&self) -> i64 {
        match &self.0 {
            Source::System => match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
                Err(_) => 0,
            },
            Source::Fixed(now) => now.load(Ordering::SeqCst),
        }
    }

    /// A point in monotonic time, for intervals within this process.
    pub fn ticks(&self) -> Ticks {
        match &self.0 {
            Source::System => Ticks(u64::try_from(ORIGIN.elapsed().as_nanos()).unwrap_or(u64::MAX)),
            Source::Fixed(now) => Ticks(u64::try_from(now.load(Ordering::SeqCst)).unwrap_or(0)),
        }
    }

    /// Move a fixed clock forward. Does nothing to the machine's clock.
    pub fn advance(&self, by: Duration) {
        if let Source::Fixed(now) = &self.0 {
            now.fetch_add(i64::try_from(by.as_nanos()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}

/// A point in monotonic time, in nanoseconds since an arbitrary origin of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticks(u64);

impl Ticks {
    /// Time from `earlier` to `self`; zero when `earlier` is later.
    pub fn since(self, earlier: Ticks) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// The point `by` later.
    pub fn plus(self, by: Duration) -> Ticks {
        Ticks(self.0.saturating_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)))
    }

    /// Nanoseconds since the origin, as a signed number for state machines that take time as an argument.
    pub fn as_ns(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_by_hand_and_with_its_clones() {
        let clock = Clock::fixed(5_000);
        let twin = clock.clone();
        let start = clock.ticks();
        twin.advance(Duration::from_secs(2));
        assert_eq!(clock.now_ns(), 2_000_005_000);
        assert_eq!(clock.ticks().since(start), Duration::from_secs(2));
        assert_eq!(start.since(clock.ticks()), Duration::ZERO);
        assert_eq!(start.plus(Duration::from_secs(2)), clock.ticks());
    }

    #[test]
    fn the_system_clock_is_after_this_code_was_written() {
        let clock = Clock::system();
        assert!(clock.now_ns() > 1_760_000_000_000_000_000);
        let earlier = clock.ticks();
        assert!(clock.ticks() >= earlier);
    }
}
