//! Servers and client agents as processes on loopback, with real directories, killed when this ends.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

/// How long servers may take to find a leader.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a process may take to end when it is asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(15);
/// Where suites take their ports from.
const FIRST_PORT: u32 = 10_000;
const PORTS: u32 = 20_000;
/// Lines of each log that a failed test shows.
const LOG_TAIL: usize = 40;

/// Processes of one cluster.
pub struct Cluster {
    bin: PathBuf,
    dir: TempDir,
    agents: Vec<Agent>,
    http: reqwest::Client,
}

struct Agent {
    name: String,
    http_port: u16,
    rpc_port: u16,
    server: bool,
    child: Option<Child>,
}

impl Cluster {
    /// Writes the configuration of `servers` servers and starts none of them.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn prepare(bin: &Path, dir: &Path, servers: usize) -> anyhow::Result<Cluster> {
        let dir = tempfile::Builder::new().prefix("drover-cluster-").tempdir_in(dir)?;
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build()?;
        let mut cluster = Cluster { bin: bin.to_owned(), dir, agents: Vec::new(), http };
        let ports = free_ports(servers * 3)?;
        for server in 0..servers {
            let [http_port, rpc_port, serf] =
                [ports[server * 3], ports[server * 3 + 1], ports[server * 3 + 2]];
            let peers: Vec<_> =
                (0..servers).map(|peer| format!("\"127.0.0.1:{}\"", ports[peer * 3 + 1])).collect();
            let block = format!(
                "server {{\n  enabled = true\n  bootstrap_expect = {servers}\n  server_join {{\n    retry_join = [{}]\n  }}\n}}\n",
                peers.join(", "),
            );
            let name = format!("server{server}");
            cluster.write_config(&name, [http_port, rpc_port, serf], &block)?;
            cluster.agents.push(Agent { name, http_port, rpc_port, server: true, child: None });
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
        let number = self.agents.len();
        let ports = free_ports(3)?;
        let servers = self.agents.iter().filter(|agent| agent.server);
        let servers: Vec<_> = servers.map(|agent| format!("\"127.0.0.1:{}\"", agent.rpc_port)).collect();
        let block = format!(
            "client {{\n  enabled = true\n  servers = [{}]\n{lines}}}\nplugin \"raw_exec\" {{\n  config {{\n    enabled = true\n  }}\n}}\n",
            servers.join(", "),
        );
        let name = format!("client{number}");
        self.write_config(&name, [ports[0], ports[1], ports[2]], &block)?;
        self.agents.push(Agent { name, http_port: ports[0], rpc_port: ports[1], server: false, child: None });
        self.spawn(number)?;
        Ok(number)
    }

    fn write_config(&self, name: &str, [http, rpc, serf]: [u16; 3], block: &str) -> anyhow::Result<()> {
        let dir = self.dir.path().canonicalize()?;
        let config = format!(
            "name = \"{name}\"\ndata_dir = \"{}/{name}\"\nbind_addr = \"127.0.0.1\"\nlog_level = \"INFO\"\n\
             ports {{\n  http = {http}\n  rpc = {rpc}\n  serf = {serf}\n}}\n{block}limits {{\n  http_max_conns_per_client = 0\n}}\n",
            dir.display(),
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
        let child = Command::new(&self.bin)
            .args(["agent", "-config"])
            .arg(self.config(&name))
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", self.bin.display()))?;
        self.agents[number].child = Some(child);
        Ok(())
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

    /// Removes what an agent has kept: a wiped machine under the same name.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn wipe(&self, number: usize) -> anyhow::Result<()> {
        Ok(fs::remove_dir_all(self.dir.path().join(&self.agents[number].name))?)
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
        format!("http://127.0.0.1:{}", self.agents[number].http_port)
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

/// Kills every process that works below a directory: supervisors and tasks that outlive their agent.
fn kill_below(dir: &Path) {
    let Ok(dir) = dir.canonicalize() else { return };
    let deadline = Instant::now() + STOP_PATIENCE;
    loop {
        let mut found = false;
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let below = |link: &str| {
                fs::read_link(process.path().join(link)).is_ok_and(|path| path.starts_with(&dir))
            };
            let named = fs::read(process.path().join("cmdline"))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&*dir.to_string_lossy()));
            if below("cwd") || named {
                found = true;
                // Gone between the look and the kill is what was wanted.
                let _ =
                    Command::new("kill").arg("-9").arg(process.file_name()).stderr(Stdio::null()).status();
            }
        }
        if !found || Instant::now() >= deadline {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ports that were free a moment ago, all different. They lie below those that the kernel hands out by itself, and no
/// two calls of a process get the same, so that suites side by side do not take each other's.
///
/// # Errors
/// When the machine has none.
pub fn free_ports(count: usize) -> anyhow::Result<Vec<u16>> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id().wrapping_mul(97);
    let candidates = (0..PORTS).map(|_| start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS);
    let ports = candidates.filter_map(|offset| u16::try_from(FIRST_PORT + offset).ok());
    let free: Vec<_> =
        ports.filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).take(count).collect();
    ensure!(free.len() == count, "no {count} free ports on this machine");
    Ok(free)
}
