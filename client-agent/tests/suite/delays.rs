//! The pause between "nobody is to send it work any more" and the kill signal.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::ClientStatus;

use crate::agent::Home;
use crate::fake_server::FakeServer;
use crate::jobs::{batch, shell};

#[tokio::test]
async fn a_shutdown_delay_is_kept_unless_somebody_is_in_a_hurry() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    for (delay_ms, skip) in [(300, false), (600_000, true)] {
        let mut job = (*batch("slow", vec![shell("main", "exec sleep 600")])).clone();
        job.id = format!("slow{delay_ms}");
        job.task_groups[0].tasks[0].shutdown_delay_ns = delay_ms * 1_000_000;
        let id = server.place(&Arc::new(job)).await;
        server.until(id, ClientStatus::Running).await;
        let stopped = Instant::now();
        server.change(|inner| {
            let alloc = inner.allocs.get_mut(&id).unwrap();
            alloc.desired_transition.no_shutdown_delay = skip.then_some(true);
        });
        server.stop(id);
        server.until(id, ClientStatus::Complete).await;
        let events = server.task(id, "main").unwrap().events;
        let shown: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
        let waiting = if skip { "Skipping shutdown delay" } else { "Waiting for shutdown delay" };
        assert_eq!(shown[3..], ["Killing", waiting, "Terminated", "Killed"]);
        assert!(skip || stopped.elapsed() >= Duration::from_millis(300));
    }
    agent.shutdown().await;
}
