//! One agent as a process, as the recordings were made with: a server alone, or everything in one.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use std::io::{Read, Write};

use tempfile::TempDir;

/// How long it may take to be ready.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);
/// Lines of its log that a failed test shows.
const LOG_TAIL: usize = 40;

/// The process and its directory; both end with this.
pub struct Agent {
    dir: TempDir,
    http: u16,
    child: Child,
}

impl Agent {
    /// A server without a client.
    pub fn server(program: &Path) -> Self {
        let server = "server {\n  enabled = true\n  bootstrap_expect = 1\n}\n";
        Agent::start(program, server, &[], "/v1/status/leader", ":")
    }

    /// Server and client in one, with a node that is ready.
    pub fn dev(program: &Path) -> Self {
        Agent::start(program, "", &["-dev"], "/v1/nodes", "\"ready\"")
    }

    fn start(program: &Path, block: &str, flags: &[&str], probe: &str, ready: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("drover-contract-").tempdir().unwrap();
        let listeners: Vec<_> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = listeners.iter().map(|own| own.local_addr().unwrap().port()).collect();
        drop(listeners);
        let config = dir.path().join("agent.hcl");
        let [http, rpc, serf] = ports[..] else { panic!("three listeners have three ports") };
        let ports = format!("ports {{\n  http = {http}\n  rpc = {rpc}\n  serf = {serf}\n}}\n");
        let data = dir.path().join("data");
        fs::write(&config, format!("data_dir = \"{}\"\n{ports}{block}", data.display())).unwrap();
        let log = fs::File::create(dir.path().join("log")).unwrap();
        let mut command = Command::new(program);
        command.arg("agent").args(flags).arg("-config").arg(&config).current_dir(dir.path());
        let errors = log.try_clone().unwrap();
        let child = command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn().unwrap();
        let agent = Agent { dir, http, child };
        let deadline = Instant::now() + PATIENCE;
        while !agent.get(probe).is_some_and(|answer| answer.contains(ready)) {
            assert!(Instant::now() < deadline, "the agent is not ready in time\n{}", agent.log());
            sleep(PAUSE);
        }
        agent
    }

    /// The body of an answer with status 200; `None` while nobody listens.
    pub fn get(&self, path: &str) -> Option<String> {
        let (status, body) = ask(self.http, "GET", path, "")?;
        (status == 200).then_some(body)
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.http
    }

    /// Where it listens, as a URL.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    /// The end of what it has logged.
    pub fn log(&self) -> String {
        let log = fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_TAIL)..].join("\n")
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status and body of an answer; `None` when there is none.
pub fn ask(port: u16, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: agent\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all((head + body).as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}
