//! The metrics of this process: counters, gauges and summaries under the original's names.
//!
//! A handle is looked up once and kept; using it is a few atomic operations without a lock. Names and labels are not
//! configured anywhere, and nothing is pushed: `/v1/metrics` renders what is there.

mod render;
mod summary;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use std::time::{Duration, Instant};
use summary::Window;

/// Series beyond this are not registered: their handles work, but nobody sees them. It bounds what a label with
/// endless values can cost; `nomad.metrics.dropped_series` counts them.
pub const SERIES_LIMIT: usize = 20_000;

/// A registry. Cheap to clone; clones are the same registry.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    started: Instant,
    series: RwLock<BTreeMap<Key, Series>>,
    dropped: AtomicU64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: String,
    labels: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
enum Series {
    Counter(Counter),
    Gauge(Gauge),
    Summary(Summary),
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics::new()
    }
}

impl Metrics {
    /// An empty registry of its own, for tests.
    pub fn new() -> Metrics {
        let (series, dropped) = (RwLock::default(), AtomicU64::new(0));
        Metrics(Arc::new(Inner { started: Instant::now(), series, dropped }))
    }

    /// The registry of this process.
    pub fn global() -> &'static Metrics {
        static GLOBAL: LazyLock<Metrics> = LazyLock::new(Metrics::new);
        &GLOBAL
    }

    /// The counter of that name, made at the first call. Names are dotted: `nomad.client.allocs.complete`.
    pub fn counter(&self, name: &str, labels: &[(&str, &str)]) -> Counter {
        let made = self.find_or_insert(
            name,
            labels,
            |s| matches!(s, Series::Counter(_)),
            || Series::Counter(Counter::default()),
        );
        match made {
            Series::Counter(counter) => counter,
            _ => Counter::default(),
        }
    }

    /// The gauge of that name.
    pub fn gauge(&self, name: &str, labels: &[(&str, &str)]) -> Gauge {
        let made = self.find_or_insert(
            name,
            labels,
            |s| matches!(s, Series::Gauge(_)),
            || Series::Gauge(Gauge::default()),
        );
        match made {
            Series::Gauge(gauge) => gauge,
            _ => Gauge::default(),
        }
    }

    /// The summary of that name. Durations are milliseconds, as the original's are.
    pub fn summary(&self, name: &str, labels: &[(&str, &str)]) -> Summary {
        let made = self.find_or_insert(
            name,
            labels,
            |s| matches!(s, Series::Summary(_)),
            || Series::Summary(Summary::default()),
        );
        match made {
            Series::Summary(summary) => summary,
            _ => Summary::default(),
        }
    }

    /// Forget a series, when what its labels name is gone.
    pub fn remove(&self, name: &str, labels: &[(&str, &str)]) {
        self.0.series.write().unwrap_or_else(PoisonError::into_inner).remove(&key(name, labels));
    }

    /// A name that is already used for another kind gives a handle that nobody sees; that is a programming error
    /// which must not end a running cluster.
    fn find_or_insert(
        &self,
        name: &str,
        labels: &[(&str, &str)],
        fits: impl Fn(&Series) -> bool,
        make: impl FnOnce() -> Series,
    ) -> Series {
        let key = key(name, labels);
        if let Some(found) = self.0.series.read().unwrap_or_else(PoisonError::into_inner).get(&key)
            && fits(found)
        {
            return found.clone();
        }
        let mut series = self.0.series.write().unwrap_or_else(PoisonError::into_inner);
        match series.get(&key) {
            Some(found) if fits(found) => found.clone(),
            None if series.len() < SERIES_LIMIT => {
                let made = make();
                series.insert(key, made.clone());
                made
            }
            _ => {
                self.0.dropped.fetch_add(1, Ordering::Relaxed);
                make()
            }
        }
    }

    /// A copy of the registry's entries; the lock is held for the copying alone.
    fn entries(&self) -> Vec<(Key, Series)> {
        let series = self.0.series.read().unwrap_or_else(PoisonError::into_inner);
        series.iter().map(|(key, series)| (key.clone(), series.clone())).collect()
    }

    fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    fn uptime(&self) -> Duration {
        self.0.started.elapsed()
    }
}

fn key(name: &str, labels: &[(&str, &str)]) -> Key {
    let labels = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Key { name: name.to_owned(), labels }
}

/// A number that only grows.
#[derive(Debug, Clone, Default)]
pub struct Counter(Arc<CounterCells>);

#[derive(Debug, Default)]
struct CounterCells {
    calls: AtomicU64,
    sum: AtomicU64,
}

impl Counter {
    /// Add one.
    pub fn increment(&self) {
        self.add(1);
    }

    /// Add `by`.
    pub fn add(&self, by: u64) {
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        self.0.sum.fetch_add(by, Ordering::Relaxed);
    }

    /// The total.
    pub fn total(&self) -> u64 {
        self.0.sum.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Clone, Default)]
pub struct Gauge(Arc<AtomicU64>);

impl Gauge {
    /// Set the value.
    pub fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }

    /// Add `by`, which may be negative.
    pub fn add(&self, by: f64) {
        let added = |bits| Some((f64::from_bits(bits) + by).to_bits());
        // The closure never gives `None`, so this always succeeds.
        let _previous = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, added);
    }

    /// The value.
    pub fn value(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

/// Observations with their distribution: totals since the start, percentiles over the last 1024.
#[derive(Debug, Clone, Default)]
pub struct Summary(Arc<Window>);

impl Summary {
    /// Record one observation. What is not a number is ignored.
    pub fn observe(&self, value: f64) {
        self.0.observe(value);
    }

    /// Record a duration, in milliseconds.
    pub fn observe_duration(&self, duration: Duration) {
        self.observe(duration.as_secs_f64() * 1e3);
    }

    /// The value below which the share `quantile` (0 to 1) of the last 1024 observations lies; 0 without any.
    pub fn quantile(&self, quantile: f64) -> f64 {
        summary::quantile(&self.0.sorted(), quantile)
    }

    /// Observations since the start.
    pub fn count(&self) -> u64 {
        self.0.count()
    }
}

#[cfg(test)]
mod tests;
