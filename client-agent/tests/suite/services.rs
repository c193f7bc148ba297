//! Services that an allocation stands for, from its start to its end.

use model::ClientStatus;
use model::job::{Service, ServiceCheck};
use model::wire::{List, Ns};
use std::sync::Arc;

use crate::agent::Home;
use crate::fake_server::FakeServer;
use crate::jobs::{batch, shell};

#[tokio::test]
async fn services_stand_while_their_allocation_runs() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let mut job = (*batch("stands", vec![shell("main", "sleep 600")])).clone();
    let check = ServiceCheck {
        kind: "tcp".into(),
        interval: Ns(1_000_000_000),
        timeout: Ns(1_000_000_000),
        ..ServiceCheck::default()
    };
    let service = Service {
        name: "web".into(),
        provider: "nomad".into(),
        port_label: "1".into(),
        checks: List(vec![check]),
        ..Service::default()
    };
    job.task_groups[0].services = List(vec![service]);
    let id = server.place(&Arc::new(job)).await;
    let update = server.until(id, ClientStatus::Running).await;
    let names: Vec<_> = update.services.iter().flatten().map(|found| found.service_name.clone()).collect();
    assert_eq!(names, ["web"]);
    let path = format!("/v1/client/allocation/{id}/checks");
    let mut number = 0;
    loop {
        number += 1;
        let (status, _, text) = server.http(number, "GET", &path, "").await;
        assert_eq!(status, 200);
        if text.contains("connection refused") {
            break;
        }
        assert!(text.contains("nomad: waiting to run") && number < 1000, "{text}");
        tokio::task::yield_now().await;
    }
    server.stop(id);
    let update = server.until(id, ClientStatus::Complete).await;
    assert_eq!(update.services, Some(Vec::new()));
    agent.shutdown().await;
}
