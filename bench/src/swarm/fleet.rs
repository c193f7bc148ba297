//! Servers as processes, and simulated client agents in this one.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tests::cluster::Cluster;
use tests::swarm::{Options, Swarm};

/// Sessions that share a connection: thousands of agents in one process would run out of descriptors.
const PER_CONNECTION: usize = 50;
/// How long anything may take before the benchmark gives up.
const PATIENCE: Duration = Duration::from_secs(600);
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Clock ticks of `/proc/PID/stat` in a second: fixed in Linux.
const TICKS: f64 = 100.0;

/// A cluster and its agents.
pub(crate) struct Fleet {
    pub(crate) cluster: Cluster,
    pub(crate) swarm: Swarm,
    pub(crate) servers: usize,
}

impl Fleet {
    /// Starts both, and waits until every node is ready.
    pub(crate) async fn start(
        bin: &Path,
        dir: &Path,
        servers: usize,
        agents: usize,
    ) -> anyhow::Result<Fleet> {
        let cluster = Cluster::start(bin, dir, servers, 0).await?;
        Fleet::on(cluster, servers, agents).await
    }

    /// Adds agents to a cluster.
    pub(crate) async fn on(cluster: Cluster, servers: usize, agents: usize) -> anyhow::Result<Fleet> {
        let options = Options {
            servers: (0..servers).map(|server| cluster.rpc_listens(server).to_string()).collect(),
            agents,
            cpu: 10_000,
            memory_mb: 20_000,
            per_connection: PER_CONNECTION,
            ..Options::default()
        };
        let fleet = Fleet { swarm: Swarm::begin(options), cluster, servers };
        until("sessions of all agents", || {
            fleet.swarm.books().counters.sessions.load(Ordering::Relaxed) >= agents as u64
        })
        .await?;
        fleet.cluster.await_ready_nodes(agents).await?;
        Ok(fleet)
    }

    /// Processor time of all servers so far, seconds.
    pub(crate) fn server_cpu(&self) -> f64 {
        (0..self.servers).filter_map(|server| cpu_of(self.cluster.pid(server)?)).sum()
    }
}

/// Waits until `done`, as long as it takes within reason.
pub(crate) async fn until(what: &str, mut done: impl FnMut() -> bool) -> anyhow::Result<()> {
    let start = Instant::now();
    while !done() {
        ensure!(start.elapsed() < PATIENCE, "{what} did not come about within {PATIENCE:?}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

fn cpu_of(pid: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold blanks; the fields behind it do not.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}
