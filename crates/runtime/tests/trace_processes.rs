//! Tracing as real processes start it: from the environment. The test binary runs itself again in other roles, because
//! a subscriber is installed once per process and this process must not change its own environment.

use std::io::Read;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PARENT: &str = "DROVER_TEST_TRACEPARENT";
const LOG_FILE: &str = "DROVER_TEST_LOG_FILE";

/// Not a test of its own: what a child process does. Without the variable it has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_role() {
    let Ok(parent) = std::env::var(PARENT) else { return };
    let log_file = std::env::var_os(LOG_FILE).map(std::path::PathBuf::from);
    let json = log_file.is_some();
    let options = runtime::trace::Options { instance: "n1".to_owned(), log_file, json, ..Default::default() };
    let trace = runtime::trace::init(&options).expect("logging starts");
    tracing::debug!("before the reload");
    trace.set_level("debug").expect("debug is a level");
    tracing::debug!("after the reload");
    let span = tracing::info_span!("work", step = 1);
    runtime::trace::set_parent(&span, &parent);
    span.in_scope(|| tracing::info!(traceparent = runtime::trace::current_traceparent(), "in the span"));
    drop(span);
    trace.shutdown().await;
}

fn child(parent: &str, variables: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().expect("a running program has a path"))
        .args(["--exact", "child_role", "--nocapture"])
        .env_remove("RUST_LOG")
        .env(PARENT, parent)
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the test binary starts")
}

fn log_of(child: Child) -> String {
    let output = child.wait_with_output().expect("the child ends");
    assert!(output.status.success());
    String::from_utf8(output.stderr).expect("log lines are UTF-8")
}

#[test]
fn spans_of_processes_join_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("spans.jsonl");
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let variables = [("DROVER_TRACE_FILE", file.to_str().unwrap())];
    let children = [child(parent, &variables), child(parent, &variables)];
    for child in children {
        assert!(log_of(child).contains("in the span"));
    }
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    for line in &lines {
        assert_eq!(line["trace_id"], "0af7651916cd43dd8448eb211c80319c");
        assert_eq!((&line["parent_id"], &line["name"]), (&"b7ad6b7169203331".into(), &"work".into()));
        assert_eq!(line["attributes"]["step"], "1");
    }
    assert_ne!(lines[0]["pid"], lines[1]["pid"]);
}

#[test]
fn without_variables_nothing_is_traced() {
    let log = log_of(child("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", &[]));
    assert!(log.contains("traceparent=\"\""), "{log}");
}

#[test]
fn the_log_file_holds_json_lines_and_the_level_can_change() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("drover.log");
    let log = log_of(child("", &[(LOG_FILE, file.to_str().unwrap())]));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(log.contains(text.trim_end()), "the same lines go to both");
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let messages: Vec<&str> = lines.iter().filter_map(|l| l["message"].as_str()).collect();
    assert_eq!(messages, ["after the reload", "in the span"]);
}

#[test]
fn an_endpoint_is_spoken_to_over_grpc() {
    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let child =
        child("", &[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint), ("OTEL_EXPORTER_OTLP_TIMEOUT", "500")]);
    let (mut stream, _) = collector.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut preface = [0u8; 14];
    stream.read_exact(&mut preface).unwrap();
    assert_eq!(&preface, b"PRI * HTTP/2.0");
    // The collector never answers, so the spans are lost; the process ends all the same.
    drop((stream, collector));
    assert!(log_of(child).contains("in the span"));
}
