//! The two forms of `/v1/metrics`: the original's JSON and the Prometheus text format.
//!
//! The original's JSON shows the last interval of ten seconds; here counters and samples show the time since the
//! start, because tools that poll compute differences anyway and a process-wide ring per series would cost memory.

use super::summary::quantile;
use super::{Key, Metrics, Series};
use crate::clock::Clock;
use serde_json::{Value, json};
use std::fmt::Write;

impl Metrics {
    /// `{Timestamp, Gauges, PrecisionGauges, Points, Counters, Samples}`.
    pub fn to_json(&self, clock: &Clock) -> Value {
        let seconds = self.uptime().as_secs_f64().max(1.0);
        let (mut gauges, mut counters, mut samples) = (Vec::new(), Vec::new(), Vec::new());
        for (key, series) in self.entries() {
            match series {
                Series::Gauge(gauge) => {
                    gauges.push(json!({"Name": key.name, "Value": gauge.value(), "Labels": key.labels}));
                }
                Series::Counter(counter) => {
                    let calls = counter.0.calls.load(std::sync::atomic::Ordering::Relaxed);
                    let sum = counter.total() as f64;
                    let mean = if calls == 0 { 0.0 } else { sum / calls as f64 };
                    counters.push(json!({
                        "Name": key.name, "Count": calls, "Rate": sum / seconds, "Sum": sum, "Mean": mean,
                        "Labels": key.labels,
                    }));
                }
                Series::Summary(summary) => {
                    let totals = summary.0.totals();
                    let sorted = summary.0.sorted();
                    samples.push(json!({
                        "Name": key.name, "Count": totals.count, "Rate": totals.sum / seconds, "Sum": totals.sum,
                        "Min": totals.min, "Max": totals.max, "Mean": totals.mean, "Stddev": totals.stddev,
                        "P50": quantile(&sorted, 0.5), "P99": quantile(&sorted, 0.99), "Labels": key.labels,
                    }));
                }
            }
        }
        if self.dropped() > 0 {
            let name = "nomad.metrics.dropped_series";
            gauges.push(json!({"Name": name, "Value": self.dropped(), "Labels": {}}));
        }
        json!({
            "Timestamp": timestamp(clock.now_ns()),
            "Gauges": gauges, "PrecisionGauges": [], "Points": [], "Counters": counters, "Samples": samples,
        })
    }

    /// The Prometheus text format, version 0.0.4.
    pub fn to_prometheus(&self) -> String {
        let mut out = String::new();
        let mut last = String::new();
        for (key, series) in self.entries() {
            let name = prometheus_name(&key.name);
            let kind = match &series {
                Series::Gauge(_) => "gauge",
                Series::Counter(_) => "counter",
                Series::Summary(_) => "summary",
            };
            if name != last {
                let _infallible = writeln!(out, "# HELP {name} {}\n# TYPE {name} {kind}", key.name);
                last.clone_from(&name);
            }
            write_series(&mut out, &name, &key, &series);
        }
        out
    }
}

fn write_series(out: &mut String, name: &str, key: &Key, series: &Series) {
    let mut line = |suffix: &str, extra: Option<(&str, &str)>, value: f64| {
        let labels = prometheus_labels(key, extra);
        let _infallible = writeln!(out, "{name}{suffix}{labels} {value}");
    };
    match series {
        Series::Gauge(gauge) => line("", None, gauge.value()),
        Series::Counter(counter) => line("", None, counter.total() as f64),
        Series::Summary(summary) => {
            let (totals, sorted) = (summary.0.totals(), summary.0.sorted());
            for (text, share) in [("0.5", 0.5), ("0.9", 0.9), ("0.99", 0.99)] {
                line("", Some(("quantile", text)), quantile(&sorted, share));
            }
            line("_sum", None, totals.sum);
            line("_count", None, totals.count as f64);
        }
    }
}

fn prometheus_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == ':' { c } else { '_' }).collect()
}

fn prometheus_labels(key: &Key, extra: Option<(&str, &str)>) -> String {
    let own = key.labels.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    let all: Vec<String> = own
        .chain(extra)
        .map(|(k, v)| {
            let value = v.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            format!("{}=\"{value}\"", prometheus_name(k).replace(':', "_"))
        })
        .collect();
    if all.is_empty() { String::new() } else { format!("{{{}}}", all.join(",")) }
}

/// Go's default form of a time, cut to the ten seconds that the original collects over.
fn timestamp(now_ns: i64) -> String {
    const INTERVAL_NS: i64 = 10_000_000_000;
    let cut = i128::from(now_ns - now_ns.rem_euclid(INTERVAL_NS));
    match jiff::Timestamp::from_nanosecond(cut) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S +0000 UTC").to_string(),
        Err(_) => String::new(),
    }
}
