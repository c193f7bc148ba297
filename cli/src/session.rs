//! A command beside a task, talked to from here: what is typed goes there, what it prints comes here.
//!
//! With a terminal, this one is made raw while the session lasts, so that the keys mean what they mean over there; its
//! size follows. The session ends with the command, whose exit status it gives, or with the escape character and a dot.

mod escape;
pub mod terminal;

use crate::args::Talk;
use crate::console::Console;
use crate::http::Socket;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use escape::Escape;
use futures::stream::SplitSink;
use futures::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

/// How often an idle session says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Bytes of input in one message.
const CHUNK_BYTES: usize = 4096;
/// Pieces of input that wait to be sent.
const CHUNKS_MAX: usize = 16;
/// The escape character unless another is given.
const ESCAPE: &str = "~";

/// How a command is talked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Standard input is passed on.
    pub stdin: bool,
    /// The command has a terminal.
    pub tty: bool,
    escape: Option<u8>,
}

impl Manner {
    /// From flags; `terminal` says whether this program is talked to through one.
    pub fn of(talk: &Talk, terminal: bool) -> Result<Manner, String> {
        let stdin = talk.it || talk.i.unwrap_or(true);
        let tty = talk.it || talk.t.unwrap_or(terminal && stdin);
        if tty && !stdin {
            return Err("-i must be enabled if running with tty".to_owned());
        }
        let escape = match talk.e.as_deref().unwrap_or(ESCAPE) {
            "none" => None,
            text => match text.as_bytes() {
                [byte] => Some(*byte),
                _ => return Err("-e requires 'none' or a single character".to_owned()),
            },
        };
        Ok(Manner { stdin, tty, escape })
    }
}

