//! Whole requests, on one connection to an agent of its own: paths, queries, tokens of pages, methods and bodies.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use tests::cluster::Cluster;

use super::harness::{Target, fuzz};

/// Where the agent listens.
static AGENT: Mutex<String> = Mutex::new(String::new());
/// The connection, for as long as the agent keeps it.
static OPEN: Mutex<Option<TcpStream>> = Mutex::new(None);
/// The longest answer to a request that waits for nothing.
const LIMIT: Duration = Duration::from_secs(8);

/// `METHOD target`, and a body after a line feed.
fn ask(input: &[u8]) {
    let (line, body) = match input.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (input, &b""[..]),
    };
    // What no HTTP parser takes says nothing about ours; what waits, streams or stops the agent is no question.
    let line = String::from_utf8_lossy(line);
    let Some((method, target)) = line.split_once(' ') else { return };
    let plain = target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic());
    let known = ["GET", "PUT", "POST", "DELETE"].contains(&method);
    let waits = ["index", "stream", "monitor", "force-leave", "raft/", "keyring", "whatif", "system/gc"];
    if !plain || !known || waits.iter().any(|waits| decoded(target).contains(waits)) {
        return;
    }
    let head = format!("{method} {target} HTTP/1.1\r\nHost: fuzz\r\nContent-Length: {}\r\n\r\n", body.len());
    let request = [head.as_bytes(), body].concat();
    let mut open = OPEN.lock().unwrap();
    // A connection that the agent has closed meanwhile deserves a second try.
    let answer = once(&mut open, &request).or_else(|_| once(&mut open, &request)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 "), "no answer: {answer}");
    assert!(!answer.contains("internal error"), "a handler panicked: {answer}");
}

fn decoded(target: &str) -> String {
    api::query::percent_decode(&api::query::percent_decode(target, true), true)
}

/// The head of an answer and the first part of its body.
fn once(open: &mut Option<TcpStream>, request: &[u8]) -> std::io::Result<String> {
    let mut stream = match open.take() {
        Some(stream) => stream,
        None => TcpStream::connect(AGENT.lock().unwrap().trim_start_matches("http://"))?,
    };
    stream.set_read_timeout(Some(LIMIT))?;
    stream.write_all(request)?;
    let (mut answer, mut buffer) = (Vec::new(), [0; 16 << 10]);
    loop {
        let length = stream.read(&mut buffer)?;
        answer.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let end = text.find("\r\n\r\n");
        let wanted = text.to_lowercase().lines().find_map(|line| {
            line.strip_prefix("content-length: ").and_then(|length| length.trim().parse::<usize>().ok())
        });
        match (end, wanted) {
            (Some(end), Some(wanted)) if answer.len() >= end + 4 + wanted => {
                *open = Some(stream);
                return Ok(text);
            }
            // An answer of unknown length: the connection goes with it.
            (Some(_), None) => return Ok(text),
            _ if length == 0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => {}
        }
    }
}

#[test]
fn requests() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_drover-under-test"));
    let cluster = runtime.block_on(Cluster::start(bin, &std::env::temp_dir(), 1, 0)).unwrap();
    *AGENT.lock().unwrap() = cluster.address(0);
    let words = &[
        "%2F",
        "/",
        "//",
        "?",
        "&",
        "=",
        "namespace=*",
        "next_token=",
        "default.",
        "per_page=1",
        "filter=",
        "reverse=true",
        "prefix=",
        "..",
        "%00",
        "%ff",
        "/v1/job/",
        "/versions",
        "choose=1|",
        "PUT ",
        "DELETE ",
    ];
    fuzz(&Target { name: "request", words, more: None, run: ask });
    let metrics = runtime.block_on(cluster.get(0, "/v1/metrics")).unwrap().to_string();
    assert!(!metrics.contains("nomad.http.panic"), "handlers panicked: {metrics}");
}
