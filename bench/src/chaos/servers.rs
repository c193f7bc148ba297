//! Three servers behind addresses, and the commands that kill and start them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio::process::Command;
use tokio::task::JoinHandle;

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);
/// How often positions in the log are noted.
const SAMPLE: Duration = Duration::from_millis(200);

/// Addresses and names in the same order; `{}` in a command stands for the name.
#[derive(Clone)]
pub(crate) struct Servers {
    pub(crate) addresses: Vec<String>,
    pub(crate) names: Vec<String>,
    pub(crate) kill_command: String,
    pub(crate) start_command: String,
}

impl Servers {
    /// Kills one as `kill -9` does.
    pub(crate) async fn kill(&self, server: usize) -> anyhow::Result<()> {
        shell(&self.kill_command, &self.names[server]).await
    }

    /// Starts one again.
    pub(crate) async fn start(&self, server: usize) -> anyhow::Result<()> {
        shell(&self.start_command, &self.names[server]).await
    }

    /// Kills all with one command, whose `{}` are all names.
    pub(crate) async fn kill_all(&self) -> anyhow::Result<()> {
        shell(&self.kill_command, &self.names.join(" ")).await
    }

    /// Starts all, the last first: no address of a container needs to be what it was.
    pub(crate) async fn start_all(&self) -> anyhow::Result<()> {
        let names: Vec<_> = self.names.iter().rev().map(String::as_str).collect();
        shell(&self.start_command, &names.join(" ")).await
    }

    /// The server that leads and is ready to work, as soon as there is one.
    pub(crate) async fn leader(&self) -> anyhow::Result<usize> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            for server in 0..self.addresses.len() {
                let own = self.own(server).await;
                if own.is_ok_and(|own| own["stats"]["nomad"]["leader"] == "true") {
                    return Ok(server);
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("no leader within {PATIENCE:?}")
    }

    /// What raft says of itself on one server.
    pub(crate) async fn raft_figures(&self, server: usize) -> anyhow::Result<Value> {
        Ok(self.own(server).await?["stats"]["raft"].take())
    }

    async fn own(&self, server: usize) -> anyhow::Result<Value> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
        let url = format!("{}/v1/agent/self", self.addresses[server]);
        Ok(client.get(url).send().await?.error_for_status()?.json().await?)
    }
}

async fn shell(command: &str, name: &str) -> anyhow::Result<()> {
    let line = command.replace("{}", name);
    let output = Command::new("sh").args(["-c", &line]).output().await.with_context(|| line.clone())?;
    ensure!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// When each server had written how much log.
pub(crate) struct Positions(BTreeMap<usize, Vec<(Instant, u64)>>);

impl Positions {
    /// How long before `killed` a server wrote the first of its last `replayed` entries. `None` without samples.
    ///
    /// Whatever was written after the last sample makes the answer larger than the truth, never smaller.
    pub(crate) fn seconds_of_log(&self, server: usize, replayed: u64, killed: Instant) -> Option<f64> {
        let samples = self.0.get(&server)?;
        let from = samples.last()?.1.saturating_sub(replayed);
        let after = samples.partition_point(|(_, position)| *position <= from);
        let (at, _) = samples.get(after.saturating_sub(1))?;
        Some((killed - *at).as_secs_f64())
    }
}

/// Notes positions in the background.
pub(crate) struct Sampler {
    stop: Arc<AtomicBool>,
    noting: JoinHandle<Positions>,
}

impl Sampler {
    /// Begins to note.
    pub(crate) fn start(servers: &Servers) -> Sampler {
        let (servers, stop) = (servers.clone(), Arc::<AtomicBool>::default());
        let stopped = stop.clone();
        let noting = tokio::spawn(async move {
            let mut positions: BTreeMap<usize, Vec<(Instant, u64)>> = BTreeMap::new();
            while !stopped.load(Ordering::Relaxed) {
                for server in 0..servers.names.len() {
                    let at = Instant::now();
                    let Ok(raft) = servers.raft_figures(server).await else { continue };
                    if let Some(position) = raft["last_log_index"].as_str().and_then(|text| text.parse().ok())
                    {
                        positions.entry(server).or_default().push((at, position));
                    }
                }
                tokio::time::sleep(SAMPLE).await;
            }
            Positions(positions)
        });
        Sampler { stop, noting }
    }

    /// Ends it and answers what was noted.
    pub(crate) async fn stop(self) -> Positions {
        self.stop.store(true, Ordering::Relaxed);
        self.noting.await.unwrap_or_else(|_| Positions(BTreeMap::new()))
    }
}
