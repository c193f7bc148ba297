//! Fault runs by seed: `chaos --level b --schedules 3 --seed 1 --time 40`. Prints what it does, and at the end how often
//! every promise was checked. Ends with 1 when one was broken or never checked.
//!
//! `--level d` drives the compose cluster; `deploy/chaos/run` starts it and says where it is.
//!
//! `chaos --bugs`, of a build with the feature `planted`, plants one bug after the other and ends with 1 when one of them
//! is not found.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::{Parser, ValueEnum};
use tests::chaos::bugs::{ATTEMPTS, HUNTS, Hunt};
use tests::chaos::containers::{self, Containers};
use tests::chaos::loopback::{self, Loopback};
use tests::chaos::outcome::Outcome;
use tests::chaos::site::Site;
use tests::chaos::{Plan, run};
use tests::fault::namespace::{Hosts, not_permitted};
use tests::invariant::Promise;
use tokio::signal::unix::{SignalKind, signal};

/// What a shell says of a program that was interrupted.
const INTERRUPTED: u8 = 130;

#[derive(Parser)]
#[command(about = "Faults, load and promises")]
struct Arguments {
    /// Where the servers run.
    #[arg(long, value_enum, default_value_t = Level::B)]
    level: Level,
    /// How many schedules, each with a cluster of its own.
    #[arg(long, default_value_t = 3)]
    schedules: u64,
    /// The seed of the first one; each later one has the next number.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long the faults of one schedule take, in seconds.
    #[arg(long, default_value_t = 40)]
    time: u64,
    /// A bug that is planted in every process; only in a build with the feature `planted`.
    #[arg(long)]
    planted: Option<String>,
    /// Plant every bug of this level, one after the other.
    #[arg(long, conflicts_with = "planted")]
    bugs: bool,
    /// The program under test; without it the one beside this.
    #[arg(long)]
    bin: Option<PathBuf>,
    /// Where servers keep their data.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Where to write a report of one page, in Markdown.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Level D: HTTP addresses of the servers, comma-separated.
    #[arg(long, value_delimiter = ',')]
    addr: Vec<String>,
    /// Level D: containers of the servers, in the same order.
    #[arg(long, value_delimiter = ',')]
    servers: Vec<String>,
    /// Level D: containers of the client agents.
    #[arg(long, value_delimiter = ',')]
    clients: Vec<String>,
    /// Level D: the network that all of them are in.
    #[arg(long, default_value = "")]
    network: String,
    /// Level D: removes a service with its volume and starts it anew; `{}` is the service.
    #[arg(long, default_value = "")]
    wipe_command: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    /// Processes on loopback behind a proxy.
    B,
    /// Processes in network namespaces, each on a small disk of its own; needs root.
    C,
    /// The compose cluster.
    D,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    // Whoever is asked to end takes its processes, namespaces and disks away first.
    tokio::select! {
        ended = all_runs(Arguments::parse()) => ended,
        asked = asked_to_end() => asked.map(|()| ExitCode::from(INTERRUPTED)),
    }
}

async fn asked_to_end() -> anyhow::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

