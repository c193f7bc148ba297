//! The processes of the demonstration, their ports and their directory.

use super::picture::Picture;
use super::process::Process;
use crate::agent::END_TASKS_WITH_AGENT;
use crate::http::ApiClient;
use serde_json::{Value, json};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// Servers of the demonstration.
pub(super) const SERVERS: usize = 3;
/// Client agents of the demonstration.
pub(super) const CLIENTS: usize = 2;

/// How long an agent may take to end by itself; tasks have a second of that.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a client agent that was killed may take to find its tasks again.
const FIND_AGAIN: Duration = Duration::from_secs(5);
/// Ports of the range each node hands out, so that the nodes of one machine do not collide.
const PORTS_PER_NODE: u16 = 1_000;
const FIRST_TASK_PORT: u16 = 20_000;

/// A running cluster. Dropping it kills the agents and removes the directory.
pub(super) struct Cluster {
    pub(super) servers: Vec<Process>,
    pub(super) clients: Vec<Process>,
    dir: TempDir,
}

struct Ports {
    http: u16,
    rpc: u16,
    serf: u16,
}

impl Cluster {
    /// Start every agent. None of them is waited for.
    pub(super) fn start() -> io::Result<Cluster> {
        let dir = tempfile::Builder::new().prefix("drover-demo-").tempdir()?;
        let ports = free_ports(SERVERS + CLIENTS)?;
        let (server_ports, client_ports) = ports.split_at(SERVERS);
        let rpc: Vec<String> = server_ports.iter().map(|ports| format!("127.0.0.1:{}", ports.rpc)).collect();
        let start = |name: String, ports: &Ports, role: Value| {
            let home = dir.path().join(&name);
            let config = config(&name, &home, ports, role);
            Process::start(name, format!("127.0.0.1:{}", ports.http), home, &config)
        };
        let mut servers = Vec::with_capacity(SERVERS);
        for (index, ports) in server_ports.iter().enumerate() {
            let role = json!({ "server": {
                "enabled": true,
                "bootstrap_expect": SERVERS,
                "server_join": { "retry_join": rpc },
            }});
            servers.push(start(format!("server-{}", index + 1), ports, role)?);
        }
        let mut clients = Vec::with_capacity(CLIENTS);
        let mut first = FIRST_TASK_PORT;
        for (index, ports) in client_ports.iter().enumerate() {
            let mut options = serde_json::Map::new();
            options.insert("driver.raw_exec.enable".to_owned(), json!("true"));
            options.insert(END_TASKS_WITH_AGENT.to_owned(), json!("true"));
            let role = json!({ "client": {
                "enabled": true,
                "servers": rpc,
                "options": options,
                "min_dynamic_port": first,
                "max_dynamic_port": first + PORTS_PER_NODE - 1,
            }});
            first += PORTS_PER_NODE;
            clients.push(start(format!("client-{}", index + 1), ports, role)?);
        }
        Ok(Cluster { servers, clients, dir })
    }

    /// Where everything is kept.
    pub(super) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What to try next, with the addresses of this cluster.
    pub(super) fn hints(&self, picture: &Picture) -> Vec<String> {
        let Some(address) = picture.address() else {
            return Vec::new();
        };
        let address = format!("http://{address}");
        let program = program();
        let mut hints = vec![
            format!("{program} job status -address {address} {}", super::jobs::SERVICE),
            format!("{program} alloc logs -address {address} -f -job {}", super::jobs::SERVICE),
            format!("{program} node status -address {address}"),
            format!("{program} server members -address {address}"),
            format!("curl -s '{address}/v1/jobs?pretty'"),
            format!("curl -s '{address}/v1/allocations?pretty'"),
        ];
        // What can be broken without ending the cluster depends on what is broken already.
        if let Some(pid) = picture.leader_to_spare() {
            hints.push(format!("kill -9 {pid}    # the leader: another server takes over, the tasks go on"));
        }
        if let Some(pid) = picture.client_to_spare() {
            hints.push(format!(
                "kill -9 {pid}    # a client agent: its part of the service moves to the other node"
            ));
        }
        hints
    }

    /// The ends of all logs, for a cluster that did not come to work.
    pub(super) fn last_words(&self) -> String {
        let all = self.servers.iter().chain(&self.clients);
        let words = all.map(|process| format!("--- {}\n{}", process.name, process.last_words()));
        words.collect::<Vec<_>>().join("\n")
    }

    /// End tasks, agents and directory, in this order.
    pub(super) async fn stop(mut self) {
        self.clients.iter_mut().for_each(Process::terminate);
        for client in &mut self.clients {
            if client.ended(PATIENCE).await {
                continue;
            }
            // Only an agent ends its tasks. One that was killed has left them behind: it is started again to do so.
            if client.start_again().is_ok() {
                found_again(&client.http).await;
                client.terminate();
                client.ended(PATIENCE).await;
            }
        }
        self.servers.iter_mut().for_each(Process::terminate);
        for server in &mut self.servers {
            server.ended(PATIENCE).await;
        }
        let path: PathBuf = self.dir.path().to_owned();
        if let Err(error) = self.dir.close() {
            crate::console::Console::plain()
                .error(format!("{} could not be removed: {error}", path.display()));
        }
    }
}

/// Wait until an agent answers, which it does once it knows its tasks again.
async fn found_again(http: &str) {
    let Ok(client) = ApiClient::at(http) else {
        return;
    };
    let answers = async {
        while client.get::<Value>("/v1/agent/self", &[]).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    // Without an answer there is nothing more that could be done for its tasks.
    let _late = tokio::time::timeout(FIND_AGAIN, answers).await;
}

fn config(name: &str, home: &Path, ports: &Ports, role: Value) -> Value {
    let mut config = json!({
        "name": name,
        "data_dir": home.join("data"),
        "bind_addr": "127.0.0.1",
        "log_level": "INFO",
        "ports": { "http": ports.http, "rpc": ports.rpc, "serf": ports.serf },
    });
    if let (Some(all), Value::Object(role)) = (config.as_object_mut(), role) {
        all.extend(role);
    }
    config
}

/// Ports that are free now. All are held until the last one is found, so that none is given twice.
fn free_ports(agents: usize) -> io::Result<Vec<Ports>> {
    let mut held = Vec::with_capacity(agents * 3);
    for _ in 0..agents * 3 {
        held.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
    }
    let mut ports = Vec::with_capacity(held.len());
    for listener in &held {
        ports.push(listener.local_addr()?.port());
    }
    Ok(ports.chunks_exact(3).map(|three| Ports { http: three[0], rpc: three[1], serf: three[2] }).collect())
}

/// How the user called this program, as far as it is known.
fn program() -> String {
    let called = std::env::args().next().filter(|word| !word.is_empty());
    called.unwrap_or_else(|| crate::args::PROGRAM.to_owned())
}
