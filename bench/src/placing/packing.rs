//! Row 16: how well a stream of jobs is packed. Each job is placed when it comes, never moved, by the same scheduler that
//! serves a cluster; the bound is what a perfect division of CPU and memory over nodes would come to.
//!
//! No recorded trace is at hand. The sizes are drawn from the shape that public traces of virtual machines have: most
//! are small, a few are very large, and memory per core varies eightfold, so that the two dimensions never run out
//! together by themselves.

use anyhow::ensure;
use model::id::Seed;
use model::job::Resources;
use model::{EvalStatus, Evaluation};
use scheduler::Context;
use state::{Command, Outcome, State};
use uuid::Uuid;

use super::{apply, load, register};
use crate::report::Figure;

/// A node: 64 cores of 2,600 MHz, 256 GiB.
const NODE: (i64, i64) = (64 * 2_600, 256 * 1_024);
/// Cores of a job, and how many of a hundred have so many.
const CORES: [(i64, u64); 5] = [(1, 45), (2, 27), (4, 17), (8, 8), (16, 3)];
/// MiB for each core, and how many of a hundred have so much.
const MEMORY_MB: [(i64, u64); 4] = [(1_792, 40), (3_584, 35), (7_168, 20), (14_336, 5)];

/// The figure for arrivals in the order of the stream.
pub(crate) fn run(jobs: usize) -> anyhow::Result<Figure> {
    let sizes: Vec<(i64, i64)> = (0..jobs as u64).map(size).collect();
    let (used, bound) = pack(&sizes)?;
    let what = format!("{jobs} jobs as they come: nodes used / lower bound");
    Ok(Figure::cost("16", what, used as f64 / bound, "x")
        .must(1.10)
        .beside(format!("{used} nodes, bound {bound}")))
}

fn size(number: u64) -> (i64, i64) {
    let draw = |table: &[(i64, u64)], lot: u64| {
        let mut lot = lot % 100;
        for &(value, share) in table {
            if lot < share {
                return value;
            }
            lot -= share;
        }
        table[0].0
    };
    let lot = load::mixed(number).rotate_left(17) ^ load::mixed(number.rotate_left(32));
    let cores = draw(&CORES, lot >> 32);
    (cores * 2_600, cores * draw(&MEMORY_MB, lot & 0xFFFF_FFFF))
}

/// Nodes that were used, and the fewest that the sums would fit on.
fn pack(sizes: &[(i64, i64)]) -> anyhow::Result<(usize, f64)> {
    let all = sizes.iter().fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
    let bound = (all.0 as f64 / NODE.0 as f64).max(all.1 as f64 / NODE.1 as f64).ceil();
    let mut state = State::new();
    apply(&mut state, Command::BeginTenure { tenure: 1 });
    let nodes: Vec<_> =
        (0..(bound * 1.5) as usize + 1).map(|n| load::add_node(&mut state, n, NODE.0, NODE.1)).collect();
    for (number, &(cpu, memory_mb)) in sizes.iter().enumerate() {
        let mut job = load::job(&format!("packed-{number}"), 1, false);
        job.constraints = Vec::new().into();
        job.task_groups[0].constraints = Vec::new().into();
        job.task_groups[0].tasks[0].resources = Resources { cpu, memory_mb, ..Resources::default() };
        let eval = register(&mut state, &job, number as u64);
        let context = Context { now_ns: 1, seed: Seed(Uuid::from_u64_pair(7, number as u64)) };
        let decision = scheduler::process(&state, &eval, &context);
        let eval = Evaluation { status: EvalStatus::Complete, ..decision.eval };
        let plan = Command::ApplyPlan { tenure: 1, plan: Box::new(decision.plan), evals: vec![eval] };
        let outcome = apply(&mut state, plan);
        ensure!(
            matches!(&outcome, Outcome::Plan(result) if result.placed == 1),
            "job {number} found no place"
        );
    }
    let used = nodes.iter().filter(|id| state.allocs_of_node(**id).next().is_some()).count();
    Ok((used, bound))
}
