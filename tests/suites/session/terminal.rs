//! A program that draws on a terminal: its last picture.

use std::sync::LazyLock;
use std::time::Duration;

use pty_process::{Command, Size};
use regex::Regex;
use tests::eventually::PATIENCE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

static ESCAPES: LazyLock<Regex> = LazyLock::new(|| Regex::new("\u{1b}\\[[0-9;?]*[A-Za-z]").unwrap());
/// A picture begins in the corner of the terminal, and ends with everything below it cleared.
const CORNER: &str = "\u{1b}[H";
const DRAWN: &str = "\u{1b}[J";
const LINES: u16 = 40;
const COLUMNS: u16 = 120;

/// Runs it until it has drawn, types `q`, and answers the last picture.
pub(crate) async fn picture(words: &[String], env: &[(String, String)]) -> String {
    let (mut terminal, other_end) = pty_process::open().unwrap();
    terminal.resize(Size::new(LINES, COLUMNS)).unwrap();
    let command = Command::new(super::BIN).args(words).envs(env.iter().cloned()).kill_on_drop(true);
    let mut child = command.spawn(other_end).unwrap();
    let mut drawn = Vec::new();
    let drawing = async {
        let mut asked = false;
        let mut piece = [0; 4096];
        // A terminal whose program has ended cannot be read.
        while let Ok(count @ 1..) = terminal.read(&mut piece).await {
            drawn.extend_from_slice(&piece[..count]);
            if !asked && String::from_utf8_lossy(&drawn).contains(DRAWN) {
                terminal.write_all(b"q").await.unwrap();
                asked = true;
            }
        }
    };
    tokio::time::timeout(PATIENCE, drawing).await.expect("a program on a terminal ends with q");
    let status = tokio::time::timeout(Duration::from_secs(10), child.wait()).await.unwrap().unwrap();
    assert!(status.success(), "{words:?} ended with {status}");
    let text = String::from_utf8(drawn).unwrap();
    let last = text.rsplit(CORNER).next().unwrap_or_default();
    ESCAPES.replace_all(last, "").replace('\r', "")
}
