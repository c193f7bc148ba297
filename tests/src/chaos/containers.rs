//! Level D: the shipped compose cluster. Faults are what `docker` can do to containers; the client agents are real ones
//! with real processes, and a client's container is a machine that goes down with its tasks.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use super::site::{Scene, Site};
use super::whole::{self, PATIENCE, PAUSE};
use super::{Kind, Step};
use crate::invariant::settled::Copies;
use crate::invariant::{Promise, restarts};
use crate::workload::services;

/// What this level does, in the order in which runs go through it.
pub const KINDS: &[Kind] = &[
    Kind::KillLeader,
    Kind::MinorityLeads,
    Kind::PauseFollower,
    Kind::KillAll,
    Kind::Wipe,
    Kind::MajorityLeads,
    Kind::Transfer,
    Kind::KillAgent,
    Kind::PauseLeader,
    Kind::Rolling,
    Kind::KillFollower,
];

/// Everything but what needs a server's files (P8) or an agent without its machine (P6).
const PROMISES: &[Promise] = &[
    Promise::P1,
    Promise::P2,
    Promise::P3,
    Promise::P4,
    Promise::P5,
    Promise::P7,
    Promise::P9,
    Promise::P10,
];

/// After this long a leader that is cut off knows it.
const LEASE: Duration = Duration::from_secs(2);
/// How long a question from inside a container may take.
const INSIDE: Duration = Duration::from_secs(4);
const JOBS: &str = "http://127.0.0.1:4646/v1/jobs?per_page=1";
const STALE: &str = "http://127.0.0.1:4646/v1/jobs?per_page=1&stale";

/// The cluster, as compose has started it.
#[derive(Debug, Clone)]
pub struct Containers {
    /// HTTP addresses of the servers.
    pub addresses: Vec<String>,
    /// Names of the servers' containers, in the same order.
    pub servers: Vec<String>,
    /// Names of the client agents' containers.
    pub clients: Vec<String>,
    /// The network that all of them are in.
    pub network: String,
    /// What has compose remove a service with its volume and start it anew; `{}` is the service.
    pub wipe_command: String,
}

async fn docker(arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("docker").args(arguments).output().await.context("docker")?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "docker {}: {told}", arguments.join(" "));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

impl Containers {
    fn named(&self, servers: &[usize]) -> Vec<&str> {
        servers.iter().map(|server| self.servers[*server].as_str()).collect()
    }

    async fn kill(&self, scene: &Scene, servers: &[usize], away: Duration) -> anyhow::Result<()> {
        docker(&[&["kill"][..], &self.named(servers)].concat()).await?;
        sleep(away).await;
        docker(&[&["start"][..], &self.named(servers)].concat()).await?;
        for server in servers {
            self.answers(scene, *server).await;
        }
        Ok(())
    }

    /// It answers again by itself (P7).
    async fn answers(&self, scene: &Scene, server: usize) {
        let (deadline, address) = (Instant::now() + PATIENCE, &self.addresses[server]);
        let mut start = restarts::Start::Silent;
        while Instant::now() < deadline {
            if scene.http.get(format!("{address}/v1/agent/self")).await.is_ok_and(|answer| answer.ok()) {
                start = restarts::Start::Answers;
                break;
            }
            sleep(PAUSE).await;
        }
        restarts::judge(&scene.verdict, &self.servers[server], &restarts::Files::Whole, &start);
    }

    async fn pause(&self, server: usize, length: Duration) -> anyhow::Result<()> {
        docker(&["pause", &self.servers[server]]).await?;
        sleep(length).await;
        docker(&["unpause", &self.servers[server]]).await.map(drop)
    }

    /// Takes a server's network away. Its ports are gone with it, so it is asked from inside.
    async fn cut_off(&self, scene: &Scene, server: usize, length: Duration) -> anyhow::Result<()> {
        let name = &self.servers[server];
        self.heard(name).await?;
        docker(&["network", "disconnect", &self.network, name]).await?;
        sleep(LEASE).await;
        self.probe(scene, name).await;
        sleep(length.saturating_sub(LEASE)).await;
        docker(&["network", "connect", "--alias", &self.service(server), &self.network, name]).await.map(drop)
    }

    fn service(&self, server: usize) -> String {
        format!("server{}", server + 1)
    }

    /// Asks a server that has been cut off what it must not answer. [`Containers::heard`] has seen to it that nothing but
    /// the cut keeps it from answering.
    async fn probe(&self, scene: &Scene, name: &str) {
        let (write, read, stale) =
            tokio::join!(write(name), inside(name, &[JOBS]), inside(name, &["-S", STALE]));
        scene.verdict.expect(Promise::P9, write.is_none(), || format!("{name} took a write in a minority"));
        scene.verdict.expect(Promise::P9, read.is_none(), || {
            format!("{name} answered a consistent read in a minority")
        });
        // One that does not answer in time says nothing wrong.
        if let Some(headers) = stale {
            let headers = headers.to_lowercase();
            let value = |header: &str| headers.split_once(header)?.1.split_whitespace().next();
            let old = value("x-nomad-lastcontact:").and_then(|ms| ms.parse::<u64>().ok());
            let says_so = value("x-nomad-knownleader:") == Some("false") || old.is_some_and(|ms| ms > 1_000);
            scene.verdict.expect(Promise::P9, says_so, || format!("{name}: a stale read says {headers}"));
        }
    }

