//! Rows 3a, 3b and 3c: how many places the scheduler finds in a second of one core's time, in this process and in memory,
//! with its metrics. Nodes are of 32 classes and half full; every job has constraints, one in ten has ports. Each plan is applied
//! afterwards, which checks it node by node, and the cluster is put back as it was.

mod load;
mod packing;

use std::time::{Duration, Instant};

use anyhow::ensure;
use model::id::Seed;
use model::job::{Affinity, Spread};
use model::{EvalStatus, Evaluation, Job};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use scheduler::Context;
use state::{Command, Envelope, Outcome, State};
use uuid::Uuid;

use crate::report::Figure;

/// What the original does with a sample of the nodes: 300 allocations of one job, without a spread.
const PEER_SAMPLE: f64 = 2_800.0;
/// Nodes that the table speaks of.
const MUST_AT: usize = 10_000;
/// Measured for at least so long.
const AT_LEAST: Duration = Duration::from_secs(2);

pub(crate) use packing::run as pack;

/// Row, name, floor, and what makes a job one of that kind.
type Kind<'a> = (&'static str, &'a str, f64, &'a dyn Fn(&mut Job));

/// What a kind of job came to.
struct Rates {
    /// Places found each second.
    placed: f64,
    /// Places each second with the plan applied.
    applied: f64,
}

/// Figures for each number of nodes and kind of job.
pub(crate) fn run(nodes: &[usize], allocs: usize) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for &nodes in nodes {
        let start = Instant::now();
        let state = load::cluster(nodes, allocs)?;
        let loaded = format!("{allocs} allocations there, loaded in {:.1} s", start.elapsed().as_secs_f64());
        let kinds: [Kind<'_>; 2] =
            [("3a", "no spread", 300_000.0, &|_| ()), ("3b", "spread and affinity", 75_000.0, &prefer)];
        for (row, kind, must, change) in kinds {
            for count in [300, 1_200, 10_000] {
                let rates = measure(&state, count, change)?;
                let what = format!("{nodes} nodes, {kind}, {count} a job: places found");
                let figure = Figure::rate(row, what, rates.placed, "/s")
                    .beside(format!("{:.0}/s with the plan applied", rates.applied))
                    .beside(loaded.clone());
                figures.push(if nodes == MUST_AT { figure.must(must) } else { figure });
            }
        }
        let rates = measure(&state, 300, &|job| job.task_groups[0].networks.clear())?;
        let what = format!("{nodes} nodes, the best of all for each of 300: places found");
        figures.push(Figure::rate("3c", what, rates.placed, "/s").must(PEER_SAMPLE).original(PEER_SAMPLE));
    }
    Ok(figures)
}

/// A spread over 32 racks and an affinity for a tier.
fn prefer(job: &mut Job) {
    job.spreads = vec![Spread { attribute: "${meta.rack}".into(), ..Spread::default() }].into();
    let affinity = Affinity {
        l_target: "${meta.tier}".into(),
        operand: "=".into(),
        r_target: "t1".into(),
        weight: Some(50),
    };
    job.affinities = vec![affinity].into();
}

fn measure(state: &State, count: i64, change: &dyn Fn(&mut Job)) -> anyhow::Result<Rates> {
    let (mut placed, mut finding, mut applying) = (0, Duration::ZERO, Duration::ZERO);
    let mut number: u64 = 0;
    // Whole tens, as one in ten has ports.
    while number < 10 || !number.is_multiple_of(10) || finding < AT_LEAST && number < 200 {
        // A clone shares everything and is dropped: each job meets the same cluster.
        let mut state = state.clone();
        let mut job = load::job(&format!("measured-{number}"), count, number.is_multiple_of(10));
        change(&mut job);
        let eval = register(&mut state, &job, number);
        let context = Context { now_ns: 1, seed: Seed(Uuid::from_u64_pair(5, number)) };
        let start = core_time()?;
        let decision = scheduler::process(&state, &eval, &context);
        finding += core_time()? - start;
        let places = decision.plan.placements.len();
        ensure!(places as i64 == count, "only {places} of {count} found a place");
        let start = core_time()?;
        let eval = Evaluation { status: EvalStatus::Complete, ..decision.eval };
        let outcome = apply(
            &mut state,
            Command::ApplyPlan { tenure: 1, plan: Box::new(decision.plan), evals: vec![eval] },
        );
        applying += core_time()? - start;
        let fits = matches!(&outcome, Outcome::Plan(result) if result.placed as usize == places);
        ensure!(fits, "the plan was not taken as it is: {outcome:?}");
        placed += places;
        number += 1;
    }
    let rate = |time: Duration| placed as f64 / time.as_secs_f64();
    Ok(Rates { placed: rate(finding), applied: rate(finding + applying) })
}

/// What this thread has had of a core: others may be busy on it too.
fn core_time() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_THREAD)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros)?))
}

fn register(state: &mut State, job: &Job, number: u64) -> Evaluation {
    let eval = Evaluation {
        id: model::EvalId(Uuid::from_u64_pair(6, number)),
        namespace: job.namespace.clone(),
        job_id: job.id.clone(),
        priority: job.priority,
        ..Evaluation::default()
    };
    let command = Command::RegisterJob {
        job: Box::new(job.clone()),
        eval: Box::new(eval.clone()),
        enforce_index: None,
        preserve_counts: false,
        submission: None,
    };
    apply(state, command);
    eval
}

fn apply(state: &mut State, command: Command) -> Outcome {
    state.apply(Envelope { trace: String::new(), now_ns: 1, command }).outcome
}
