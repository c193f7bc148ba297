//! Row 5: one task at a time on a quiet cluster.

use std::time::{Duration, Instant};

use anyhow::Context;
use tests::job::raw_exec;

use super::fleet::{Fleet, until};
use crate::report::Figure;
use crate::statistics::{Times, ms};
use crate::wire::Wire;

/// Submits services one after the other.
pub(crate) async fn run(fleet: &Fleet, count: usize) -> anyhow::Result<Vec<Figure>> {
    let books = fleet.swarm.books();
    let leader = fleet.cluster.leader().await?;
    let mut wire = Wire::connect(&fleet.cluster.address(leader)).await?;
    let (mut told, mut running) = (Vec::new(), Vec::new());
    for number in 0..count {
        let id = format!("single-{number}");
        let body = raw_exec(&id, "service", 1, "/bin/true", &[]).to_string();
        let start = Instant::now();
        wire.put("/v1/jobs", body.as_bytes()).await?.success()?;
        let mut index = 0;
        loop {
            let path = format!("/v1/job/{id}/allocations?index={index}&wait=10s");
            let answer = wire.get(&path).await?;
            answer.success()?;
            let allocs: serde_json::Value = serde_json::from_slice(answer.body)?;
            if allocs[0]["ClientStatus"] == "running" {
                break;
            }
            index = allocs[0]["ModifyIndex"].as_u64().unwrap_or(index + 1).max(1);
        }
        running.push(start.elapsed());
        let name = format!("{id}.g[0]");
        until("the allocation at its agent", || books.copies().contains_key(&name)).await?;
        let sightings = books.sightings();
        let seen = sightings.values().find(|sighting| sighting.name == name);
        told.push(seen.context("an allocation that runs was seen")?.seen.saturating_duration_since(start));
    }
    let figure = |what: &str, times: Vec<Duration>, must: f64, original: Option<f64>| {
        let times = Times::new(times);
        let p50 = times.quantile(0.5).as_secs_f64() * 1e3;
        let figure = Figure::cost("5", what, p50, "ms").must(must);
        let figure = original.map_or(figure.clone(), |original| figure.original(original));
        figure.beside(format!("p99 {}", ms(times.quantile(0.99))))
    };
    Ok(vec![
        figure("submit -> allocation at the agent, p50", told, 10.0, None),
        figure("submit -> running seen over HTTP, p50", running, 25.0, Some(1_054.0)),
    ])
}
