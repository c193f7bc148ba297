//! Level B: real servers as processes on loopback with real log files, every word between them through a proxy of this
//! process, simulated client agents, and one real one with real tasks. Level C: the same in network namespaces, where
//! the kernel drops packets, and each server on a small disk of its own.

mod faults;
mod net;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use tokio::net::TcpListener;

use super::site::{Scene, Site};
use super::whole::{self, PATIENCE, PAUSE};
use super::{Kind, Step};
use crate::cluster::{Cluster, Setup};
use crate::fault::host::BadHosts;
use crate::fault::namespace::Hosts;
use crate::fault::proxy::{End, Links};
use crate::invariant::Promise;
use crate::invariant::restarts::{self, Files, Start};
use crate::invariant::settled::Copies;
use crate::invariant::tasks::{self, Tasks};
use crate::swarm::{self, Swarm};
use crate::workload::http::Http;
use net::Net;

/// What this level does, in the order in which runs go through it.
pub const KINDS: &[Kind] = &[
    Kind::KillLeader,
    Kind::MinorityLeads,
    Kind::PauseFollower,
    Kind::KillAll,
    Kind::SlowDisk,
    Kind::Wipe,
    Kind::Transfer,
    Kind::MajorityLeads,
    Kind::KillAgent,
    Kind::OneWay,
    Kind::TornTail,
    Kind::Bridge,
    Kind::PauseLeader,
    Kind::KillFollower,
    Kind::HangingDisk,
    Kind::Delay,
    Kind::Replace,
    Kind::FlipLog,
    Kind::Reset,
    Kind::FailingDisk,
    Kind::Rolling,
    Kind::FlipTables,
    Kind::RestartSwarm,
    Kind::ClockJump,
    Kind::FullDisk,
];

/// The same for level C, whose kernel neither delays nor resets.
pub const HOST_KINDS: &[Kind] = &[
    Kind::MinorityLeads,
    Kind::FullDisk,
    Kind::PauseLeader,
    Kind::OneWay,
    Kind::ClockJump,
    Kind::KillLeader,
    Kind::Bridge,
    Kind::KillAgent,
    Kind::MajorityLeads,
    Kind::TornTail,
    Kind::KillAll,
    Kind::PauseFollower,
    Kind::Wipe,
    Kind::HangingDisk,
    Kind::KillFollower,
    Kind::Transfer,
    Kind::FlipLog,
    Kind::Replace,
    Kind::SlowDisk,
    Kind::FlipTables,
    Kind::FailingDisk,
    Kind::Rolling,
];

/// Snapshots are taken this often and this little log is kept behind them, so that runs of seconds see them installed.
const SERVER_LINES: &str = "  raft_snapshot_threshold = 400\n  raft_trailing_logs = 50\n";
/// Lines of a log that tell why a server ended.
const TAIL: usize = 15;

/// What a cluster is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program.
    pub bin: PathBuf,
    /// Where its data is.
    pub dir: PathBuf,
    /// How many servers.
    pub servers: usize,
    /// How many simulated client agents.
    pub clients: usize,
    /// Each server in a namespace and on a disk of its own.
    pub namespaces: bool,
    /// The bug that is planted in every process.
    pub planted: Option<String>,
    /// What is drawn from.
    pub seed: u64,
}

/// Servers, proxies, agents.
pub struct Loopback {
    cluster: Cluster,
    servers: usize,
    agent: usize,
    hosts: Option<BadHosts>,
    swarm: Swarm,
    tasks: Tasks,
    planted: Option<String>,
    seed: u64,
    keep: PathBuf,
    /// After the processes: their disks are taken away with it.
    net: Net,
}