async fn all_runs(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let planted = arguments.bugs || arguments.planted.is_some();
    ensure!(!planted || cfg!(feature = "planted"), "bugs are planted in builds with --features planted only");
    if arguments.bugs {
        return hunt_all(&arguments).await;
    }
    if arguments.level == Level::C
        && let Err(why) = Hosts::make(1)
    {
        ensure!(not_permitted(&why), "{why:#}");
        println!("level c: skipped, this system does not permit it: {why:#}");
        return Ok(ExitCode::SUCCESS);
    }
    let mut all = Outcome::default();
    let mut failed = Vec::new();
    let (kinds, level) = match arguments.level {
        Level::B => (loopback::KINDS, "b"),
        Level::C => (loopback::HOST_KINDS, "c"),
        Level::D => (containers::KINDS, "d"),
    };
    for seed in arguments.seed..arguments.seed + arguments.schedules {
        let mut plan = Plan::draw(seed, kinds, Duration::from_secs(arguments.time));
        if arguments.level == Level::D {
            plan.servers = arguments.servers.len();
        }
        let again = format!("--schedules 1 --seed {seed} --time {}", arguments.time);
        let program = std::env::current_exe()?;
        let replay = match arguments.level {
            Level::B | Level::C => format!("{} --level {level} {again}", program.display()),
            Level::D => format!("deploy/chaos/run {} {again}", program.display()),
        };
        println!("schedule {seed}, {} servers: {replay}", plan.servers);
        let outcome = match arguments.level {
            Level::B | Level::C => schedule(&arguments, &plan, arguments.planted.clone()).await?,
            Level::D => compose(&arguments, &plan).await?,
        };
        let found = outcome.faults_found();
        if !found.is_empty() {
            failed.push(format!("schedule {seed} failed, {}; again with: {replay}", found.join(", ")));
        }
        all.add(&outcome);
    }
    println!("\n{all}");
    for failure in &failed {
        println!("{failure}");
    }
    if let Some(path) = &arguments.report {
        std::fs::write(path, report(level, &all, &failed))?;
        println!("the report is in {}", path.display());
    }
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(level: &str, all: &Outcome, failed: &[String]) -> String {
    let verdict = match failed {
        [] => "Every promise that can be checked here held.".to_owned(),
        failed => failed.iter().map(|line| format!("- {line}\n")).collect(),
    };
    format!(
        "# Faults upon Drover {}, level {}\n\n{verdict}\n\n{all}",
        runtime::DROVER_VERSION,
        level.to_uppercase()
    )
}

async fn compose(arguments: &Arguments, plan: &Plan) -> anyhow::Result<Outcome> {
    ensure!(
        arguments.addr.len() == arguments.servers.len() && !arguments.servers.is_empty(),
        "as many containers of servers as addresses; deploy/chaos/run knows them"
    );
    let site = Containers {
        addresses: arguments.addr.clone(),
        servers: arguments.servers.clone(),
        clients: arguments.clients.clone(),
        network: arguments.network.clone(),
        wipe_command: arguments.wipe_command.clone(),
    };
    go(site, plan).await
}

async fn schedule(arguments: &Arguments, plan: &Plan, planted: Option<String>) -> anyhow::Result<Outcome> {
    let options = loopback::Options {
        bin: arguments.bin.clone().map_or_else(loopback::program, Ok)?,
        dir: arguments.dir.clone().unwrap_or_else(std::env::temp_dir),
        servers: plan.servers,
        clients: 10,
        namespaces: arguments.level == Level::C,
        planted,
        seed: plan.seed,
    };
    go(Loopback::start(&options).await?, plan).await
}

async fn go<S: Site>(mut site: S, plan: &Plan) -> anyhow::Result<Outcome> {
    let outcome = run::run(&mut site, plan).await?;
    if outcome.verdict.violations() > 0 && !plan.hunts {
        for promise in Promise::ALL {
            outcome.verdict.of(promise).told.iter().for_each(|told| println!("  {promise} broken: {told}"));
        }
        println!("  {}", site.traces());
    }
    println!(
        "  {} operations, {:.0}/s before the first fault, {} violations, {:.0} s",
        outcome.operations,
        outcome.slowest.unwrap_or(0.0),
        outcome.verdict.violations(),
        outcome.took.as_secs_f64()
    );
    Ok(outcome)
}

async fn hunt_all(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut table = Vec::new();
    let mut missed = 0;
    for hunt in HUNTS {
        let began = Instant::now();
        let told = hunt_one(arguments, hunt).await?;
        missed += u64::from(told.is_none());
        let told = told.unwrap_or_else(|| "NOT FOUND".into());
        table.push(format!("| {} | {:.0} s | {told} |", hunt.bug, began.elapsed().as_secs_f64()));
    }
    println!("\n| Planted bug | After | Found as |\n|---|---:|---|");
    table.iter().for_each(|line| println!("{line}"));
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a bug was found as; `None` when it was not.
async fn hunt_one(arguments: &Arguments, hunt: &Hunt) -> anyhow::Result<Option<String>> {
    for seed in arguments.seed..arguments.seed + ATTEMPTS {
        println!("{} planted, schedule {seed}", hunt.bug);
        let plan = Plan { hunts: true, ..Plan::of(seed, hunt.kinds) };
        let outcome = schedule(arguments, &plan, Some(hunt.bug.to_string())).await?;
        for promise in Promise::ALL {
            if let Some(told) = outcome.verdict.of(promise).told.first() {
                return Ok(Some(format!("{promise}: {}", told.chars().take(160).collect::<String>())));
            }
        }
    }
    Ok(None)
}
