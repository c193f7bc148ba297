//! Quantiles of measured times.

use std::time::Duration;

/// Times in ascending order.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Times(times)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The time that a share of all stays below; zero without any.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let at = ((self.0.len() as f64 * share) as usize).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or_default()
    }
}

/// Milliseconds with two decimals.
pub(crate) fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
