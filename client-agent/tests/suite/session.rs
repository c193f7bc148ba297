//! Registration, sessions, desired sets and the delivery of updates.

use std::time::Duration;

use model::ClientStatus;
use proto::v1;
use proto::v1::server_message::Body as ServerBody;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::agent::Home;
use crate::eventually;
use crate::fake_server::FakeServer;
use crate::jobs::{batch, task};

#[tokio::test]
async fn a_node_registers_and_keeps_its_identity() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let id = server.node_id().await;
    assert_eq!(agent.node_id(), id);
    eventually("heartbeats", || server.look(|inner| (inner.heartbeats > 3).then_some(()))).await;
    server.look(|inner| {
        let node = &inner.nodes[&id];
        assert_eq!(node.attributes["driver.raw_exec"], "1");
        assert!(node.computed_class.starts_with("v1:"));
    });
    agent.shutdown().await;
    drop(agent);
    let again = home.agent(&server).await;
    eventually("a second session", || server.look(|inner| (inner.sessions == 2).then_some(()))).await;
    assert_eq!(again.node_id(), id);
    server.look(|inner| assert_eq!((inner.nodes.len(), inner.secrets.len()), (1, 1)));
    again.shutdown().await;
}

#[tokio::test]
async fn a_mock_job_runs_and_its_job_is_sent_once() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let job = batch("mock", vec![task("main", "mock_driver", json!({"run_for": "10ms"}))]);
    let first = server.place(&job).await;
    let update = server.until(first, ClientStatus::Complete).await;
    assert_eq!(update.client_description, "All tasks have completed");
    let kinds: Vec<&str> =
        update.task_states["main"].events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["Received", "Task Setup", "Started", "Terminated"]);
    let second = server.place(&job).await;
    server.until(second, ClientStatus::Complete).await;
    server.look(|inner| assert_eq!(inner.jobs_sent, 1));
    agent.shutdown().await;
}

#[tokio::test]
async fn an_older_set_is_dropped_and_absence_forgets() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let job = batch("mock", vec![task("main", "mock_driver", json!({"run_for": "1h"}))]);
    let id = server.place(&job).await;
    server.until(id, ClientStatus::Running).await;
    server.send(ServerBody::Desired(v1::DesiredSet { index: 0, allocs: Vec::new() })).await;
    let other = server.place(&job).await;
    server.until(other, ClientStatus::Running).await;
    assert_eq!(server.status(id), Some(ClientStatus::Running));
    let dir = home.allocs().join(id.to_string());
    assert!(dir.is_dir());
    server.remove(id);
    eventually("the directory is gone", || (!dir.exists()).then_some(())).await;
    eventually("one allocation is left", || (agent.stats().allocs == 1).then_some(())).await;
    agent.shutdown().await;
}

#[tokio::test]
async fn updates_are_kept_until_they_are_taken() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    server.node_id().await;
    server.change(|inner| inner.ack_error = "no leader".into());
    let job = batch("mock", vec![task("main", "mock_driver", json!({"run_for": "1ms"}))]);
    let id = server.place(&job).await;
    eventually("the update waits", || (agent.stats().updates_waiting == 1).then_some(())).await;
    server.cut().await;
    eventually("a new session", || server.look(|inner| (inner.sessions >= 2).then_some(()))).await;
    server.change(|inner| inner.ack_error.clear());
    server.until(id, ClientStatus::Complete).await;
    eventually("nothing waits", || (agent.stats().updates_waiting == 0).then_some(())).await;
    agent.shutdown().await;
}

#[tokio::test]
async fn another_cluster_is_refused() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    eventually("a session", || agent.stats().connected.then_some(())).await;
    agent.shutdown().await;
    drop(agent);
    let before = server.look(|inner| inner.heartbeats);
    server.change(|inner| inner.cluster = "another".into());
    let agent = home.agent(&server).await;
    eventually("a second hello", || server.look(|inner| (inner.sessions >= 2).then_some(()))).await;
    tokio::time::timeout(
        Duration::from_millis(300),
        eventually("never", || agent.stats().connected.then_some(())),
    )
    .await
    .unwrap_err();
    server.look(|inner| assert!(inner.heartbeats <= before + 1));
    agent.shutdown().await;
}

#[tokio::test]
async fn two_agents_do_not_share_a_state_directory() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let second = client_agent::start(home.options(&server), CancellationToken::new()).await;
    assert!(matches!(second, Err(client_agent::StartError::Locked { .. })));
    agent.shutdown().await;
}

#[tokio::test]
async fn a_stopped_allocation_that_never_was_here_is_complete() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let node = server.node_id().await;
    let job = batch("mock", vec![task("main", "mock_driver", json!({"run_for": "1h"}))]);
    let id = server.change(|inner| {
        let id = inner.add(&job, node);
        inner.allocs.get_mut(&id).unwrap().desired_status = model::DesiredStatus::Stop;
        id
    });
    server.until(id, ClientStatus::Complete).await;
    assert!(server.task(id, "main").is_none());
    agent.shutdown().await;
}
