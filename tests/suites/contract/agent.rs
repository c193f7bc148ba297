//! An agent whose conversations are overheard.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use tests::agent;

use super::tap::{Exchange, Tap};

const PROGRAM: &str = env!("CARGO_BIN_EXE_drover-under-test");
/// How long a stream is listened to.
const MOMENT: Duration = Duration::from_secs(2);

pub(crate) struct Agent {
    agent: agent::Agent,
    tap: Tap,
}

impl Agent {
    /// A server without a client.
    pub(crate) fn server() -> Self {
        Agent::overheard(agent::Agent::server(Path::new(PROGRAM)))
    }

    /// Server and client in one, with a node that is ready.
    pub(crate) fn dev() -> Self {
        Agent::overheard(agent::Agent::dev(Path::new(PROGRAM)))
    }

    fn overheard(agent: agent::Agent) -> Self {
        Agent { tap: Tap::before(agent.port()), agent }
    }

    /// The body of an answer with status 200 that nobody overhears.
    pub(crate) fn get(&self, path: &str) -> Option<String> {
        self.agent.get(path)
    }

    /// Status and body of an answer that the tap hears too.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
        agent::ask(self.tap.port(), method, path, body)
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
        self.agent.log()
    }
}
