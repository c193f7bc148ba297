//! One agent of the demonstration: a child process of this same program, with its directory and its log.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// Name of an agent's configuration in its directory.
const CONFIG: &str = "agent.json";
/// Name of its log.
const LOG: &str = "agent.log";
/// Bytes of a log that are shown when something went wrong.
const LAST_WORDS: u64 = 2_000;

/// An agent and where it is reached.
pub(super) struct Process {
    /// Its node or server name.
    pub(super) name: String,
    /// `ip:port` of its HTTP API.
    pub(super) http: String,
    dir: PathBuf,
    child: Child,
}

impl Process {
    /// Write the configuration and start the agent.
    pub(super) fn start(
        name: String,
        http: String,
        dir: PathBuf,
        config: &serde_json::Value,
    ) -> io::Result<Process> {
        std::fs::create_dir_all(&dir)?;
        std::fs::write(dir.join(CONFIG), config.to_string())?;
        let child = spawn(&dir)?;
        Ok(Process { name, http, dir, child })
    }

    /// The process id while it runs.
    pub(super) fn pid(&mut self) -> Option<u32> {
        match self.child.try_wait() {
            Ok(None) => self.child.id(),
            _ => None,
        }
    }

    /// Start it again with what it has on disk. Does nothing while it runs.
    pub(super) fn start_again(&mut self) -> io::Result<()> {
        if self.pid().is_none() {
            self.child = spawn(&self.dir)?;
        }
        Ok(())
    }

    /// Ask it to end.
    pub(super) fn terminate(&mut self) {
        let pid = self.pid().and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid {
            // It may have ended just now, which is what is wanted.
            let _gone = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
    }

    /// Wait for its end, and end it the hard way after `patience`. Gives whether it ended as an agent that was asked to.
    pub(super) async fn ended(&mut self, patience: Duration) -> bool {
        match tokio::time::timeout(patience, self.child.wait()).await {
            Ok(Ok(status)) => status.success(),
            Ok(Err(_)) => false,
            Err(_late) => {
                // An error means that it has ended meanwhile.
                let _gone = self.child.kill().await;
                false
            }
        }
    }

    /// The end of its log.
    pub(super) fn last_words(&self) -> String {
        let read = || -> io::Result<String> {
            let mut file = File::open(self.dir.join(LOG))?;
            let size = file.metadata()?.len();
            file.seek(SeekFrom::Start(size.saturating_sub(LAST_WORDS)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().unwrap_or_else(|error| format!("no log: {error}"))
    }
}

fn spawn(dir: &std::path::Path) -> io::Result<Child> {
    let log = File::options().create(true).append(true).open(dir.join(LOG))?;
    Command::new(std::env::current_exe()?)
        .arg("agent")
        .arg("-config")
        .arg(dir.join(CONFIG))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C is for the demonstration alone: it ends the agents in an order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}
