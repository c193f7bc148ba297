//! Done when: leaders killed under load, then every server at once; the acknowledged ids against the stored ones.
//!
//! Works on any three servers that have an address and a command that kills them; starts none by itself. A lost id is
//! an error, so that the exit status tells. Nothing here asserts a time.

mod load;
mod servers;

use std::time::{Duration, Instant};

use anyhow::ensure;
use tests::invariant::acknowledged;

use crate::statistics::{Times, ms};
use load::Load;
pub(crate) use servers::Servers;
use servers::{Positions, Sampler};

/// How often and how hard.
pub(crate) struct Plan {
    /// Leaders to kill.
    pub(crate) kills: usize,
    /// From one kill to the next.
    pub(crate) every: Duration,
    /// How long the killed stay away.
    pub(crate) away: Duration,
    /// Concurrent registrations.
    pub(crate) writers: usize,
    /// Registrations to try each second over all writers.
    pub(crate) rate: f64,
}

/// One kill, as its load saw it.
struct Kill {
    killed: Instant,
    gap: Duration,
    calm_rate: f64,
}

/// Goes through the plan and prints as it goes.
pub(crate) async fn run(servers: &Servers, plan: &Plan) -> anyhow::Result<()> {
    servers.leader().await?;
    let start = Instant::now();
    let load = Load::start(&servers.addresses, plan.writers, plan.rate, "a");
    let mut kills: Vec<Kill> = Vec::new();
    // A first calm stretch, like those between kills.
    tokio::time::sleep(plan.every).await;
    for number in 1..=plan.kills {
        let leader = servers.leader().await?;
        let killed = Instant::now();
        let calm_rate = load.acknowledged.rate_before(killed, Duration::from_secs(2));
        servers.kill(leader).await?;
        let again = killed + plan.away;
        let led = tokio::time::timeout_at(again.into(), servers.leader()).await;
        let led = led.map(|_leader| ms(killed.elapsed()));
        tokio::time::sleep_until(again.into()).await;
        servers.start(leader).await?;
        tokio::time::sleep((killed + plan.every).saturating_duration_since(Instant::now())).await;
        let gap = load.acknowledged.longest_gap(killed, Instant::now());
        println!(
            "kill {number}: {} led; {calm_rate:.0} acknowledged/s in the 2 s before, another leader after {}, longest gap {}",
            servers.names[leader],
            led.unwrap_or_else(|_elapsed| "its return".to_owned()),
            ms(gap)
        );
        kills.push(Kill { killed, gap, calm_rate });
    }
    let (seconds, mut acknowledged) = (start.elapsed().as_secs_f64(), load.stop().await);
    report(&kills, &acknowledged, seconds);
    let mut lost = compare(servers, &acknowledged, "after the kills").await?;

    println!("all servers are killed at once under load");
    let load = Load::start(&servers.addresses, plan.writers, plan.rate, "b");
    let sampler = Sampler::start(servers);
    // Long enough that a state older than five seconds would be seen as such.
    tokio::time::sleep(plan.every * 3).await;
    let killed = Instant::now();
    servers.kill_all().await?;
    let positions = sampler.stop().await;
    acknowledged.extend(load.stop().await);
    servers.start_all().await?;
    servers.leader().await?;
    println!("a leader again {} after the kill", ms(killed.elapsed()));
    lost += compare(servers, &acknowledged, "after the kill of all").await?;
    restarts(servers, &positions, killed).await?;
    ensure!(lost == 0, "{lost} acknowledged registrations are gone");
    Ok(())
}

fn report(kills: &[Kill], acknowledged: &load::Ids, seconds: f64) {
    let gaps = Times::new(kills.iter().map(|kill| kill.gap).collect());
    let slowest = kills.iter().map(|kill| kill.calm_rate).fold(f64::INFINITY, f64::min);
    let span = match kills {
        [first, .., last] => last.killed - first.killed,
        _ => Duration::ZERO,
    };
    println!(
        "{} kills in {:.0} s, {} acknowledged, {:.0}/s with the gaps, at least {slowest:.0}/s before each kill",
        kills.len(),
        span.as_secs_f64(),
        acknowledged.len(),
        acknowledged.len() as f64 / seconds,
    );
    println!(
        "gap without an acknowledgement for each kill: p50 {} p99 {} longest {}",
        ms(gaps.quantile(0.5)),
        ms(gaps.quantile(0.99)),
        ms(gaps.quantile(1.0)),
    );
}

/// Compares with what each server has, id by id. Answers how many are missing anywhere.
async fn compare(servers: &Servers, acknowledged: &load::Ids, when: &str) -> anyhow::Result<usize> {
    let mut missing = 0;
    for (address, name) in servers.addresses.iter().zip(&servers.names) {
        let stored = acknowledged::stored(address, &load::prefix()).await?;
        let lost: Vec<_> = acknowledged.iter().filter(|id| !stored.contains_key(*id)).collect();
        println!(
            "{when}, {name}: {} of {} acknowledged lost; {} stored, {} of them never acknowledged",
            lost.len(),
            acknowledged.len(),
            stored.len(),
            stored.len() + lost.len() - acknowledged.len(),
        );
        for id in lost.iter().take(10) {
            println!("lost: {id}");
        }
        missing += lost.len();
    }
    Ok(missing)
}

/// What each server applied again at its last start, in entries and in seconds of log.
async fn restarts(servers: &Servers, positions: &Positions, killed: Instant) -> anyhow::Result<()> {
    for (server, name) in servers.names.iter().enumerate() {
        let raft = servers.raft_figures(server).await?;
        let figure = |key: &str| raft[key].as_str().unwrap_or("?").to_owned();
        let replayed: u64 = figure("replayed_on_start").parse()?;
        let seconds = positions.seconds_of_log(server, replayed, killed);
        println!(
            "restart of {name}: state from {}, {replayed} log entries replayed, written in the {} before the kill, {} ms",
            figure("state_source"),
            seconds.map_or("?".into(), |seconds| format!("{seconds:.1} s")),
            figure("start_ms"),
        );
    }
    Ok(())
}
