//! Memory over time: the same load on the same objects for an hour, after which servers hold what they held before.
//!
//! Services are registered again and again in changed versions, jobs really run and end, variables change, blocking
//! queries wait and wake, and garbage is collected every half minute, so that the state is as large at the end as it was
//! after the first minutes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use tests::cluster::Cluster;
use tests::job::{raw_exec, unplaceable};

use crate::report::Figure;
use crate::wire::Wire;

/// Services that change.
const SERVICES: u64 = 200;
/// Workers that share the rate.
const WORKERS: u64 = 8;
/// How often garbage is collected, and memory looked at.
const EVERY: Duration = Duration::from_secs(30);
/// A job that runs, every so many operations of a worker.
const RUNS: u64 = 50;
/// What of the time counts as warming up: caches fill, the history of each job reaches its limit.
const WARM: f64 = 0.25;

/// How long and how hard.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// The drover binary.
    #[arg(long)]
    bin: PathBuf,
    /// Where the servers keep their data; a temporary directory below it is removed at the end.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// How long, in minutes.
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,
    /// Operations a second over all workers.
    #[arg(long, default_value_t = 100.0)]
    rate: f64,
}

/// Loads three servers and a client agent, and prints what the largest server takes up as it goes.
pub(crate) async fn run(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let cluster = Cluster::start(&plan.bin, &plan.dir, 3, 1).await?;
    let (start, time) = (Instant::now(), Duration::from_secs_f64(plan.minutes * 60.0));
    let counts = Arc::new((AtomicU64::new(0), AtomicU64::new(0)));
    let pause = Duration::from_secs_f64(WORKERS as f64 / plan.rate.max(0.1));
    for number in 0..WORKERS {
        let address = cluster.address(usize::try_from(number)? % 3);
        tokio::spawn(work(address, number, pause, Arc::clone(&counts)));
    }
    let mut samples = Vec::new();
    while start.elapsed() < time {
        tokio::time::sleep(EVERY.min(time)).await;
        collect(&cluster.address(0)).await?;
        let memory = cluster.largest_memory_mib();
        samples.push((start.elapsed().as_secs_f64() / time.as_secs_f64(), memory));
        let (done, failed) = (counts.0.load(Ordering::Relaxed), counts.1.load(Ordering::Relaxed));
        let minutes = start.elapsed().as_secs_f64() / 60.0;
        println!("{minutes:.1} min: {memory:.1} MiB, {done} operations, {failed} failed");
    }
    let warm = middle(samples.iter().filter(|(part, _)| (WARM..WARM + 0.15).contains(part)));
    let end = middle(samples.iter().filter(|(part, _)| *part > 0.85));
    let what = format!("memory of the largest server after {:.0} minutes under load", plan.minutes);
    Ok(vec![
        Figure::cost("soak", what, end, "MiB")
            .beside(format!("{warm:.1} MiB once warm: {:+.1} %", (end / warm - 1.0) * 100.0))
            .beside(format!("{} operations", counts.0.load(Ordering::Relaxed)))
            .beside(format!("{} failed", counts.1.load(Ordering::Relaxed))),
    ])
}

/// The middle one of some samples.
fn middle<'a>(samples: impl Iterator<Item = &'a (f64, f64)>) -> f64 {
    let mut values: Vec<f64> = samples.map(|(_, memory)| *memory).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

async fn collect(address: &str) -> anyhow::Result<()> {
    Wire::connect(address).await?.put("/v1/system/gc", &[]).await?.success()
}

/// One worker; what fails is counted, and its connection made anew.
async fn work(address: String, number: u64, pause: Duration, counts: Arc<(AtomicU64, AtomicU64)>) {
    let mut ticks = tokio::time::interval(pause);
    let mut wire = None;
    for turn in 0u64.. {
        ticks.tick().await;
        if wire.is_none() {
            wire = Wire::connect(&address).await.ok();
        }
        let fine = match wire.as_mut() {
            Some(wire) => operation(wire, number, turn).await.is_ok(),
            None => false,
        };
        if !fine {
            wire = None;
            counts.1.fetch_add(1, Ordering::Relaxed);
        }
        counts.0.fetch_add(1, Ordering::Relaxed);
    }
}

async fn operation(wire: &mut Wire, number: u64, turn: u64) -> anyhow::Result<()> {
    let own = SERVICES / WORKERS;
    let service = format!("soak-{}", number * own + turn % own);
    if turn % RUNS == RUNS - 1 {
        let body = raw_exec(&format!("soak-run-{number}"), "batch", 1, "/bin/true", &[]).to_string();
        return wire.put("/v1/jobs", body.as_bytes()).await?.success();
    }
    match turn % 4 {
        0 | 1 => {
            let mut body = unplaceable(&service);
            body["Job"]["Meta"] = json!({ "turn": turn.to_string() });
            wire.put("/v1/jobs", body.to_string().as_bytes()).await?.success()
        }
        2 => {
            let body = json!({ "Items": { "turn": turn.to_string() } }).to_string();
            wire.put(&format!("/v1/var/soak/{number}"), body.as_bytes()).await?.success()
        }
        _ => wire.get("/v1/jobs?prefix=soak&per_page=20&index=1&wait=10ms").await?.success(),
    }
}
