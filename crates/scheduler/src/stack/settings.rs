//! What operators have set, as far as it concerns one job.

use model::operator::SchedulerAlgorithm;
use model::{Job, JobType};
use state::State;

/// How a job is placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    /// How nodes are chosen: the pool's word before the cluster's.
    pub(super) algorithm: SchedulerAlgorithm,
    /// Tasks may use more memory than they reserve: the pool's word before the cluster's.
    pub(super) oversubscribed: bool,
    /// Less important work makes way for jobs of this type.
    pub(super) preempts: bool,
}

impl Settings {
    pub(super) fn of(state: &State, job: &Job) -> Self {
        let cluster = state.scheduler_configuration();
        let pool = state.node_pool(&job.node_pool).and_then(|pool| pool.scheduler).unwrap_or_default();
        let preemption = &cluster.preemption;
        Settings {
            algorithm: pool.algorithm.unwrap_or(cluster.algorithm),
            oversubscribed: pool.memory_oversubscription.unwrap_or(cluster.memory_oversubscription),
            preempts: match job.kind {
                JobType::Service => preemption.service,
                JobType::Batch => preemption.batch,
                JobType::System => preemption.system,
                JobType::Sysbatch => preemption.sysbatch,
                _ => false,
            },
        }
    }
}
