//! Stands between the checker and the agent, and keeps what they say to each other.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Bytes of one side of a conversation that are kept.
const KEPT: usize = 8 << 20;

/// One request and its answer.
pub(crate) struct Exchange {
    pub(crate) method: String,
    /// Path and query as they were sent.
    pub(crate) target: String,
    pub(crate) asked: Vec<u8>,
    pub(crate) status: u16,
    /// Without its parameters.
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// A listener that passes everything on to an agent.
pub(crate) struct Tap {
    port: u16,
    heard: Arc<Mutex<Vec<Exchange>>>,
}

impl Tap {
    /// Listens before the agent on this port. Its thread ends with the process: a test has one or two of them.
    pub(crate) fn before(agent: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard: Arc<Mutex<Vec<Exchange>>> = Arc::default();
        let hears = heard.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let hears = hears.clone();
                thread::spawn(move || {
                    // Whoever hangs up early has an answer that nobody looks at.
                    let Some(exchange) = pass_on(client, agent) else { return };
                    hears.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
                });
            }
        });
        Tap { port, heard }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Everything that was said so far.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn pass_on(client: TcpStream, agent: u16) -> Option<Exchange> {
    let server = TcpStream::connect(("127.0.0.1", agent)).ok()?;
    let (from, to) = (client.try_clone().ok()?, server.try_clone().ok()?);
    let asking = thread::spawn(move || pump(from, to));
    let answer = pump(server, client);
    let request = asking.join().ok()?;
    read(&request, &answer)
}

/// Carries one direction to its end, and answers what went by.
fn pump(mut from: TcpStream, mut to: TcpStream) -> Vec<u8> {
    let (mut kept, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
    while let Ok(length) = from.read(&mut buffer) {
        let piece = &buffer[..length];
        if piece.is_empty() || to.write_all(piece).is_err() {
            break;
        }
        if kept.len() < KEPT {
            kept.extend_from_slice(piece);
        }
    }
    // The other side may have gone first.
    let _ = (to.shutdown(Shutdown::Write), from.shutdown(Shutdown::Read));
    kept
}

/// Reads the first request and answer of a connection: the checker has one for each.
fn read(request: &[u8], answer: &[u8]) -> Option<Exchange> {
    let line = String::from_utf8_lossy(request.split(|byte| *byte == b'\r').next()?).into_owned();
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    };
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let content_type = header("content-type").unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default().to_owned();
    let rest = &answer[end + 4..];
    let body = match header("transfer-encoding").as_deref() {
        Some("chunked") => unchunked(rest),
        _ => rest.to_vec(),
    };
    let body = match header("content-encoding").as_deref() {
        Some("gzip") => {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).ok()?;
            plain
        }
        _ => body,
    };
    let asked =
        request.windows(4).position(|four| four == b"\r\n\r\n").map(|end| request[end + 4..].to_vec());
    Some(Exchange { method, target, asked: asked.unwrap_or_default(), status, content_type, body })
}

/// The chunks together; what a stream was cut off in is left out.
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..line]).ok();
        let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else { break };
        let Some(chunk) = rest.get(line + 2..line + 2 + size).filter(|chunk| !chunk.is_empty()) else {
            break;
        };
        body.extend_from_slice(chunk);
        rest = rest.get(line + 4 + size..).unwrap_or_default();
    }
    body
}
