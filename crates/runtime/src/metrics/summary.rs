//! The cells behind a summary: running totals and a ring of the last observations.
//!
//! Writers never wait for each other. A reader may see a ring in which an observation is counted and not yet stored;
//! percentiles of a thousand values do not notice.

use std::sync::atomic::{AtomicU64, Ordering};

/// Observations that percentiles are taken from.
pub(super) const WINDOW: usize = 1024;

#[derive(Debug)]
pub(super) struct Window {
    ring: Box<[AtomicU64]>,
    count: AtomicU64,
    sum: AtomicU64,
    sum_of_squares: AtomicU64,
    min: AtomicU64,
    max: AtomicU64,
}

impl Default for Window {
    fn default() -> Self {
        let bits = |value: f64| AtomicU64::new(value.to_bits());
        Window {
            ring: (0..WINDOW).map(|_| bits(f64::NAN)).collect(),
            count: AtomicU64::new(0),
            sum: bits(0.0),
            sum_of_squares: bits(0.0),
            min: bits(f64::INFINITY),
            max: bits(f64::NEG_INFINITY),
        }
    }
}

/// The totals of a summary at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Totals {
    pub(super) count: u64,
    pub(super) sum: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) mean: f64,
    pub(super) stddev: f64,
}

impl Window {
    pub(super) fn observe(&self, value: f64) {
        if !value.is_finite() {
            return;
        }
        let at = self.count.fetch_add(1, Ordering::Relaxed);
        self.ring[at as usize % WINDOW].store(value.to_bits(), Ordering::Relaxed);
        update(&self.sum, |sum| sum + value);
        update(&self.sum_of_squares, |sum| sum + value * value);
        update(&self.min, |min| min.min(value));
        update(&self.max, |max| max.max(value));
    }

    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    pub(super) fn totals(&self) -> Totals {
        let count = self.count();
        if count == 0 {
            return Totals::default();
        }
        let read = |cell: &AtomicU64| f64::from_bits(cell.load(Ordering::Relaxed));
        let (n, sum) = (count as f64, read(&self.sum));
        let mean = sum / n;
        let variance =
            if count < 2 { 0.0 } else { (read(&self.sum_of_squares) - n * mean * mean) / (n - 1.0) };
        Totals {
            count,
            sum,
            min: read(&self.min),
            max: read(&self.max),
            mean,
            stddev: variance.max(0.0).sqrt(),
        }
    }

    /// The observations in the ring in ascending order.
    pub(super) fn sorted(&self) -> Vec<f64> {
        let mut values: Vec<f64> = self
            .ring
            .iter()
            .map(|cell| f64::from_bits(cell.load(Ordering::Relaxed)))
            .filter(|value| !value.is_nan())
            .collect();
        values.sort_by(f64::total_cmp);
        values
    }
}

/// The nearest-rank quantile of sorted values.
pub(super) fn quantile(sorted: &[f64], quantile: f64) -> f64 {
    if sorted.is_empty() {
        return 0.0;
    }
    let rank = (quantile.clamp(0.0, 1.0) * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

fn update(cell: &AtomicU64, change: impl Fn(f64) -> f64) {
    let changed = |bits| Some(change(f64::from_bits(bits)).to_bits());
    // The closure never gives `None`, so this always succeeds.
    let _previous = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, changed);
}
