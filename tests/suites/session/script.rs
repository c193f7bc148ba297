//! The commands of a recorded session, run again.
//!
//! - `$ drover demo &` starts the cluster, `$ kill %1` ends it, `$ export NAME=VALUE` is for all that follow.
//! - `  # until "text"`: again and again, until it prints that; what it printed last is recorded.
//! - `  # Ctrl-C behind "text"`: what goes on for ever is interrupted there.
//! - `  # on a terminal`: the last picture it draws, then `q` is typed.

use std::process::Stdio;
use std::time::Duration;

use tests::eventually::{PATIENCE, eventually};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use super::demo::Demo;
use super::mask::Masks;
use super::{BIN, place, terminal};

const PROMPT: &str = "$ ";
const REMARK: &str = "# ";

/// How a command is run.
enum Manner<'a> {
    Once,
    Until(&'a str),
    Interrupted(&'a str),
    Terminal,
}

impl Manner<'_> {
    fn of(text: &str) -> Manner<'_> {
        let quoted = |before: &str| text.strip_prefix(before)?.strip_prefix('"')?.strip_suffix('"');
        match (text, quoted("until "), quoted("Ctrl-C behind ")) {
            ("", _, _) => Manner::Once,
            ("on a terminal", _, _) => Manner::Terminal,
            (_, Some(text), _) => Manner::Until(text),
            (_, _, Some(text)) => Manner::Interrupted(text),
            _ => panic!("session.txt: no such manner: {text}"),
        }
    }
}

/// What a session knows between two commands.
#[derive(Default)]
struct Session {
    masks: Masks,
    demo: Option<Demo>,
    env: Vec<(String, String)>,
}

/// Runs the commands of a session and answers it with what they print today.
pub(crate) async fn replay(recorded: &str) -> String {
    let mut session = Session::default();
    let mut text = String::new();
    for line in recorded.lines() {
        if line.starts_with(REMARK) {
            text.push_str(&format!("{line}\n"));
        } else if let Some(command) = line.strip_prefix(PROMPT) {
            let printed = session.run(command).await;
            text.push_str(&format!("{line}\n{}", session.masks.hide(&printed)));
            // An empty line behind what was printed, and a single one.
            text.truncate(text.trim_end().len());
            text.push_str("\n\n");
        }
    }
    assert!(session.demo.is_none(), "session.txt: the cluster is not ended");
    text.truncate(text.trim_end().len());
    text + "\n"
}

impl Session {
    async fn run(&mut self, line: &str) -> String {
        if line == "drover demo &" {
            let demo = Demo::start(&mut self.masks).await;
            self.env.push(("NOMAD_ADDR".to_owned(), demo.address()));
            return self.demo.insert(demo).said();
        }
        if line == "kill %1" {
            return self.demo.take().unwrap().end();
        }
        if let Some((name, value)) = line.strip_prefix("export ").and_then(|rest| rest.split_once('=')) {
            self.env.push((name.to_owned(), value.to_owned()));
            return String::new();
        }
        let (command, manner) = line.split_once("  # ").unwrap_or((line, ""));
        let words = command.strip_prefix("drover ").expect("session.txt: only drover is run").split(' ');
        let words: Vec<String> = words.map(|word| self.masks.reveal(word)).collect();
        match Manner::of(manner) {
            Manner::Once => self.once(&words).await,
            Manner::Until(text) => {
                eventually(command, || async {
                    let printed = self.once(&words).await;
                    if printed.contains(text) { Ok(printed) } else { Err(printed) }
                })
                .await
            }
            Manner::Interrupted(text) => self.interrupted(&words, text).await,
            Manner::Terminal => terminal::picture(&words, &self.env).await,
        }
    }

    fn spawn(&self, words: &[String]) -> Child {
        let mut command = Command::new(BIN);
        command.args(words).envs(self.env.iter().cloned()).current_dir(place()).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// All that it prints, and the exit status where it is another than 0.
    async fn once(&self, words: &[String]) -> String {
        let output = tokio::time::timeout(PATIENCE, self.spawn(words).wait_with_output()).await;
        let output = output.unwrap_or_else(|_| panic!("{words:?} does not end")).unwrap();
        let mut text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        if !output.status.success() {
            text.push_str(&format!("[{}]\n", output.status));
        }
        text
    }

    /// What it prints until a text is among it.
    async fn interrupted(&self, words: &[String], text: &str) -> String {
        let mut child = self.spawn(words);
        let mut out = child.stdout.take().unwrap();
        let mut printed = Vec::new();
        let reading = async {
            let mut piece = [0; 4096];
            while !String::from_utf8_lossy(&printed).contains(text) {
                let count = out.read(&mut piece).await.unwrap();
                assert!(count > 0, "{words:?} ended by itself: {}", String::from_utf8_lossy(&printed));
                printed.extend_from_slice(&piece[..count]);
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("{words:?}: no {text:?}"));
        let pid = child.id().unwrap().to_string();
        Command::new("kill").args([interrupt(), &pid]).status().await.unwrap();
        tokio::time::timeout(Duration::from_secs(10), child.wait()).await.unwrap().unwrap();
        String::from_utf8(printed).unwrap() + "^C\n"
    }
}

/// What a terminal sends, unless whoever started this ignores it, as shells do for what they start in the background: then
/// so does every program that is started from here.
fn interrupt() -> &'static str {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    let ignored = u64::from_str_radix(ignored.trim(), 16).unwrap();
    // Bit 1 is signal 2.
    if ignored & 0b10 == 0 { "-INT" } else { "-TERM" }
}