/// What the other side says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Heard {
    stdout: Option<Output>,
    stderr: Option<Output>,
    exited: bool,
    result: Option<Outcome>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Output {
    data: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Outcome {
    exit_code: i64,
}

/// Talk until the command ends. Gives its exit status; an error is why there is none.
pub async fn talk(socket: Socket, console: Console, manner: Manner) -> Result<u8, String> {
    let _raw = if manner.tty { terminal::Raw::enter() } else { None };
    let (mut to, mut from) = socket.split();
    let mut typed = input(manner.stdin);
    let mut escape = manner.escape.filter(|_| manner.tty).map(Escape::new);
    let mut resized = signal(SignalKind::window_change()).map_err(|error| error.to_string())?;
    let mut beat = tokio::time::interval(HEARTBEAT);
    let mut open = true;
    if manner.tty {
        say(&mut to, size()).await;
    }
    loop {
        tokio::select! {
            heard = from.next() => if let Some(status) = hear(heard, console)? {
                return Ok(status);
            },
            bytes = typed.recv(), if open => {
                let Some(bytes) = bytes else {
                    open = false;
                    say(&mut to, json!({"stdin": {"close": true}})).await;
                    continue;
                };
                let (bytes, escaped) = match &mut escape {
                    Some(escape) => escape.pass(&bytes),
                    None => (bytes, false),
                };
                if !bytes.is_empty() {
                    say(&mut to, json!({"stdin": {"data": STANDARD.encode(bytes)}})).await;
                }
                if escaped {
                    return Err("\nConnection closed".to_owned());
                }
            }
            _ = resized.recv(), if manner.tty => say(&mut to, size()).await,
            _ = beat.tick() => say(&mut to, json!({})).await,
        }
    }
}

/// A message to the other side. One that cannot be sent is no error here: what comes from there says why.
async fn say(to: &mut SplitSink<Socket, Message>, message: Value) {
    let _heard_of = to.send(Message::text(message.to_string())).await;
}

fn size() -> Value {
    let (height, width) = terminal::size().unwrap_or(terminal::SIZE_DEFAULT);
    json!({"tty_size": {"height": height, "width": width}})
}

/// Print what came; gives the exit status with the last of it.
fn hear(
    heard: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
    console: Console,
) -> Result<Option<u8>, String> {
    let text = match heard {
        Some(Ok(Message::Text(text))) => text,
        Some(Ok(Message::Close(Some(frame)))) if !frame.reason.is_empty() => {
            return Err(frame.reason.to_string());
        }
        Some(Ok(Message::Close(_))) | None => return Err("connection closed before the exit code".to_owned()),
        Some(Ok(_)) => return Ok(None),
        Some(Err(error)) => return Err(error.to_string()),
    };
    let heard: Heard = serde_json::from_str(&text).map_err(|error| format!("decoding a message: {error}"))?;
    if let Some(bytes) = decoded(heard.stdout)? {
        console.write(&bytes);
    }
    if let Some(bytes) = decoded(heard.stderr)? {
        // Without standard error there is nobody to tell.
        let _unread = std::io::stderr().lock().write_all(&bytes);
    }
    let code = heard.result.unwrap_or_default().exit_code;
    // As the system does: an exit status has eight bits.
    Ok(heard.exited.then(|| u8::try_from(code & 0xff).unwrap_or(1)))
}

fn decoded(output: Option<Output>) -> Result<Option<Vec<u8>>, String> {
    let data = output.and_then(|output| output.data).filter(|data| !data.is_empty());
    let bytes =
        data.map(|data| STANDARD.decode(data).map_err(|error| format!("decoding a message: {error}")));
    bytes.transpose()
}

/// Standard input in pieces; closed at its end, or at once where it is not passed on. It is read by a thread of its
/// own, which ends with the program: a read of a terminal cannot be taken back.
fn input(wanted: bool) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(CHUNKS_MAX);
    if wanted {
        std::thread::spawn(move || {
            let mut bytes = vec![0; CHUNK_BYTES];
            while let Ok(length @ 1..) = std::io::stdin().lock().read(&mut bytes) {
                if sender.blocking_send(bytes[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
    }
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_the_terminal_decide() {
        let manner = |talk: &Talk, terminal| Manner::of(talk, terminal);
        let plain = Talk::default();
        let (in_terminal, piped) = (manner(&plain, true).unwrap(), manner(&plain, false).unwrap());
        assert_eq!((in_terminal.stdin, in_terminal.tty, in_terminal.escape), (true, true, Some(b'~')));
        assert_eq!((piped.stdin, piped.tty), (true, false));
        let both = manner(&Talk { it: true, e: Some("none".to_owned()), ..Talk::default() }, false).unwrap();
        assert_eq!((both.stdin, both.tty, both.escape), (true, true, None));
        let silent = manner(&Talk { i: Some(false), ..Talk::default() }, true).unwrap();
        assert!(!silent.stdin && !silent.tty);
        for (talk, sentence) in [
            (
                Talk { e: Some("ab".to_owned()), ..Talk::default() },
                "-e requires 'none' or a single character",
            ),
            (Talk { e: Some(String::new()), ..Talk::default() }, "-e requires 'none' or a single character"),
            (
                Talk { i: Some(false), t: Some(true), ..Talk::default() },
                "-i must be enabled if running with tty",
            ),
        ] {
            assert_eq!(manner(&talk, false), Err(sentence.to_owned()));
        }
    }

    #[test]
    fn the_last_message_has_the_exit_status() {
        let text = |text: &str| hear(Some(Ok(Message::text(text))), Console::plain());
        assert_eq!(text("{}"), Ok(None));
        assert_eq!(text(r#"{"stdout":{"close":true}}"#), Ok(None));
        assert_eq!(text(r#"{"exited":true,"result":{"exit_code":7}}"#), Ok(Some(7)));
        assert_eq!(text(r#"{"exited":true,"result":{}}"#), Ok(Some(0)));
        assert_eq!(text(r#"{"exited":true,"result":{"exit_code":-1}}"#), Ok(Some(255)));
        assert!(text("no json").is_err() && text(r#"{"stdout":{"data":"!"}}"#).is_err());
        assert!(hear(None, Console::plain()).is_err());
    }
}
