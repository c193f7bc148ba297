//! Row 1: how many registrations a second are committed, over many connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tests::job::unplaceable;

use crate::report::Figure;
use crate::statistics::{Times, ms};
use crate::wire::Wire;

/// What the original does with 256 connections to three servers.
const ORIGINAL_RATE: f64 = 941.0;
const ORIGINAL_P99_MS: f64 = 412.0;
/// What stands for a job's id in the body that is sent.
const ID: &str = "id-of-the-job";
/// How long one registration may take.
const LIMIT: Duration = Duration::from_secs(30);

/// Registers new jobs from every connection until the time is up.
pub(crate) async fn run(
    addresses: &[String],
    connections: usize,
    time: Duration,
) -> anyhow::Result<Vec<Figure>> {
    let run = std::process::id();
    // Made once: the machine's processors are the servers'.
    let template: Arc<str> = unplaceable(ID).to_string().into();
    let failed = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + time;
    let workers = (0..connections).map(|number| {
        let address = addresses[number % addresses.len()].clone();
        let (failed, template) = (failed.clone(), template.clone());
        tokio::spawn(async move {
            let mut times = Vec::new();
            let mut count = 0u64;
            let mut wire = Wire::connect(&address).await?;
            while Instant::now() < until {
                let body = template.replace(ID, &format!("bench-{run}-{number}-{count}"));
                let start = Instant::now();
                let sent = tokio::time::timeout(LIMIT, wire.put("/v1/jobs", body.as_bytes())).await;
                if matches!(sent, Ok(Ok(answer)) if answer.success().is_ok()) {
                    times.push(start.elapsed());
                } else {
                    failed.fetch_add(1, Ordering::Relaxed);
                    // What was left unread would be taken for the next answer.
                    wire = Wire::connect(&address).await?;
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
    let what = format!("registrations over {connections} connections to {} servers", addresses.len());
    let p99 = times.quantile(0.99).as_secs_f64() * 1e3;
    Ok(vec![
        Figure::rate("1", what, times.len() as f64 / seconds, "/s")
            .must(5_000.0)
            .original(ORIGINAL_RATE)
            .beside(format!("{} failed", failed.load(Ordering::Relaxed))),
        Figure::cost("1", "the same, p99", p99, "ms")
            .must(60.0)
            .original(ORIGINAL_P99_MS)
            .beside(format!("p50 {}", ms(times.quantile(0.5)))),
    ])
}
