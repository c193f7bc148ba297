//! Row 9: an agent is gone.

use std::time::Instant;

use anyhow::Context;
use model::NodeId;
use tests::job::raw_exec;

use super::fleet::{Fleet, until};
use crate::report::Figure;
use crate::statistics::{Times, ms};

/// Ends the agent that has the allocation of a service, again and again.
pub(crate) async fn run(fleet: &mut Fleet, rounds: usize) -> anyhow::Result<Figure> {
    let leader = fleet.cluster.leader().await?;
    fleet.cluster.put(leader, "/v1/jobs", &raw_exec("moving", "service", 1, "/bin/true", &[])).await?;
    let books = fleet.swarm.books();
    let at = |gone: Option<NodeId>| {
        let copies = books.copies();
        let mut nodes = copies.get("moving.g[0]").into_iter().flatten().map(|(_, node)| *node);
        nodes.find(|node| Some(*node) != gone)
    };
    let mut times = Vec::new();
    for _ in 0..rounds {
        until("the service running", || at(None).is_some()).await?;
        let node = at(None).context("it runs somewhere")?;
        let agents = fleet.swarm.len();
        let number =
            (0..agents).find(|number| fleet.swarm.node(*number) == node).context("an agent has it")?;
        let start = Instant::now();
        fleet.swarm.stop(number);
        until("a replacement running", || at(Some(node)).is_some()).await?;
        times.push(start.elapsed());
        fleet.swarm.start(number);
        until("the old copy ended", || {
            books.copies().get("moving.g[0]").is_some_and(|copies| copies.len() == 1)
        })
        .await?;
    }
    let times = Times::new(times);
    let worst = times.quantile(1.0).as_secs_f64();
    Ok(Figure::cost(
        "9",
        format!("agent gone -> replacement running, {} nodes, worst of {rounds}", fleet.swarm.len()),
        worst,
        "s",
    )
    .must(5.0)
    .original(22.2)
    .beside(format!("p50 {}", ms(times.quantile(0.5)))))
}