    /// The questions of [`Containers::probe`] are answered while the server is whole: otherwise silence proves nothing.
    async fn heard(&self, name: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answers =
                [write(name).await, inside(name, &[JOBS]).await, inside(name, &["-S", STALE]).await];
            if answers.iter().all(Option::is_some) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "{name} cannot be asked from inside: {answers:?}");
            sleep(PAUSE).await;
        }
    }

    async fn wipe(&self, scene: &Scene, server: usize) -> anyhow::Result<()> {
        let line = self.wipe_command.replace("{}", &self.service(server));
        let output = Command::new("sh").args(["-c", &line]).output().await?;
        ensure!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        self.answers(scene, server).await;
        Ok(())
    }

    async fn roll(&mut self, scene: &Scene) -> anyhow::Result<()> {
        for server in 0..self.servers.len() {
            docker(&["stop", "-t", "15", &self.servers[server]]).await?;
            docker(&["start", &self.servers[server]]).await?;
            self.answers(scene, server).await;
            self.await_whole(scene).await?;
        }
        Ok(())
    }

    async fn kill_client(&self, scene: &Scene, away: Duration) -> anyhow::Result<()> {
        let client = &self.clients[scene.choose(self.clients.len())];
        docker(&["kill", client]).await?;
        sleep(away).await;
        docker(&["start", client]).await.map(drop)
    }
}

async fn write(name: &str) -> Option<String> {
    let job = crate::job::unplaceable("minority").to_string();
    inside(name, &["--post-data", &job, "http://127.0.0.1:4646/v1/jobs"]).await
}

/// Asks a server from inside of its container; `None` when it does not say yes in time. `wget` has a time limit of its
/// own, but Debian's static busybox crashes over it.
async fn inside(name: &str, arguments: &[&str]) -> Option<String> {
    let mut wget = Command::new("docker");
    wget.args([
        "exec",
        name,
        "/bin/busybox",
        "timeout",
        "2",
        "/bin/busybox",
        "wget",
        "-q",
        "-O",
        "/dev/null",
    ]);
    let output = timeout(INSIDE, wget.args(arguments).kill_on_drop(true).output()).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

impl Site for Containers {
    fn kinds(&self) -> &'static [Kind] {
        KINDS
    }

    fn promises(&self) -> &'static [Promise] {
        PROMISES
    }

    fn addresses(&self) -> Vec<String> {
        self.addresses.clone()
    }

    async fn inflict(&mut self, scene: &Scene, step: &Step) -> anyhow::Result<()> {
        let (leader, followers) = whole::roles(&scene.http, &self.addresses).await?;
        let follower = followers[scene.choose(followers.len())];
        let length = step.length;
        match step.kind {
            Kind::KillLeader => self.kill(scene, &[leader], length).await,
            Kind::KillFollower => self.kill(scene, &[follower], length * 2).await,
            Kind::KillAll => {
                let all: Vec<usize> = (0..self.servers.len()).collect();
                self.kill(scene, &all, length / 4).await
            }
            Kind::PauseLeader => self.pause(leader, length).await,
            Kind::PauseFollower => self.pause(follower, length).await,
            Kind::MinorityLeads => self.cut_off(scene, leader, length).await,
            Kind::MajorityLeads => self.cut_off(scene, follower, length).await,
            Kind::Rolling => self.roll(scene).await,
            Kind::Wipe => self.wipe(scene, follower).await,
            Kind::Transfer => {
                whole::transfer(&scene.http, &self.addresses[leader], &self.service(follower)).await;
                Ok(())
            }
            Kind::KillAgent => self.kill_client(scene, length).await,
            other => anyhow::bail!("{other} is of another level"),
        }
    }

    async fn await_whole(&mut self, scene: &Scene) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while let Some(why) = whole::unwhole(&scene.http, &self.addresses).await {
            if Instant::now() >= deadline {
                scene.verdict.broken(Promise::P7, format!("not whole after {PATIENCE:?}: {why}"));
                break;
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn copies(&self) -> Copies {
        let mut copies: Copies = BTreeMap::new();
        for client in &self.clients {
            let Ok(processes) = docker(&["top", client, "-eo", "pid,args"]).await else { continue };
            for process in processes.lines() {
                let name = process.split_whitespace().find_map(|word| word.strip_prefix(services::MARK));
                if let Some(name) = name {
                    copies.entry(name.to_owned()).or_default().push(format!("{client}: {process}"));
                }
            }
        }
        copies
    }

    async fn check_tasks(&mut self, _scene: &Scene) {}

    fn traces(&self) -> String {
        format!("the containers {} have their logs", self.servers.join(", "))
    }
}
