//! Load generator and benchmark suite: every figure comes with the machine's own limit, measured in the same run.
//!
//! `bench register`, `bench latency` and `bench reading` drive any address and start nothing; `bench placing` and
//! `bench packing`, and `bench parse` by itself, need no server at all; `bench chaos` kills by the command it is given. `bench suite --bin PATH` and
//! `bench many --bin PATH` start servers of that program on loopback. Nothing here asserts a time.

// The allocator of the program that it measures.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod chaos;
mod failover;
mod latency;
mod machine;
mod parse;
mod picture;
mod placing;
mod reading;
mod register;
mod report;
mod soak;
mod start;
mod statistics;
mod suite;
mod swarm;
mod wire;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;
use clap::{Parser, Subcommand};

use crate::report::Report;

#[derive(Parser)]
#[command(about = "Benchmarks of Drover: figure, machine limit, ratio")]
struct Arguments {
    /// Writes the figures to this file as JSON.
    #[arg(long, global = true)]
    json: Option<PathBuf>,
    /// Draws the figures into this directory.
    #[arg(long, global = true)]
    pictures: Option<PathBuf>,
    /// Puts the figures as a table into this page, between its lines `figures` and `end of figures`.
    #[arg(long, global = true)]
    page: Option<PathBuf>,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Row 1: registrations per second over many connections.
    Register {
        /// HTTP addresses, comma-separated; connections are spread over them.
        #[arg(long, value_delimiter = ',', default_value = "http://127.0.0.1:4646")]
        addr: Vec<String>,
        /// Connections in all.
        #[arg(long, default_value_t = 256)]
        connections: usize,
        /// How long, in seconds.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
    /// Row 2: one client, one registration after the other.
    Latency {
        /// HTTP address.
        #[arg(long, default_value = "http://127.0.0.1:4646")]
        addr: String,
        /// Where to measure the disk's sync: the servers' file system.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
        /// How many registrations.
        #[arg(long, default_value_t = 500)]
        count: usize,
    },
    /// Row 13: reads of one job, a page and the whole list, and blocking queries woken by one write.
    Reading {
        /// HTTP address.
        #[arg(long, default_value = "http://127.0.0.1:4646")]
        addr: String,
        /// Jobs that are registered before, and listed.
        #[arg(long, default_value_t = 10_000)]
        jobs: usize,
        /// Connections that read one job, or a page.
        #[arg(long, default_value_t = 32)]
        connections: usize,
        /// Blocking queries that wait for the write; the server's limit of connections has to allow them.
        #[arg(long, default_value_t = 1_000)]
        waiters: usize,
        /// How long each kind of read goes on, in seconds.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// Leaders killed under load, then all servers at once; acknowledged ids against stored ones.
    Chaos {
        /// HTTP addresses of the servers, comma-separated.
        #[arg(long, value_delimiter = ',', required = true)]
        addr: Vec<String>,
        /// What `{}` in the commands stands for, in the same order.
        #[arg(long, value_delimiter = ',', required = true)]
        names: Vec<String>,
        /// Kills a server, or several, as `kill -9` does.
        #[arg(long, default_value = "docker kill {}")]
        kill_command: String,
        /// Starts it again, or several.
        #[arg(long, default_value = "docker start {}")]
        start_command: String,
        /// How often the leader is killed.
        #[arg(long, default_value_t = 20)]
        kills: usize,
        /// From one kill to the next, in seconds.
        #[arg(long, default_value_t = 6.0)]
        every: f64,
        /// How long a killed server stays away, in seconds.
        #[arg(long, default_value_t = 2.0)]
        away: f64,
        /// Concurrent registrations.
        #[arg(long, default_value_t = 48)]
        writers: usize,
        /// Registrations to try each second over all writers.
        #[arg(long, default_value_t = 1_000.0)]
        rate: f64,
    },
    /// Rows 3a, 3b and 3c: the scheduler by itself, in this process.
    Placing {
        /// Numbers of nodes, comma-separated.
        #[arg(long, value_delimiter = ',', default_value = "1000,5000,10000,100000")]
        nodes: Vec<usize>,
        /// Allocations that are there before; a million takes about 4 GB.
        #[arg(long, default_value_t = 1_000_000)]
        allocs: usize,
    },
    /// Job files: the corpus parsed in this process, and the command line's own time where a program is given.
    Parse {
        /// A folder of files `*.nomad.hcl`.
        #[arg(long, default_value = "tests/jobspecs")]
        dir: PathBuf,
        /// The drover binary, for the time of `version` and `job status`.
        #[arg(long)]
        bin: Option<PathBuf>,
        /// HTTP address of an agent that `job status` asks; without it nobody answers.
        #[arg(long, requires = "bin")]
        addr: Option<String>,
    },
    /// Row 16: how many nodes a stream of jobs of many sizes fills.
    Packing {
        /// How many jobs.
        #[arg(long, default_value_t = 20_000)]
        jobs: usize,
    },
    /// Rows 4, 10, 11 and 12: services on simulated client agents, on servers of a program, started on loopback.
    Many {
        /// The drover binary.
        #[arg(long)]
        bin: PathBuf,
        /// Where the servers keep their data; a temporary directory below it is removed at the end.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
        /// How many servers.
        #[arg(long, default_value_t = 3)]
        servers: usize,
        /// How many agents; each has room for 500 allocations.
        #[arg(long, default_value_t = 5_000)]
        agents: usize,
        /// How many services.
        #[arg(long, default_value_t = 1_000)]
        jobs: usize,
        /// Allocations of each.
        #[arg(long, default_value_t = 1_000)]
        count: usize,
    },
    /// Memory under the same load for an hour, on servers of a program that are started on loopback.
    Soak(soak::Plan),
    /// Every row that a program can be asked for, on servers of it that are started on loopback.
    Suite(suite::Plan),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut report = Report::default();
    match arguments.what {
        What::Register { addr, connections, seconds } => {
            report.add(register::run(&addr, connections, Duration::from_secs(seconds)).await?);
        }
        What::Latency { addr, dir, count } => {
            report.add(latency::run(&addr, count, &machine::disk(&dir)?).await?);
        }
        What::Reading { addr, jobs, connections, waiters, seconds } => {
            ensure!(jobs > 0 && connections > 0 && waiters > 0, "something to read, and somebody to read it");
            let plan = reading::Plan { jobs, connections, waiters, time: Duration::from_secs(seconds) };
            report.add(reading::run(&addr, &plan).await?);
        }
        What::Chaos { addr, names, kill_command, start_command, kills, every, away, writers, rate } => {
            ensure!(addr.len() == names.len(), "as many names as addresses");
            ensure!(rate > 0.0, "a rate above zero");
            let servers = chaos::Servers { addresses: addr, names, kill_command, start_command };
            let plan = chaos::Plan {
                kills,
                every: Duration::from_secs_f64(every),
                away: Duration::from_secs_f64(away),
                writers,
                rate,
            };
            chaos::run(&servers, &plan).await?;
        }
        What::Placing { nodes, allocs } => report.add(placing::run(&nodes, allocs)?),
        What::Parse { dir, bin, addr } => report.add(parse::run(&dir, bin.as_deref(), addr.as_deref())?),
        What::Packing { jobs } => report.add([placing::pack(jobs)?]),
        What::Many { bin, dir, servers, agents, jobs, count } => {
            report.add(swarm::many(&bin, &dir, servers, &swarm::Load { agents, jobs, count }).await?);
        }
        What::Soak(plan) => report.add(soak::run(&plan).await?),
        What::Suite(plan) => suite::run(&plan, &mut report).await?,
    }
    if let Some(path) = arguments.json {
        report.write(&path)?;
    }
    if let Some(dir) = arguments.pictures {
        report.draw(&dir)?;
    }
    if let Some(page) = arguments.page {
        report.put_table(&page)?;
    }
    Ok(())
}
