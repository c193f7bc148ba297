//! One agent as a process, as the recordings were made with: a server alone, or everything in one.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use std::io::{Read, Write};

use tempfile::TempDir;

use super::tap::{Exchange, Tap};

/// How long it may take to be ready.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a stream is listened to.
const MOMENT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(100);
/// Lines of its log that a failed test shows.
const LOG_TAIL: usize = 40;

pub(crate) struct Agent {
    dir: TempDir,
    http: u16,
    child: Child,
    tap: Tap,
}

impl Agent {
    /// A server without a client.
    pub(crate) fn server() -> Self {
        let server = "server {\n  enabled = true\n  bootstrap_expect = 1\n}\n";
        Agent::start(server, &[], "/v1/status/leader", ":")
    }

    /// Server and client in one, with a node that is ready.
    pub(crate) fn dev() -> Self {
        Agent::start("", &["-dev"], "/v1/nodes", "\"ready\"")
    }

    fn start(block: &str, flags: &[&str], probe: &str, ready: &str) -> Self {
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
        let mut command = Command::new(env!("CARGO_BIN_EXE_drover-under-test"));
        command.arg("agent").args(flags).arg("-config").arg(&config).current_dir(dir.path());
        let errors = log.try_clone().unwrap();
        let child = command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn().unwrap();
        let agent = Agent { dir, http, child, tap: Tap::before(http) };
        let deadline = Instant::now() + PATIENCE;
        while !agent.get(probe).is_some_and(|answer| answer.contains(ready)) {
            assert!(Instant::now() < deadline, "the agent is not ready in time\n{}", agent.log());
            sleep(PAUSE);
        }
        agent
    }

    /// The body of an answer with status 200; `None` while nobody listens.
    pub(crate) fn get(&self, path: &str) -> Option<String> {
        let (status, body) = ask(self.http, "GET", path, "")?;
        (status == 200).then_some(body)
    }

    /// Status and body of an answer that the tap hears too.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
        ask(self.tap.port(), method, path, body)
    }

    /// What a stream brings in its first moments, head included; it is left then.
    pub(crate) fn listen(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.tap.port())).unwrap();
        stream.set_read_timeout(Some(MOMENT)).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: agent\r\n\r\n").as_bytes()).unwrap();
        let (mut heard, mut buffer, end) = (Vec::new(), vec![0; 64 << 10], Instant::now() + MOMENT);
        while Instant::now() < end {
            match stream.read(&mut buffer) {
                Ok(length) if length > 0 => heard.extend_from_slice(&buffer[..length]),
                _ => break,
            }
        }
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// Where the checker talks to it.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.tap.port())
    }

    /// What was asked and answered since the last look.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.tap.take()
    }

    /// The end of what it has logged.
    pub(crate) fn log(&self) -> String {
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

fn ask(port: u16, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
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
