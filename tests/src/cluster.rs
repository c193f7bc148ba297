//! Servers and client agents as processes on loopback, with real directories, killed when this ends.

mod machine;

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::fault::process::{self, Signal};
pub use machine::free_ports;
use machine::kill_below;

/// How long servers may take to find a leader.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a process may take to end when it is asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(15);
/// Lines of each log that a failed test shows.
const LOG_TAIL: usize = 40;

/// What servers are told beside the usual.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Further lines of the block `server`.
    pub server_lines: String,
    /// Ports at which the others reach each server's RPC, where they are not its own.
    pub advertise: Option<Vec<u16>>,
    /// Where each server runs; without it all run here.
    pub hosts: Vec<Host>,
}

/// Where an agent runs.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its address.
    pub ip: IpAddr,
    /// Its network namespace, if it has one.
    pub namespace: Option<String>,
    /// Where it keeps its data, if not below the cluster's directory.
    pub data: Option<PathBuf>,
}

impl Default for Host {
    fn default() -> Host {
        Host { ip: IpAddr::from([127, 0, 0, 1]), namespace: None, data: None }
    }
}

/// Processes of one cluster.
pub struct Cluster {
    /// What agents run unless they have a program of their own.
    bin: PathBuf,
    dir: TempDir,
    agents: Vec<Agent>,
    http: reqwest::Client,
}

struct Agent {
    name: String,
    http_port: u16,
    rpc_port: u16,
    /// Where its RPC is reached.
    reached_at: SocketAddr,
    host: Host,
    server: bool,
    child: Option<Child>,
    /// Its own program, where it is not the cluster's.
    bin: Option<PathBuf>,
}

