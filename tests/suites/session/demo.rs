//! The demonstration as a process of its own, which ends with this.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::eventually::{PATIENCE, eventually};

use super::mask::Masks;

const PAUSE: Duration = Duration::from_millis(20);
/// What it says when all runs, last of all.
const READY: &str = "a client agent: its part";

/// A demonstration that runs.
pub(crate) struct Demo {
    child: Child,
    dir: TempDir,
    said: Arc<Mutex<Vec<String>>>,
}

impl Demo {
    /// Starts it and waits until all of it runs.
    pub(crate) async fn start(masks: &mut Masks) -> Demo {
        let dir = tempfile::Builder::new().prefix("drover-session-").tempdir().unwrap();
        masks.word(super::BIN, "drover");
        let mut command = Command::new(super::BIN);
        command.arg("demo").env("TMPDIR", dir.path()).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (into, out) = (said.clone(), child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                into.lock().unwrap().push(line);
            }
        });
        let demo = Demo { child, dir, said };
        eventually("a demonstration that runs", || async {
            let said = demo.said.lock().unwrap();
            if said.iter().any(|line| line.contains(READY)) { Ok(()) } else { Err(said.join("\n")) }
        })
        .await;
        let below = demo.word("client agents in ").unwrap();
        masks.word(&below, "<directory>");
        demo
    }

    /// The word that follows another text.
    fn word(&self, before: &str) -> Option<String> {
        let said = self.said.lock().unwrap();
        let rest = said.iter().find_map(|line| line.split_once(before))?.1;
        rest.split(' ').next().map(str::to_owned)
    }

    /// URL of one of its servers.
    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.word("server name=server-1 http=").unwrap())
    }

    /// What it said, but for the states on the way, which are other ones every time.
    pub(crate) fn said(&self) -> String {
        let said = self.said.lock().unwrap();
        let on_the_way = |line: &str| {
            ["server ", "node ", "job ", "allocation "].iter().any(|table| line.starts_with(table))
        };
        said.iter().filter(|line| !on_the_way(line)).cloned().collect::<Vec<_>>().join("\n")
    }

    /// Ctrl-C: waits for its end, answers what it said then, and sees to it that nothing is left.
    pub(crate) fn end(mut self) -> String {
        let before = self.said().len();
        self.signal("-INT");
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(Instant::now() < deadline, "the demonstration does not end"),
            }
            std::thread::sleep(PAUSE);
        };
        assert!(status.success(), "the demonstration ended with {status}");
        let left: Vec<_> = std::fs::read_dir(self.dir.path()).unwrap().collect();
        assert!(left.is_empty(), "the demonstration left {left:?}");
        self.said()[before..].trim_start().to_owned()
    }

    fn signal(&self, signal: &str) {
        // One that has ended already needs none.
        let _ended = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // It ends its tasks and agents by itself; one that hangs is killed.
            self.signal("-TERM");
            let deadline = Instant::now() + PATIENCE;
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(PAUSE);
            }
            let _ended = self.child.kill();
        }
    }
}
