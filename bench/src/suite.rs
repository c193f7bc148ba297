//! One run through the table.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tests::cluster::Cluster;

use crate::report::{Figure, Report};
use crate::swarm::Load;
use crate::{failover, latency, machine, parse, placing, reading, register, start, swarm};

/// How much of everything.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// The drover binary.
    #[arg(long)]
    bin: PathBuf,
    /// Where the servers keep their data; a temporary directory below it is removed at the end.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// How long each load lasts, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How often the leader is killed for row 8, and an agent for row 9.
    #[arg(long, default_value_t = 5)]
    kills: usize,
    /// Agents of rows 6 and 7, and of the larger cluster of row 9.
    #[arg(long, default_value_t = 1_000)]
    agents: usize,
    /// Allocations that are there while rows 3 are measured; a million takes about 4 GB.
    #[arg(long, default_value_t = 1_000_000)]
    allocs: usize,
}

/// Goes through the rows; prints each figure as soon as it is known.
pub(crate) async fn run(plan: &Plan, report: &mut Report) -> anyhow::Result<()> {
    servers(plan, report).await?;
    agents(plan, report).await?;
    report.add(placing::run(&[10_000], plan.allocs)?);
    report.add([placing::pack(20_000)?]);
    report.add(parse::run(std::path::Path::new("tests/jobspecs"), Some(&plan.bin), None)?);
    Ok(())
}

async fn servers(plan: &Plan, report: &mut Report) -> anyhow::Result<()> {
    let (bin, dir) = (&plan.bin, &plan.dir);
    let disk = machine::disk(dir)?;
    report.machine(disk.to_string());
    report.machine(machine::loopback().await?);
    report.add([start::run(bin, dir).await?]);
    let mut cluster = Cluster::start(bin, dir, 3, 0).await?;
    let size = std::fs::metadata(bin)?.len() as f64 / 1e6;
    report.add([
        Figure::cost("14", "the binary", size, "MB").must(40.0).original(151.0),
        Figure::cost("14", "idle server", cluster.largest_memory_mib(), "MiB").must(40.0).original(83.0),
    ]);
    let leader = cluster.leader().await?;
    report.add(latency::run(&cluster.address(leader), 1_000, &disk).await?);
    let time = Duration::from_secs(plan.seconds);
    report.add(register::run(&cluster.addresses(), 256, time).await?);
    let reads = reading::Plan { jobs: 10_000, connections: 32, waiters: 1_000, time };
    report.add(reading::run(&cluster.address(leader), &reads).await?);
    report.add(failover::run(&mut cluster, plan.kills).await?);
    Ok(())
}

async fn agents(plan: &Plan, report: &mut Report) -> anyhow::Result<()> {
    let (bin, dir) = (&plan.bin, &plan.dir);
    report.add(swarm::single(bin, dir, 50).await?);
    report.add(swarm::watchers(bin, dir, plan.agents).await?);
    for agents in [10, plan.agents] {
        report.add(swarm::lost(bin, dir, agents, plan.kills).await?);
    }
    // What the original was measured with.
    report.add(swarm::many(bin, dir, 1, &Load { agents: 100, jobs: 20, count: 250 }).await?);
    Ok(())
}
