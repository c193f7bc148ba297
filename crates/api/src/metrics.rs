//! The Metrics page.

use std::collections::BTreeMap;

use crate::shape::shape;

shape! {
    /// What an agent measures.
    Metrics {
        "Counters" counters: Vec<Counter>,
        "Gauges" gauges: Vec<Gauge>,
        "Points" points: Vec<Gauge>,
        "PrecisionGauges" precision_gauges: Vec<Gauge>,
        "Samples" samples: Vec<Sample>,
        "Timestamp" timestamp: String,
    }
    /// A figure as it is now.
    Gauge { "Labels" labels: BTreeMap<String, String>, "Name" name: String, "Value" value: f64 }
    /// Something that is counted.
    Counter {
        "Count" count: u64,
        "Labels" labels: BTreeMap<String, String>,
        "Mean" mean: f64,
        "Name" name: String,
        "Rate" rate: f64,
        "Sum" sum: f64,
    }
    /// Something that is measured again and again.
    Sample {
        "Count" count: u64,
        "Labels" labels: BTreeMap<String, String>,
        "Max" max: f64,
        "Mean" mean: f64,
        "Min" min: f64,
        "Name" name: String,
        "P50" p50: f64,
        "P99" p99: f64,
        "Rate" rate: f64,
        "Stddev" stddev: f64,
        "Sum" sum: f64,
    }
}