impl Loopback {
    /// Starts everything and waits until it works.
    ///
    /// # Errors
    /// When that does not come to pass in time.
    pub async fn start(options: &Options) -> anyhow::Result<Loopback> {
        // In this order: should the start fail, processes end before their disks are taken away.
        let (net, mut cluster) = match options.namespaces {
            true => in_namespaces(options)?,
            false => behind_proxies(options).await?,
        };
        let hosts = match BadHosts::build(cluster.dir()) {
            Ok(hosts) => Some(hosts),
            Err(why) => {
                println!("  disks and clocks stay good: {why:#}");
                None
            }
        };
        let environment = Environment { hosts: &hosts, planted: options.planted.as_deref() };
        for server in 0..options.servers {
            environment.spawn(&mut cluster, &net, server)?;
        }
        let agent = cluster
            .add_client_with(&format!("  node_pool = \"{}\"\n", tasks::POOL), &environment.of(None))?;
        net.belongs(process(&cluster, agent)?, End::Clients);
        cluster.leader().await?;
        let swarm = Swarm::begin(swarm::Options {
            servers: cluster.reached_at(),
            agents: options.clients,
            cpu: 1_000,
            memory_mb: 2_048,
            seed: options.seed,
            ..swarm::Options::default()
        });
        cluster.await_ready_nodes(options.clients + 1).await?;
        let tasks = Tasks::begin(cluster.dir(), &Http::new()?, &cluster.addresses()).await?;
        let (servers, planted) = (options.servers, options.planted.clone());
        let (seed, keep) = (options.seed, options.dir.clone());
        Ok(Loopback { cluster, servers, agent, hosts, swarm, tasks, planted, seed, keep, net })
    }

    /// Starts an agent that does not run.
    fn spawn(&mut self, number: usize) -> anyhow::Result<()> {
        let environment = Environment { hosts: &self.hosts, planted: self.planted.as_deref() };
        if number < self.servers {
            return environment.spawn(&mut self.cluster, &self.net, number);
        }
        self.cluster.spawn_with(number, &pairs(&environment.of(None)))?;
        self.net.belongs(process(&self.cluster, number)?, End::Clients);
        Ok(())
    }

    fn name(number: usize) -> String {
        format!("server{number}")
    }

    /// Waits until a server answers, or has ended.
    async fn started(&mut self, server: usize) -> Start {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.cluster.ended(server) {
                return Start::Ended(status, self.tail(server));
            }
            if self.cluster.get(server, "/v1/agent/self").await.is_ok() {
                return Start::Answers;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Start::Silent
    }

    /// Starts a server on what it has, and judges what it makes of it. One that refuses is wiped and started anew.
    async fn start_again(&mut self, scene: &Scene, server: usize, files: &Files) -> anyhow::Result<()> {
        self.spawn(server)?;
        let start = self.started(server).await;
        let runs = restarts::judge(&scene.verdict, &Self::name(server), files, &start);
        // One that is only slow keeps what it has.
        if runs || matches!(start, Start::Silent) {
            return Ok(());
        }
        self.cluster.kill(server)?;
        self.cluster.wipe(server)?;
        self.spawn(server)?;
        let fresh = self.started(server).await;
        restarts::judge(&scene.verdict, &Self::name(server), &Files::Whole, &fresh);
        Ok(())
    }

    fn tail(&self, number: usize) -> String {
        let log = self.cluster.log(number);
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(TAIL)..].join("\n")
    }
}

/// Servers that reach each other by proxies of this process only.
async fn behind_proxies(options: &Options) -> anyhow::Result<(Net, Cluster)> {
    let mut listeners = Vec::new();
    for _ in 0..options.servers {
        listeners.push(TcpListener::bind("127.0.0.1:0").await?);
    }
    let ports: Result<Vec<u16>, _> =
        listeners.iter().map(|listener| listener.local_addr().map(|own| own.port())).collect();
    let setup = Setup { server_lines: SERVER_LINES.into(), advertise: Some(ports?), hosts: Vec::new() };
    let cluster = Cluster::prepare_with(&options.bin, &options.dir, options.servers, &setup)?;
    let links = Links::default();
    for (server, listener) in listeners.into_iter().enumerate() {
        links.serve(server, listener, cluster.rpc_listens(server));
    }
    Ok((Net::Proxy(links), cluster))
}

