//! An agent under test, and commands against it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

/// Everything that is waited for comes within this time or never.
const PATIENCE: Duration = Duration::from_secs(30);

/// The binary with nothing of the tester's environment that it reads.
pub(crate) fn drover(temporary: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_drover"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("NOMAD_") || text.starts_with("OTEL_") || text == "RUST_LOG" {
            command.env_remove(&name);
        }
    }
    command.env("TMPDIR", temporary).env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// Polls until `found` gives something.
pub(crate) fn eventually<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = found() {
            return value;
        }
        assert!(Instant::now() < end, "{what} did not come within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A running agent. Dropping it ends it.
pub(crate) struct Agent {
    child: Child,
    /// Where its temporary directories go, and configuration files of the test.
    pub(crate) dir: TempDir,
    /// `http://ip:port`.
    pub(crate) address: String,
    log: Arc<Mutex<String>>,
}

/// What the process printed so far on one output.
fn gather(from: impl std::io::Read + Send + 'static, into: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut text = into.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
}

/// Free ports for everything, for the front of a configuration file.
pub(crate) const FREE_PORTS: &str = "ports {\n  http = 0\n  rpc = 0\n  serf = 0\n}\n";

impl Agent {
    /// Starts `agent FLAGS` with a configuration and waits until it has started.
    pub(crate) fn start(flags: &[&str], config: &str) -> Agent {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("agent.hcl");
        std::fs::write(&file, format!("{FREE_PORTS}{config}")).unwrap();
        let mut child = drover(dir.path())
            .arg("agent")
            .args(flags)
            .arg("-config")
            .arg(&file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (banner, log) = (Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(String::new())));
        gather(child.stdout.take().unwrap(), Arc::clone(&banner));
        gather(child.stderr.take().unwrap(), Arc::clone(&log));
        let address = eventually("the banner", || {
            let text = banner.lock().unwrap();
            assert!(child.try_wait().unwrap().is_none(), "the agent ended: {text}{}", log.lock().unwrap());
            text.contains("Drover agent started!").then_some(())?;
            let line = text.lines().find(|line| line.contains("Advertise Addrs"))?;
            let address = line.split("HTTP: ").nth(1)?.split(';').next()?;
            Some(format!("http://{}", address.trim()))
        });
        Agent { child, dir, address, log }
    }

    /// The same, and waits until a node is ready for work.
    pub(crate) fn with_node(flags: &[&str], config: &str) -> Agent {
        let agent = Agent::start(flags, config);
        agent.wait_for_node();
        agent
    }

    pub(crate) fn wait_for_node(&self) {
        eventually("a ready node", || self.run(&["node", "status"]).text().contains("ready").then_some(()));
    }

    /// A command against this agent. The address goes behind the names of the command, as Go's flags have it.
    pub(crate) fn run(&self, words: &[&str]) -> Done {
        let output = drover(self.dir.path())
            .args(words)
            .env("NOMAD_ADDR", &self.address)
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        Done(output)
    }

    /// Writes a file that commands can name.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// Waits for a line of its log.
    pub(crate) fn wait_for_log(&self, part: &str) {
        eventually(part, || self.log.lock().unwrap().contains(part).then_some(()));
    }

    /// Ends it as an operator does and gives its exit status.
    pub(crate) fn end(&mut self) -> Option<i32> {
        self.signal(Signal::SIGTERM);
        eventually("the end of the agent", || self.child.try_wait().unwrap()).code()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // The gentle way first: a development agent ends its tasks.
        self.signal(Signal::SIGTERM);
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(50));
        }
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the agent's log\n{}", self.log.lock().unwrap());
        }
    }
}

/// What a command gave.
pub(crate) struct Done(pub(crate) Output);

impl Done {
    pub(crate) fn exit(&self) -> Option<i32> {
        self.0.status.code()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub(crate) fn errors(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Its standard output, once it is known to have gone well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.exit(), Some(0), "{}{}", self.text(), self.errors());
        self.text()
    }

    /// Standard error, once it is known to have failed with that status.
    #[track_caller]
    pub(crate) fn failed(self, exit: i32) -> String {
        assert_eq!(self.exit(), Some(exit), "{}{}", self.text(), self.errors());
        self.errors()
    }
}

/// A raw_exec job as JSON.
pub(crate) fn job(id: &str, kind: &str, script: &str, group: &str) -> String {
    let script = serde_json::to_string(script).unwrap();
    format!(
        r#"{{"Job": {{"ID": "{id}", "Name": "{id}", "Type": "{kind}", "Datacenters": ["*"],
            "TaskGroups": [{{"Name": "g", "Count": 1, "EphemeralDisk": {{"SizeMB": 10}}, {group}
              "Tasks": [{{"Name": "t", "Driver": "raw_exec", "KillTimeout": 1000000000,
                "Config": {{"command": "/bin/sh", "args": ["-c", {script}]}},
                "LogConfig": {{"MaxFiles": 1, "MaxFileSizeMB": 1}},
                "Resources": {{"CPU": 20, "MemoryMB": 16}}}}]}}]}}}}"#
    )
}
