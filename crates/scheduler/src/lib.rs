//! Where things run, and why: a snapshot and an evaluation in, a decision out.
//!
//! This crate knows nothing of raft, brokers or leadership. It reads no clock and draws no number: both come with
//! the [`Context`], so that the same question has the same answer.

pub mod explain;
pub mod feasible;
pub mod kind;
pub mod rank;
pub mod reconcile;
pub mod stack;

mod process;

use model::id::Seed;
use model::{Evaluation, Plan};

pub use process::process;

/// What the world adds to a question.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// Now, ns since 1970.
    pub now_ns: i64,
    /// Where ids of allocations, deployments and blocked evaluations come from.
    pub seed: Seed,
}

/// What an evaluation came to.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What to change.
    pub plan: Plan,
    /// The evaluation as it will be once the plan is applied in full.
    pub eval: Evaluation,
    /// The evaluation that waits for room, if something found none.
    pub blocked: Option<Evaluation>,
    /// Evaluations for later: failed allocations whose replacement waits, silent nodes, jobs that lost allocations to
    /// more important ones.
    pub follow_ups: Vec<Evaluation>,
}

impl Decision {
    /// The plan, and every evaluation to be written with it: what waits for room says what was missing.
    pub fn into_parts(self) -> (Plan, Vec<Evaluation>) {
        let mut evals: Vec<Evaluation> = self.blocked.into_iter().collect();
        for blocked in &mut evals {
            blocked.failed_tg_allocs.clone_from(&self.eval.failed_tg_allocs);
        }
        evals.extend(self.follow_ups);
        evals.push(self.eval);
        (self.plan, evals)
    }
}
