//! Values survive concurrent use, and both renderings hold them.

use super::*;
use crate::clock::Clock;

#[test]
fn handles_of_one_name_are_one_series() {
    let metrics = Metrics::new();
    metrics.counter("nomad.x", &[]).add(2);
    metrics.counter("nomad.x", &[]).increment();
    metrics.counter("nomad.x", &[("job", "a")]).increment();
    assert_eq!(metrics.counter("nomad.x", &[]).total(), 3);
    metrics.gauge("nomad.g", &[]).set(2.5);
    metrics.gauge("nomad.g", &[]).add(-1.0);
    assert!((metrics.gauge("nomad.g", &[]).value() - 1.5).abs() < 1e-9);
    // The name is taken by a counter; the gauge works and stays unseen.
    metrics.gauge("nomad.x", &[]).set(9.0);
    assert_eq!(metrics.counter("nomad.x", &[]).total(), 3);
    metrics.remove("nomad.x", &[("job", "a")]);
    assert_eq!(metrics.counter("nomad.x", &[("job", "a")]).total(), 0);
}

#[test]
fn nothing_is_lost_between_threads() {
    let metrics = Metrics::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let (counter, summary) = (metrics.counter("c", &[]), metrics.summary("s", &[]));
                for _ in 0..5_000 {
                    counter.increment();
                    summary.observe(1.0);
                }
            });
        }
    });
    assert_eq!(metrics.counter("c", &[]).total(), 20_000);
    let totals = metrics.summary("s", &[]).0.totals();
    assert_eq!((totals.count, totals.sum, totals.min, totals.max), (20_000, 20_000.0, 1.0, 1.0));
}

#[test]
fn percentiles_are_of_the_last_window() {
    let summary = Metrics::new().summary("s", &[]);
    assert_eq!(summary.quantile(0.5), 0.0);
    for value in 0..1_000 {
        summary.observe(f64::from(1_000_000 + value));
    }
    for value in 1..=1_024 {
        summary.observe(f64::from(value));
    }
    summary.observe(f64::NAN);
    assert_eq!(
        (summary.quantile(0.5), summary.quantile(0.99), summary.quantile(1.0)),
        (512.0, 1_014.0, 1_024.0)
    );
    assert_eq!(summary.count(), 2_024);
}

#[test]
fn both_forms_hold_every_series() {
    let metrics = Metrics::new();
    metrics.counter("nomad.jobs", &[]).add(3);
    metrics.gauge("nomad.client.allocs.running", &[("node_id", "a\"b")]).set(2.0);
    metrics.summary("nomad.raft.commit", &[]).observe_duration(Duration::from_millis(4));
    let json = metrics.to_json(&Clock::fixed(1_795_224_057_000_000_000));
    assert_eq!(json["Timestamp"], "2026-11-21 01:20:50 +0000 UTC");
    assert_eq!(
        (&json["Counters"][0]["Name"], &json["Counters"][0]["Sum"]),
        (&"nomad.jobs".into(), &3.0.into())
    );
    assert_eq!(json["Gauges"][0]["Labels"]["node_id"], "a\"b");
    assert_eq!((&json["Samples"][0]["P99"], &json["Samples"][0]["Count"]), (&4.0.into(), &1.into()));
    assert!(json["Points"].is_array() && json["PrecisionGauges"].is_array());
    let text = metrics.to_prometheus();
    assert!(text.contains("# TYPE nomad_jobs counter\nnomad_jobs 3\n"), "{text}");
    assert!(text.contains("nomad_client_allocs_running{node_id=\"a\\\"b\"} 2\n"), "{text}");
    assert!(text.contains("nomad_raft_commit{quantile=\"0.99\"} 4\n"), "{text}");
    assert!(text.contains("nomad_raft_commit_count 1\n"), "{text}");
}

#[test]
fn a_label_with_endless_values_is_bounded() {
    let metrics = Metrics::new();
    for n in 0..SERIES_LIMIT + 5 {
        metrics.gauge("g", &[("n", &n.to_string())]).set(1.0);
    }
    assert_eq!(metrics.entries().len(), SERIES_LIMIT);
    let json = metrics.to_json(&Clock::fixed(0));
    let gauges = json["Gauges"].as_array().unwrap();
    assert_eq!(gauges.last().unwrap()["Value"], 5);
}
