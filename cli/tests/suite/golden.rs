//! The output of commands that the original does not have, from fixed answers, compared as a whole with the text files
//! in `golden`. An answer is looked up by its path; text is sent as it is, everything else as JSON.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use serde_json::Value;

use crate::agent::{Done, drover};

const ANSWERS: &str = include_str!("golden/answers.json");

/// An address where every question has a fixed answer.
fn answering() -> String {
    let answers: Value = serde_json::from_str(ANSWERS).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    // It ends with the process of the test.
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            answer(stream, &answers);
        }
    });
    address
}

fn answer(mut stream: TcpStream, answers: &Value) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if first.is_empty() {
            first = line;
        } else if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    let target = first.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut found = &answers[path];
    if path == "/v1/jobs" {
        let prefix = query.split('&').find_map(|pair| pair.strip_prefix("prefix=")).unwrap_or_default();
        found = &found[prefix];
    }
    let (status, body) = match found {
        Value::Null => ("404 Not Found", format!("no answer for {target}")),
        Value::String(text) => ("200 OK", text.clone()),
        other => ("200 OK", other.to_string()),
    };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .unwrap();
}

/// Runs a command against the fixed answers and compares all it prints.
#[track_caller]
fn compare(name: &str, exit: i32, words: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let output = drover(dir.path())
        .args(words)
        .env("NOMAD_ADDR", answering())
        .env("NOMAD_CLI_SHOW_HINTS", "0")
        .output()
        .unwrap();
    let done = Done(output);
    let printed = done.text() + &done.errors();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/golden").join(format!("{name}.txt"));
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(printed, wanted, "{words:?} is not {}, but:\n{printed}", file.display());
    assert_eq!(done.exit(), Some(exit), "{words:?}");
}

#[test]
fn why_a_job_is_where_it_is() {
    compare("job-explain", 0, &["job", "explain", "web"]);
    compare("job-explain-verbose", 0, &["job", "explain", "-verbose", "web"]);
}

#[test]
fn why_an_allocation_is_where_it_is() {
    compare("alloc-why", 0, &["alloc", "why", "5c5b03ab"]);
}

#[test]
fn what_would_move() {
    compare("operator-whatif", 0, &["operator", "whatif", "-drain", "9085906e"]);
    compare("operator-whatif-nothing", 1, &["operator", "whatif"]);
}

#[test]
fn waiting_for_a_job() {
    compare("job-wait", 0, &["job", "wait", "done"]);
    compare("job-wait-in-vain", 1, &["job", "wait", "-timeout", "0", "web"]);
}

#[test]
fn logs_of_a_whole_job() {
    compare("job-logs", 0, &["job", "logs", "-task", "server", "web"]);
}
