//! `simulate`: runs seeds, replays one, or shows that every planted bug is found.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::PoisonError;
#[cfg(feature = "planted")]
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use simulation::{FaultCounts, Promise, Report};

#[derive(Debug, Parser)]
#[command(about = "Simulates clusters from seeds and checks what Drover promises")]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Go on with further seeds for so many seconds.
    #[arg(long)]
    time: Option<u64>,
    /// Replays one seed and prints every event.
    #[arg(long)]
    seed: Option<u64>,
    /// Plants a bug, by its name in words with hyphens.
    #[arg(long)]
    planted: Option<String>,
    /// Looks for each planted bug until it is found.
    #[arg(long)]
    bugs: bool,
    /// Seeds run at the same time.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    quiet_panics();
    if let Some(name) = &arguments.planted
        && let Err(why) = plant(Some(name))
    {
        eprintln!("{why}");
        return ExitCode::FAILURE;
    }
    let fine = match arguments.seed {
        Some(seed) => replay(seed),
        None if arguments.bugs => find_bugs(&arguments),
        None => many(&arguments),
    };
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A process that dies in the middle of a step may panic on its way out; what matters is told by the promises.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|_panic| {}));
}

#[cfg(feature = "planted")]
fn plant(name: Option<&str>) -> Result<(), String> {
    let bug = match name {
        Some(name) => Some(model::planted::Bug::named(name).ok_or(format!("there is no bug {name}"))?),
        None => None,
    };
    model::planted::plant(bug);
    Ok(())
}

#[cfg(not(feature = "planted"))]
fn plant(_name: Option<&str>) -> Result<(), String> {
    Err("this build holds no bugs: build with --features planted".into())
}

fn replay(seed: u64) -> bool {
    let report = simulation::run(seed, true);
    for event in &report.events {
        println!("{event}");
    }
    println!("seed {seed}: trace {:016x}, {} operations acknowledged", report.trace, report.acknowledged);
    tell(&report)
}

fn tell(report: &Report) -> bool {
    let Some(broken) = &report.broken else { return true };
    println!(
        "seed {}: {} broken after {} ms: {}\n  replay: cargo run --release -p simulation --features planted -- --seed {}{}",
        report.seed,
        broken.promise,
        broken.at_ms,
        broken.how,
        report.seed,
        std::env::args()
            .skip_while(|word| word != "--planted")
            .take(2)
            .map(|word| format!(" {word}"))
            .collect::<String>()
    );
    false
}

#[derive(Default)]
struct Sum {
    runs: u64,
    broken: u64,
    acknowledged: u64,
    checked: [u64; Promise::COUNT],
    faults: FaultCounts,
}

/// Runs seeds on several threads until `enough` says so; hands each report to `each`.
fn on_threads(threads: usize, first: u64, enough: impl Fn(u64) -> bool + Sync, each: impl Fn(Report) + Sync) {
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if enough(number) {
                        return;
                    }
                    each(simulation::run(first + number, false));
                }
            });
        }
    });
}

fn many(arguments: &Arguments) -> bool {
    let started = Instant::now();
    let sum = Mutex::new(Sum::default());
    let time = arguments.time.map(Duration::from_secs);
    let enough = |number| match time {
        Some(time) => started.elapsed() > time,
        None => number >= arguments.seeds,
    };
    on_threads(arguments.threads, arguments.first, enough, |report| {
        let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
        sum.runs += 1;
        sum.acknowledged += report.acknowledged;
        sum.faults.add(&report.faults);
        for (total, one) in sum.checked.iter_mut().zip(report.checked) {
            *total += one;
        }
        if !tell(&report) {
            sum.broken += 1;
        }
    });
    let sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    print(&sum, started.elapsed())
}

fn print(sum: &Sum, took: Duration) -> bool {
    println!(
        "{} seeds in {:.0} s, {:.0} seeds/s, {} operations acknowledged, {} seeds broke a promise",
        sum.runs,
        took.as_secs_f64(),
        sum.runs as f64 / took.as_secs_f64(),
        sum.acknowledged,
        sum.broken
    );
    for (name, times) in sum.faults.table() {
        println!("  {times:>10} {name}");
    }
    let mut fine = sum.broken == 0;
    for (promise, times) in Promise::ALL.into_iter().zip(sum.checked) {
        println!("  {promise} checked {times} times");
        if times == 0 {
            println!("  {promise} was never checked: this run proves nothing");
            fine = false;
        }
    }
    fine
}

#[cfg(not(feature = "planted"))]
fn find_bugs(_arguments: &Arguments) -> bool {
    plant(None).is_ok_and(|()| true)
}

/// Every bug of this level, one after the other.
#[cfg(feature = "planted")]
fn find_bugs(arguments: &Arguments) -> bool {
    let mut all = true;
    for bug in simulation::promise::BUGS {
        model::planted::plant(Some(bug));
        let started = Instant::now();
        let found = AtomicBool::new(false);
        let first = Mutex::new(None);
        let runs = AtomicU64::new(0);
        let enough = |number| number >= arguments.seeds || found.load(Ordering::Relaxed);
        on_threads(arguments.threads, arguments.first, enough, |report| {
            runs.fetch_add(1, Ordering::Relaxed);
            if let Some(broken) = report.broken {
                found.store(true, Ordering::Relaxed);
                first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert((report.seed, broken));
            }
        });
        let seconds = started.elapsed().as_secs_f64();
        let runs = runs.load(Ordering::Relaxed);
        match first.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((seed, broken)) => println!(
                "{bug}: found after {runs} seeds, {seconds:.1} s, by {} (--seed {seed} --planted {bug}): {}",
                broken.promise, broken.how
            ),
            None => {
                println!("{bug}: NOT FOUND in {runs} seeds, {seconds:.1} s");
                all = false;
            }
        }
    }
    model::planted::plant(None);
    all
}