impl Cluster {
    /// Writes the configuration of `servers` servers and starts none of them.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn prepare(bin: &Path, dir: &Path, servers: usize) -> anyhow::Result<Cluster> {
        Cluster::prepare_with(bin, dir, servers, &Setup::default())
    }

    /// The same for servers that are told more.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn prepare_with(bin: &Path, dir: &Path, servers: usize, setup: &Setup) -> anyhow::Result<Cluster> {
        let dir = tempfile::Builder::new().prefix("drover-cluster-").tempdir_in(dir)?;
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build()?;
        let mut cluster = Cluster { bin: bin.to_owned(), dir, agents: Vec::new(), http };
        let ports = free_ports(servers * 3)?;
        let host = |server: usize| setup.hosts.get(server).cloned().unwrap_or_default();
        let own = || (0..servers).map(|server| ports[server * 3 + 1]).collect();
        let reached = setup.advertise.clone().unwrap_or_else(own);
        ensure!(reached.len() == servers, "as many advertised ports as servers");
        let reached = reached.into_iter().enumerate();
        let reached: Vec<_> = reached.map(|(server, port)| SocketAddr::new(host(server).ip, port)).collect();
        let peers: Vec<_> = reached.iter().map(|address| format!("\"{address}\"")).collect();
        for server in 0..servers {
            let [http_port, rpc_port, serf] =
                [ports[server * 3], ports[server * 3 + 1], ports[server * 3 + 2]];
            let block = server_block(servers, reached[server], &peers, &setup.server_lines);
            let (name, host, reached_at) = (format!("server{server}"), host(server), reached[server]);
            let (child, bin) = (None, None);
            cluster.agents.push(Agent {
                name,
                http_port,
                rpc_port,
                reached_at,
                host,
                server: true,
                child,
                bin,
            });
            cluster.write_config(server, serf, &block)?;
        }
        Ok(cluster)
    }

    /// Starts `servers` servers and `clients` client agents, and waits for a leader and ready nodes.
    ///
    /// # Errors
    /// When that does not come to pass in time; the logs' directory is named.
    pub async fn start(bin: &Path, dir: &Path, servers: usize, clients: usize) -> anyhow::Result<Cluster> {
        let mut cluster = Cluster::prepare(bin, dir, servers)?;
        for server in 0..servers {
            cluster.spawn(server)?;
        }
        for _ in 0..clients {
            cluster.add_client("")?;
        }
        cluster.leader().await?;
        cluster.await_ready_nodes(clients).await?;
        Ok(cluster)
    }

    /// Adds a client agent with further lines in its `client` block, and starts it. Answers its number.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn add_client(&mut self, lines: &str) -> anyhow::Result<usize> {
        self.add_client_with(lines, &[])
    }

    /// The same, with further environment.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn add_client_with(&mut self, lines: &str, env: &[(&str, String)]) -> anyhow::Result<usize> {
        let number = self.agents.len();
        let ports = free_ports(3)?;
        let servers = self.server_addresses();
        let block = format!(
            "client {{\n  enabled = true\n  servers = [{}]\n{lines}}}\nplugin \"raw_exec\" {{\n  config {{\n    enabled = true\n  }}\n}}\n",
            servers.join(", "),
        );
        let name = format!("client{number}");
        let host = Host::default();
        self.agents.push(Agent {
            name,
            http_port: ports[0],
            rpc_port: ports[1],
            reached_at: SocketAddr::new(host.ip, ports[1]),
            host,
            server: false,
            child: None,
            bin: None,
        });
        self.write_config(number, ports[2], &block)?;
        let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.spawn_with(number, &env)?;
        Ok(number)
    }

    /// Adds a server that joins those that are there, and starts it. Answers its number.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn add_server(&mut self) -> anyhow::Result<usize> {
        let number = self.agents.len();
        let ports = free_ports(3)?;
        let name = format!("server{number}");
        let peers = self.server_addresses();
        let (http_port, rpc_port, host) = (ports[0], ports[1], Host::default());
        let reached_at = SocketAddr::new(host.ip, rpc_port);
        let (child, bin) = (None, None);
        self.agents.push(Agent { name, http_port, rpc_port, reached_at, host, server: true, child, bin });
        self.write_config(number, ports[2], &server_block(peers.len(), reached_at, &peers, ""))?;
        self.spawn(number)?;
        Ok(number)
    }

    /// Has an agent run another program from its next start on.
    pub fn set_program(&mut self, number: usize, bin: &Path) {
        self.agents[number].bin = Some(bin.to_owned());
    }

    /// Addresses of all servers' RPC ports, in quotation marks.
    fn server_addresses(&self) -> Vec<String> {
        let servers = self.agents.iter().filter(|agent| agent.server);
        servers.map(|agent| format!("\"{}\"", agent.reached_at)).collect()
    }

    fn write_config(&self, number: usize, serf: u16, block: &str) -> anyhow::Result<()> {
        let Agent { name, http_port, rpc_port, host, .. } = &self.agents[number];
        let dir = self.dir.path().canonicalize()?;
        let data = host.data.clone().unwrap_or_else(|| dir.join(name));
        let config = format!(
            "name = \"{name}\"\ndata_dir = \"{}\"\nbind_addr = \"{}\"\nlog_level = \"INFO\"\n\
             ports {{\n  http = {http_port}\n  rpc = {rpc_port}\n  serf = {serf}\n}}\n{block}limits {{\n  http_max_conns_per_client = 0\n}}\n",
            data.display(),
            host.ip,
        );
        fs::write(self.config(name), config).with_context(|| format!("writing the configuration of {name}"))
    }

    fn config(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("{name}.hcl"))
    }

    /// Where configuration, data and logs are.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Starts an agent that is not running.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn(&mut self, number: usize) -> anyhow::Result<()> {
        self.spawn_with(number, &[])
    }

    /// The same, with further environment.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn_with(&mut self, number: usize, env: &[(&str, &str)]) -> anyhow::Result<()> {
        let name = self.agents[number].name.clone();
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.dir.path().join(format!("{name}.log")))?;
        let mut program = self.program(number);
        let child = program
            .args(["agent", "-config"])
            .arg(self.config(&name))
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {program:?}"))?;
        self.agents[number].child = Some(child);
        Ok(())
    }

    /// The program, in the agent's own network where it has one. `ip` becomes the program: one process, not two.
    fn program(&self, number: usize) -> Command {
        let agent = &self.agents[number];
        let bin = agent.bin.as_ref().unwrap_or(&self.bin);
        let Some(namespace) = &agent.host.namespace else { return Command::new(bin) };
        let mut command = Command::new("ip");
        command.args(["netns", "exec", namespace]).arg(bin);
        command
    }

    /// Kills an agent as `kill -9` does.
    ///
    /// # Errors
    /// When the process cannot be signalled.
    pub fn kill(&mut self, number: usize) -> anyhow::Result<()> {
        if let Some(mut child) = self.agents[number].child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Asks an agent to end, as `kill` does, and waits until it has.
    ///
    /// # Errors
    /// When it cannot be signalled, or does not end in time: it is killed then.
    pub async fn stop(&mut self, number: usize) -> anyhow::Result<()> {
        let Some(child) = &mut self.agents[number].child else { return Ok(()) };
        process::send(child.id(), Signal::Terminate)?;
        let deadline = Instant::now() + STOP_PATIENCE;
        while child.try_wait()?.is_none() {
            if Instant::now() >= deadline {
                self.kill(number)?;
                bail!("agent {number} did not end within {STOP_PATIENCE:?}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.agents[number].child = None;
        Ok(())
    }

    /// How an agent ended by itself, if it did. It counts as not running then.
    pub fn ended(&mut self, number: usize) -> Option<ExitStatus> {
        let status = self.agents[number].child.as_mut()?.try_wait().ok()??;
        self.agents[number].child = None;
        Some(status)
    }

    /// The process of an agent that runs.
    pub fn pid(&self, number: usize) -> Option<u32> {
        self.agents[number].child.as_ref().map(Child::id)
    }

    /// Where the servers' RPC is reached.
    pub fn reached_at(&self) -> Vec<String> {
        let servers = self.agents.iter().filter(|agent| agent.server);
        servers.map(|agent| agent.reached_at.to_string()).collect()
    }

    /// Where a server listens for RPC itself.
    pub fn rpc_listens(&self, number: usize) -> SocketAddr {
        SocketAddr::new(self.agents[number].host.ip, self.agents[number].rpc_port)
    }

    /// Where an agent keeps its data.
    pub fn data_dir(&self, number: usize) -> PathBuf {
        let Agent { name, host, .. } = &self.agents[number];
        host.data.clone().unwrap_or_else(|| self.dir.path().join(name))
    }

    /// Removes what an agent has kept: a wiped machine under the same name.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn wipe(&self, number: usize) -> anyhow::Result<()> {
        // Not the directory itself: a disk may be mounted there.
        for entry in fs::read_dir(self.data_dir(number))? {
            let path = entry?.path();
            if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
        }
        Ok(())
    }

    /// What an agent has logged so far.
    pub fn log(&self, number: usize) -> String {
        fs::read_to_string(self.dir.path().join(format!("{}.log", self.agents[number].name)))
            .unwrap_or_default()
    }

    /// Numbers of the servers that run.
    pub fn running_servers(&self) -> Vec<usize> {
        let agents = self.agents.iter().enumerate();
        agents.filter(|(_, agent)| agent.server && agent.child.is_some()).map(|(number, _)| number).collect()
    }

    /// URL of an agent's HTTP API.
    pub fn address(&self, number: usize) -> String {
        format!("http://{}", SocketAddr::new(self.agents[number].host.ip, self.agents[number].http_port))
    }

    /// URLs of all servers.
    pub fn addresses(&self) -> Vec<String> {
        let servers = (0..self.agents.len()).filter(|number| self.agents[*number].server);
        servers.map(|server| self.address(server)).collect()
    }

    /// GET as JSON; anything but 200 is an error with the text.
    ///
    /// # Errors
    /// When there is no answer, or another than 200.
    pub async fn get(&self, number: usize, path: &str) -> anyhow::Result<Value> {
        let answer = self.http.get(format!("{}{path}", self.address(number))).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// PUT of JSON; anything but 200 is an error with the text.
    ///
    /// # Errors
    /// When there is no answer, or another than 200.
    pub async fn put(&self, number: usize, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.http.put(format!("{}{path}", self.address(number))).json(body).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// DELETE; anything but 200 is an error with the text.
    ///
    /// # Errors
    /// When there is no answer, or another than 200.
    pub async fn delete(&self, number: usize, path: &str) -> anyhow::Result<Value> {
        let answer = self.http.delete(format!("{}{path}", self.address(number))).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// The server that leads, as soon as there is one that is ready to work.
    ///
    /// # Errors
    /// When none is found in time.
    pub async fn leader(&self) -> anyhow::Result<usize> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            for server in self.running_servers() {
                let own = self.get(server, "/v1/agent/self").await;
                if own.is_ok_and(|own| own["stats"]["nomad"]["leader"] == "true") {
                    return Ok(server);
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("no leader within {PATIENCE:?}; logs are in {}", self.dir.path().display())
    }

    /// Waits until so many nodes are ready.
    ///
    /// # Errors
    /// When they are not in time.
    pub async fn await_ready_nodes(&self, count: usize) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let asked = self.running_servers().first().copied().unwrap_or(0);
        while Instant::now() < deadline {
            let nodes = self.get(asked, "/v1/nodes").await.unwrap_or_default();
            let ready =
                nodes.as_array().into_iter().flatten().filter(|node| node["Status"] == "ready").count();
            if ready >= count {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("{count} nodes were not ready within {PATIENCE:?}")
    }

    /// Resident memory of the largest server, MiB.
    pub fn largest_memory_mib(&self) -> f64 {
        let resident = |child: &Child| {
            let statm = fs::read_to_string(format!("/proc/{}/statm", child.id())).unwrap_or_default();
            statm.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()).unwrap_or(0.0) * 4096.0
        };
        let servers =
            self.agents.iter().filter(|agent| agent.server).filter_map(|agent| agent.child.as_ref());
        servers.map(resident).fold(0.0, f64::max) / f64::from(1 << 20)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for number in 0..self.agents.len() {
                let log = self.log(number);
                let tail: Vec<_> = log.lines().rev().take(LOG_TAIL).collect();
                let tail: Vec<_> = tail.into_iter().rev().collect();
                eprintln!("--- the end of what {} logged\n{}", self.agents[number].name, tail.join("\n"));
            }
        }
        // Client agents leave their tasks running; everything below their directory is ours to end.
        for agent in &mut self.agents {
            if let Some(mut child) = agent.child.take() {
                // One that has ended already is as good as killed.
                let _ = child.kill();
                let _ = child.wait();
            }
        }
        kill_below(self.dir.path());
    }
}

/// The blocks of a server that the others reach at `advertised`, with further lines.
fn server_block(expect: usize, advertised: SocketAddr, peers: &[String], lines: &str) -> String {
    format!(
        "advertise {{\n  rpc = \"{advertised}\"\n}}\n\
         server {{\n  enabled = true\n  bootstrap_expect = {expect}\n  server_join {{\n    retry_join = [{}]\n  }}\n{lines}}}\n",
        peers.join(", "),
    )
}
