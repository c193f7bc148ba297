//! What differs between the kinds of jobs.

pub mod system;

use model::{Job, JobType, TaskGroup};
use state::State;

use crate::feasible::Suits;

/// How many allocations a roll-out of the group comes to.
pub fn desired_total(state: &State, job: &Job, group: &TaskGroup) -> i64 {
    match job.kind {
        JobType::System | JobType::Sysbatch => {
            let suits = Suits::new(state, job, group);
            let nodes = system::nodes(state, job).filter(|node| suits.node(node));
            group.count.saturating_mul(i64::try_from(nodes.count()).unwrap_or(i64::MAX))
        }
        _ => group.count,
    }
}
