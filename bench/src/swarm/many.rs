//! Rows 4, 10, 11 and 12: many allocations placed, kept, saved and read again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use tests::job::raw_exec;

use super::fleet::{Fleet, until};
use crate::report::{Figure, short};
use crate::wire::Wire;

/// Connections that register the jobs.
const WRITERS: usize = 16;

/// How much is placed.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    /// Simulated client agents.
    pub(crate) agents: usize,
    /// Services.
    pub(crate) jobs: usize,
    /// Allocations of each.
    pub(crate) count: usize,
}

impl Load {
    fn allocs(&self) -> usize {
        self.jobs * self.count
    }

    fn words(&self) -> String {
        format!("{} services x {} allocations on {} agents", self.jobs, self.count, self.agents)
    }
}

/// Registers the jobs and waits until every allocation runs.
pub(crate) async fn run(fleet: &Fleet, load: &Load) -> anyhow::Result<Vec<Figure>> {
    let books = fleet.swarm.books();
    let addresses = fleet.cluster.addresses();
    let cpu = fleet.server_cpu();
    let start = Instant::now();
    let next = AtomicUsize::new(0);
    let writers = (0..WRITERS.min(load.jobs)).map(|writer| {
        let (next, address) = (&next, &addresses[writer % addresses.len()]);
        async move {
            let mut wire = Wire::connect(address).await?;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= load.jobs {
                    return anyhow::Ok(());
                }
                let body =
                    raw_exec(&format!("many-{number}"), "service", load.count as u64, "/bin/true", &[]);
                wire.put("/v1/jobs", body.to_string().as_bytes()).await?.success()?;
            }
        }
    });
    futures::future::try_join_all(writers).await?;
    let registered = start.elapsed();
    until("every allocation at its agent", || books.count() >= load.allocs()).await?;
    let placed = start.elapsed();
    let counted = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed) as usize;
    until("every allocation running", || counted(&books.counters.acknowledged) >= load.allocs()).await?;
    let running = start.elapsed();
    let cpu = (fleet.server_cpu() - cpu) * 1e3 / load.allocs() as f64;
    let figure = |what: &str, time: Duration| {
        let what = format!("{}, {} servers: {what}", load.words(), fleet.servers);
        Figure::cost("4", what, time.as_secs_f64(), "s")
    };
    let like_the_original = load.jobs == 20 && load.count == 250 && load.agents == 100;
    let compared =
        |figure: Figure, original: f64| if like_the_original { figure.original(original) } else { figure };
    let whole = |figure: Figure| if load.allocs() >= 1_000_000 { figure.must(60.0) } else { figure };
    let rate = load.allocs() as f64 / placed.as_secs_f64();
    Ok(vec![
        whole(compared(figure("placed, durable and at the agents", placed), 25.6))
            .beside(format!("registered after {} s", short(registered.as_secs_f64())))
            .beside(format!("{} allocations/s", short(rate))),
        compared(figure("running, and the servers know", running), 28.5)
            .beside("the agents compute on the same machine"),
        compared(Figure::cost("4", "processor time of all servers for each allocation", cpu, "ms"), 5.6),
    ])
}

/// What so much state costs: memory, a snapshot, a restart.
pub(crate) async fn keep(fleet: &mut Fleet, load: &Load) -> anyhow::Result<Vec<Figure>> {
    let memory = fleet.cluster.largest_memory_mib() * 1024.0 / load.allocs() as f64;
    let leader = fleet.cluster.leader().await?;
    let client = reqwest::Client::builder().timeout(Duration::from_secs(300)).build()?;
    let start = Instant::now();
    let url = format!("{}/v1/operator/snapshot", fleet.cluster.address(leader));
    let saved = client.get(url).send().await?.error_for_status()?.bytes().await?;
    let saving = start.elapsed();
    let follower = (0..fleet.servers).find(|server| *server != leader).unwrap_or(leader);
    fleet.cluster.kill(follower)?;
    let start = Instant::now();
    fleet.cluster.spawn(follower)?;
    let before = fleet.cluster.address(follower);
    let mut ready = false;
    while !ready && start.elapsed() < Duration::from_secs(120) {
        ready = match client.get(format!("{before}/v1/status/leader")).send().await {
            Ok(answer) => answer.status().is_success() && answer.text().await?.contains(':'),
            Err(_) => false,
        };
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    ensure!(ready, "a restarted server was not ready within two minutes");
    let restart = start.elapsed().as_secs_f64();
    let allocs = load.allocs();
    let must = |figure: Figure, must: f64| if allocs >= 1_000_000 { figure.must(must) } else { figure };
    Ok(vec![
        must(
            Figure::cost("10", format!("memory of a server for each of {allocs} allocations"), memory, "KiB"),
            1.0,
        )
        .beside("everything else in the process counted in"),
        must(
            Figure::cost(
                "11",
                format!("snapshot of {allocs} allocations, saved over HTTP"),
                saving.as_secs_f64(),
                "s",
            ),
            10.0,
        )
        .beside(format!("{} MB", short(saved.len() as f64 / 1e6))),
        must(Figure::cost("12", format!("restart of a server with {allocs} allocations"), restart, "s"), 8.0),
    ])
}