/// Servers with a network and a disk of their own.
fn in_namespaces(options: &Options) -> anyhow::Result<(Net, Cluster)> {
    let hosts = Hosts::make(options.servers)?;
    let setup = Setup { server_lines: SERVER_LINES.into(), advertise: None, hosts: hosts.hosts() };
    let cluster = Cluster::prepare_with(&options.bin, &options.dir, options.servers, &setup)?;
    Ok((Net::Kernel(hosts), cluster))
}

/// What processes are started with.
struct Environment<'a> {
    hosts: &'a Option<BadHosts>,
    planted: Option<&'a str>,
}

fn process(cluster: &Cluster, number: usize) -> anyhow::Result<u32> {
    cluster.pid(number).context("an agent that was started has a process")
}

fn pairs<'a>(owned: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    owned.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

impl Environment<'_> {
    fn of(&self, server: Option<usize>) -> Vec<(&'static str, String)> {
        let planted = self.planted.map(|bug| ("DROVER_PLANTED", bug.to_owned()));
        let bad = self.hosts.as_ref().zip(server);
        let bad = bad.map(|(hosts, server)| hosts.environment(&Loopback::name(server)));
        planted.into_iter().chain(bad.into_iter().flatten()).collect()
    }

    fn spawn(&self, cluster: &mut Cluster, net: &Net, server: usize) -> anyhow::Result<()> {
        cluster.spawn_with(server, &pairs(&self.of(Some(server))))?;
        net.belongs(process(cluster, server)?, End::Server(server));
        Ok(())
    }
}

impl Site for Loopback {
    fn kinds(&self) -> &'static [Kind] {
        if matches!(self.net, Net::Kernel(_)) { HOST_KINDS } else { KINDS }
    }

    fn promises(&self) -> &'static [Promise] {
        &Promise::ALL
    }

    fn addresses(&self) -> Vec<String> {
        self.cluster.addresses()
    }

    async fn inflict(&mut self, scene: &Scene, step: &Step) -> anyhow::Result<()> {
        self.fault(scene, step).await
    }

    async fn await_whole(&mut self, scene: &Scene) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            for server in 0..self.servers {
                if let Some(status) = self.cluster.ended(server) {
                    let start = Start::Ended(status, self.tail(server));
                    restarts::judge(&scene.verdict, &Self::name(server), &Files::Whole, &start);
                    self.spawn(server)?;
                }
            }
            let Some(why) = whole::unwhole(&scene.http, &self.cluster.addresses()).await else {
                return Ok(());
            };
            if Instant::now() >= deadline {
                scene.verdict.broken(Promise::P7, format!("not whole after {PATIENCE:?}: {why}"));
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn copies(&self) -> Copies {
        let copies = self.swarm.books().copies().into_iter();
        let told = |copies: Vec<_>| copies.into_iter().map(|(id, node)| format!("{id} on {node}")).collect();
        copies.map(|(name, copies)| (name, told(copies))).collect()
    }

    async fn check_tasks(&mut self, scene: &Scene) {
        self.tasks.check(&scene.verdict).await;
    }

    fn traces(&self) -> String {
        let copy = |number: usize| {
            let to =
                self.keep.join(format!("drover-chaos-{}-{}-{number}.log", std::process::id(), self.seed));
            std::fs::write(&to, self.cluster.log(number)).map(|()| to.display().to_string())
        };
        let kept: Vec<String> = (0..=self.agent).filter_map(|number| copy(number).ok()).collect();
        format!("logs are kept in {}", kept.join(", "))
    }
}

/// Where the program under test lies: beside this one.
///
/// # Errors
/// When it is not there.
pub fn program() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let beside = |dir: Option<&Path>| dir.map(|dir| dir.join("drover-under-test"));
    let places = [beside(own.parent()), beside(own.parent().and_then(Path::parent))];
    places
        .into_iter()
        .flatten()
        .find(|path| path.exists())
        .context("no drover-under-test; build package tests")
}
