//! Pauses between attempts: exponential with full jitter and a cap.
//!
//! The pause is drawn evenly from zero to a ceiling that doubles with every attempt. Full jitter spreads callers that
//! failed at the same moment, which fixed doubling does not. It gives durations and never sleeps itself.

use crate::mint::Mint;
use std::time::Duration;

/// The sequence of pauses of one caller.
#[derive(Debug, Clone)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
    attempts: u32,
    mint: Mint,
}

impl Backoff {
    /// The first ceiling is `base`, no ceiling is above `cap`.
    pub fn new(base: Duration, cap: Duration) -> Backoff {
        Backoff { base, cap, attempts: 0, mint: Mint::random() }
    }

    /// The same with a given source of jitter, for tests.
    pub fn with_mint(self, mint: Mint) -> Backoff {
        Backoff { mint, ..self }
    }

    /// The pause before the next attempt, at least one millisecond so that a failing loop always yields.
    pub fn next_delay(&mut self) -> Duration {
        let ceiling = self.ceiling();
        self.attempts = self.attempts.saturating_add(1);
        let ns = u64::try_from(ceiling.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.mint.below(ns)).max(Duration::from_millis(1)).min(self.cap)
    }

    /// The longest that the next pause can be.
    pub fn ceiling(&self) -> Duration {
        let factor = 1u32.checked_shl(self.attempts).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }

    /// Attempts since the start or the last reset.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// After a success: start from `base` again.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings_double_up_to_the_cap_and_pauses_stay_below_them() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::new(ms(100), ms(1_000)).with_mint(Mint::seeded(1));
        for ceiling in [100, 200, 400, 800, 1_000, 1_000] {
            assert_eq!(backoff.ceiling(), ms(ceiling));
            let delay = backoff.next_delay();
            assert!(delay >= ms(1) && delay <= ms(ceiling), "{delay:?}");
        }
        for _ in 0..100 {
            assert!(backoff.next_delay() <= ms(1_000));
        }
        backoff.reset();
        assert_eq!((backoff.attempts(), backoff.ceiling()), (0, ms(100)));
    }

    #[test]
    fn pauses_differ() {
        let mut backoff =
            Backoff::new(Duration::from_secs(1), Duration::from_secs(1)).with_mint(Mint::seeded(1));
        assert_ne!(backoff.next_delay(), backoff.next_delay());
    }
}
