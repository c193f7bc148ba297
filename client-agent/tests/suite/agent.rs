//! Agents for tests: in this process, and as a process of their own that can be killed.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use client_agent::{ClientAgent, Options, start};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::fake_server::FakeServer;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_agent-under-test");

/// Directories of one agent.
pub(crate) struct Home(pub(crate) TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Home(tempfile::tempdir().unwrap())
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.0.path().join("state")
    }

    pub(crate) fn allocs(&self) -> PathBuf {
        self.0.path().join("allocs")
    }

    pub(crate) fn options(&self, server: &FakeServer) -> Options {
        Options {
            state_dir: self.state(),
            alloc_dir: self.allocs(),
            servers: vec![server.address.to_string()],
            raw_exec_enabled: true,
            mock_driver_enabled: true,
            dev: true,
            supervisor_exe: PROGRAM.into(),
            reconnect_min_ms: 5,
            reconnect_max_ms: 50,
            ..Options::default()
        }
    }

    /// An agent in this process.
    pub(crate) async fn agent(&self, server: &FakeServer) -> ClientAgent {
        start(self.options(server), CancellationToken::new()).await.unwrap()
    }

    /// An agent in a process of its own.
    pub(crate) fn process(&self, server: &FakeServer) -> AgentProcess {
        let mut command = Command::new(PROGRAM);
        command.arg(self.state()).arg(self.allocs()).arg(server.address.to_string());
        let errors =
            std::fs::File::options().create(true).append(true).open(self.0.path().join("agent.log")).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
        AgentProcess(command.spawn().unwrap())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // A test that failed leaves supervisors behind, each the leader of its task's session.
        let supervisors = processes(&format!("{}/", self.allocs().display()));
        for leader in supervisors.into_iter().filter(|pid| *pid != nix::unistd::getpid().as_raw()) {
            for pid in session_of(leader).into_iter().chain([leader]) {
                let _ = nix::sys::signal::kill(
                    nix::unistd::Pid::from_raw(pid),
                    nix::sys::signal::Signal::SIGKILL,
                );
            }
        }
    }
}

fn session_of(leader: i32) -> Vec<i32> {
    let member = |pid: &i32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let session =
            stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(3)?.parse::<i32>().ok());
        session == Some(leader) && *pid != leader
    };
    processes("").into_iter().filter(member).collect()
}

/// An agent that is killed when dropped, as SIGKILL does it.
pub(crate) struct AgentProcess(Child);

impl AgentProcess {
    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.0.id()).unwrap()
    }

    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for AgentProcess {
    fn drop(&mut self) {
        // One that was killed already cannot be killed again.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Processes whose command line holds a text.
pub(crate) fn processes(text: &str) -> Vec<i32> {
    let pids = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(text)
    })
    .collect()
}

/// A short pause that no test's outcome depends on: it only spreads kills over time.
pub(crate) fn linger(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}
