//! Rows 6 and 7: agents that hold a session, and what they cost; then news for all of them at once.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tests::cluster::Cluster;
use tests::job::raw_exec;

use super::fleet::{Fleet, until};
use crate::report::Figure;
use crate::statistics::{Times, ms};
use crate::wire::Wire;

/// How long the idle cluster is looked at.
const IDLE: Duration = Duration::from_secs(10);

/// Starts the agents on one server, lets them be, and then gives each an allocation.
pub(crate) async fn run(bin: &Path, dir: &Path, agents: usize) -> anyhow::Result<Vec<Figure>> {
    let cluster = Cluster::start(bin, dir, 1, 0).await?;
    let empty = cluster.largest_memory_mib();
    let fleet = Fleet::on(cluster, 1, agents).await?;
    tokio::time::sleep(IDLE / 2).await;
    let memory = (fleet.cluster.largest_memory_mib() - empty) * 1024.0 / agents as f64;
    let cpu = fleet.server_cpu();
    tokio::time::sleep(IDLE).await;
    let idle = (fleet.server_cpu() - cpu) / IDLE.as_secs_f64() * 100.0;
    let nodes = fleet.cluster.get(0, "/v1/nodes").await?;
    let down = nodes.as_array().into_iter().flatten().filter(|node| node["Status"] != "ready").count();
    let body = raw_exec("everywhere", "system", 1, "/bin/true", &[]).to_string();
    let mut wire = Wire::connect(&fleet.cluster.address(0)).await?;
    let start = Instant::now();
    wire.put("/v1/jobs", body.as_bytes()).await?.success()?;
    let books = fleet.swarm.books();
    until("an allocation at each agent", || books.count() >= agents).await?;
    let told = books.sightings().into_values().map(|sighting| sighting.seen.saturating_duration_since(start));
    let told = Times::new(told.collect());
    until("an allocation running on each agent", || {
        books.counters.acknowledged.load(Ordering::Relaxed) >= agents as u64
    })
    .await?;
    let p99 = told.quantile(0.99).as_secs_f64() * 1e3;
    Ok(vec![
        Figure::cost("6", format!("memory for each of {agents} watching agents"), memory, "KiB")
            .must(16.0)
            .beside("a node's own rows counted in"),
        Figure::cost("6", format!("submit -> one allocation at each of {agents} agents, p99"), p99, "ms")
            .beside(format!("p50 {}", ms(told.quantile(0.5))))
            .beside("placing all of them counted in (must 250 ms for the delivery alone)"),
        Figure::cost(
            "7",
            format!("{agents} agents, a heartbeat each third of a second: processor"),
            idle,
            "% of a core",
        )
        .must(agents as f64 * 3.0 / 20_000.0 * 100.0)
        .beside(format!("{down} falsely down")),
    ])
}
