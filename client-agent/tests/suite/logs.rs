//! Log files through the agent's HTTP paths, over its session and directly; signals and restarts.

use futures::StreamExt;
use model::ClientStatus;

use crate::agent::Home;
use crate::eventually;
use crate::fake_server::FakeServer;
use crate::jobs::{batch, shell};

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const FRAME: &str = "{\"Data\":\"b3V0Cg==\",\"File\":\"alloc/logs/main.stdout.0\",\"Offset\":4}";
const NO_BOOL: &str =
    "failed to parse plain field to boolean: strconv.ParseBool: parsing \"nope\": invalid syntax";

/// Queries of a log that holds `out`, and the answers that were recorded.
const QUERIES: &[(&str, u32, &str, &str)] = &[
    ("task=main&type=stdout&plain=true", 200, TEXT, "out\n"),
    ("task=main&type=stderr&plain=true", 200, TEXT, "err\n"),
    ("task=main&type=stdout&plain=true&origin=start&offset=2", 200, TEXT, "t\n"),
    ("task=main&type=stdout&plain=true&origin=end&offset=2", 200, TEXT, "t\n"),
    ("task=main&type=stdout", 200, JSON, FRAME),
    ("task=main&type=stdout&follow=true&plain=true", 200, TEXT, "out\n"),
    ("task=nope&type=stdout&plain=true", 400, TEXT, "unknown task name \"nope\""),
    ("task=main&type=stdout&plain=nope", 400, TEXT, NO_BOOL),
    ("type=stdout", 400, TEXT, "must provide task name"),
    ("task=main&type=x", 400, TEXT, "must provide log type (stdout/stderr)"),
    ("task=main&type=stdout&origin=x", 400, TEXT, "origin must be start or end"),
];

#[tokio::test]
async fn logs_are_served_as_recorded() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let id = server.place(&batch("logs", vec![shell("main", "echo out; echo err >&2")])).await;
    server.until(id, ClientStatus::Complete).await;
    let mut requests = 0;
    for (query, status, content_type, body) in QUERIES {
        requests += 1;
        let answer = server.http(requests, "GET", &format!("/v1/client/fs/logs/{id}?{query}"), "").await;
        assert_eq!(answer, (*status, (*content_type).to_owned(), (*body).to_owned()), "{query}");
    }
    let others = [
        ("/v1/client/fs/logs/", 400, "must provide a valid alloc id"),
        ("/v1/client/fs/logs/x?task=main&type=stdout", 404, "Unknown allocation \"x\""),
        ("/v1/client/fs/nope/x", 404, "Invalid method"),
    ];
    for (target, status, body) in others {
        requests += 1;
        let answer = server.http(requests, "GET", target, "").await;
        assert_eq!(answer, (status, TEXT.to_owned(), body.to_owned()), "{target}");
    }
    let stats = agent.http("GET", "/v1/client/stats", b"").await;
    assert_eq!((stats.status, stats.content_type.as_str()), (200, JSON));
    agent.shutdown().await;
}

#[tokio::test]
async fn a_followed_log_goes_on_until_the_task_ends() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let script = "echo one; trap 'echo two; exit 0' USR1; echo ready; while :; do sleep 0.02; done";
    let id = server.place(&batch("follow", vec![shell("main", script)])).await;
    server.until(id, ClientStatus::Running).await;
    let target = format!("/v1/client/fs/logs/{id}?task=main&type=stdout&follow=true&plain=true");
    let mut answer = agent.http("GET", &target, b"").await;
    let mut read = Vec::new();
    while !read.ends_with(b"ready\n") {
        read.extend_from_slice(&answer.body.next().await.unwrap());
    }
    let target = format!("/v1/client/allocation/{id}/signal");
    let signalled = agent.http("PUT", &target, br#"{"Signal":"SIGUSR1","Task":"main"}"#).await;
    assert_eq!(signalled.status, 200);
    while let Some(bytes) = answer.body.next().await {
        read.extend_from_slice(&bytes);
    }
    assert_eq!(String::from_utf8(read).unwrap(), "one\nready\ntwo\n");
    agent.shutdown().await;
}

#[tokio::test]
async fn a_restart_by_request_keeps_the_restart_budget() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let id = server.place(&batch("again", vec![shell("main", "sleep 600")])).await;
    server.until(id, ClientStatus::Running).await;
    let target = format!("/v1/client/allocation/{id}/restart");
    assert_eq!(agent.http("PUT", &target, br#"{"TaskName":"main"}"#).await.status, 200);
    let state = eventually("it runs again", || {
        server
            .task(id, "main")
            .filter(|state| state.restarts == 1 && state.events.last().is_some_and(|e| e.kind == "Started"))
    })
    .await;
    let shown: Vec<&str> = state.events.iter().map(|event| event.display_message.as_str()).collect();
    assert!(shown.contains(&"Task restarting in 0s"), "{shown:?}");
    let unknown = agent.http("PUT", &target, br#"{"TaskName":"nope"}"#).await;
    assert_eq!(unknown.status, 500);
    agent.shutdown().await;
}
