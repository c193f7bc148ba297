//! Row 1: how many registrations a second are committed, over many connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tests::job::unplaceable;

use crate::statistics::{Times, ms};

/// Registers new jobs from every connection until the time is up.
pub(crate) async fn run(addresses: &[String], connections: usize, time: Duration) -> anyhow::Result<String> {
    let run = std::process::id();
    let failed = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + time;
    let workers = (0..connections).map(|number| {
        let url = format!("{}/v1/jobs", addresses[number % addresses.len()]);
        let failed = failed.clone();
        // A client for each connection: they must not share one.
        let client = reqwest::Client::builder().pool_max_idle_per_host(1).build();
        tokio::spawn(async move {
            let client = client?;
            let mut times = Vec::new();
            let mut count = 0u64;
            while Instant::now() < until {
                let body = unplaceable(&format!("bench-{run}-{number}-{count}"));
                let start = Instant::now();
                let sent = client.put(&url).json(&body).timeout(Duration::from_secs(30)).send().await;
                match sent {
                    Ok(answer) if answer.status().is_success() => times.push(start.elapsed()),
                    _ => {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
                count += 1;
            }
            anyhow::Ok(times)
        })
    });
    let start = Instant::now();
    let mut all = Vec::new();
    for worker in futures::future::join_all(workers).await {
        all.extend(worker??);
    }
    let seconds = start.elapsed().as_secs_f64();
    let times = Times::new(all);
    Ok(format!(
        "row 1: {:.0} registrations/s over {connections} connections to {} servers, p50 {} p99 {}, {} failed (must 5,000/s, p99 60 ms)",
        times.len() as f64 / seconds,
        addresses.len(),
        ms(times.quantile(0.5)),
        ms(times.quantile(0.99)),
        failed.load(Ordering::Relaxed),
    ))
}
