//! What may be removed: ended long enough ago, and needed by nobody.

use model::{EvalStatus, JobStatus, JobType};
use state::{Collect, State};

/// How long ended things are kept, ns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Dead jobs.
    pub job_ns: i64,
    /// Evaluations and allocations of services.
    pub eval_ns: i64,
    /// Evaluations and allocations of batch jobs.
    pub batch_eval_ns: i64,
    /// Finished deployments.
    pub deployment_ns: i64,
    /// Nodes that are down and empty.
    pub node_ns: i64,
}

const HOUR_NS: i64 = 3_600_000_000_000;

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            job_ns: 4 * HOUR_NS,
            eval_ns: HOUR_NS,
            batch_eval_ns: 24 * HOUR_NS,
            deployment_ns: HOUR_NS,
            node_ns: 24 * HOUR_NS,
        }
    }
}

impl Thresholds {
    /// Everything that has ended goes at once: what `system gc` asks for.
    pub fn now() -> Self {
        Thresholds { job_ns: 0, eval_ns: 0, batch_eval_ns: 0, deployment_ns: 0, node_ns: 0 }
    }
}

/// Candidates in one command; the rest comes with the next round.
pub const COLLECT_MAX: usize = 4_096;

/// What may be removed now. A first round frees allocations, a later one what they held.
pub fn candidates(state: &State, now_ns: i64, thresholds: &Thresholds) -> Collect {
    let mut collect = Collect::default();
    let old = |since_ns: i64, keep_ns: i64| since_ns.saturating_add(keep_ns) <= now_ns;
    for alloc in state.allocs() {
        let keep_ns = match alloc.job.kind {
            JobType::Batch | JobType::Sysbatch => thresholds.batch_eval_ns,
            _ => thresholds.eval_ns,
        };
        // A batch allocation stands for work that is done: as long as its job is there it must not be forgotten.
        let job = state.job(&alloc.job_key());
        let still_counts = job.is_some_and(|job| {
            !job.stop
                && job.status != JobStatus::Dead
                && (job.create_index, job.version) == (alloc.job_create_index, alloc.job_version)
        });
        if alloc.client_status.terminal() && !still_counts && old(alloc.modify_time_ns, keep_ns) {
            collect.allocs.push(alloc.id);
        }
        if collect.allocs.len() >= COLLECT_MAX {
            return collect;
        }
    }
    let unused = |eval: &model::Evaluation| state.allocs_of_eval(eval.id).next().is_none();
    let ended = |eval: &&std::sync::Arc<model::Evaluation>| {
        let keep_ns = if eval.kind == JobType::Batch { thresholds.batch_eval_ns } else { thresholds.eval_ns };
        eval.terminal()
            && eval.status != EvalStatus::Blocked
            && old(eval.modify_time_ns, keep_ns)
            && unused(eval)
    };
    collect.evals = state.evals().filter(ended).map(|eval| eval.id).take(COLLECT_MAX).collect();
    let finished = state.deployments().filter(|deployment| {
        !deployment.status.active() && old(deployment.modify_time_ns, thresholds.deployment_ns)
    });
    collect.deployments = finished.map(|deployment| deployment.id).take(COLLECT_MAX).collect();
    let dead = state.jobs().filter(|(key, job, _)| {
        job.status == JobStatus::Dead
            && old(job.submit_time_ns, thresholds.job_ns)
            && state.allocs_of_job(key).next().is_none()
            && state.evals_of_job(key).next().is_none()
    });
    collect.jobs = dead.map(|(key, ..)| key.clone()).take(COLLECT_MAX).collect();
    let gone = state.nodes().filter(|node| {
        node.gone()
            && old(node.status_updated_at.saturating_mul(1_000_000_000), thresholds.node_ns)
            && state.allocs_of_node(node.id).next().is_none()
    });
    collect.nodes = gone.map(|node| node.id).take(COLLECT_MAX).collect();
    collect
}
