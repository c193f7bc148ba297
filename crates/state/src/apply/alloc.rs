//! What client agents report of their allocations.

use model::alloc::{DeploymentHealth, DesiredTransition};
use model::id::{AllocId, NodeId};
use model::{AllocUpdate, Allocation, ClientStatus, DesiredStatus, EvalStatus, Evaluation, JobType, Trigger};

use super::Tx;
use crate::command::Seed;
use crate::outcome::{Outcome, Refusal};

impl Tx<'_> {
    pub(super) fn update_allocs(&mut self, node_id: NodeId, updates: &[AllocUpdate], seed: Seed) -> Outcome {
        if self.state.node(node_id).is_none() {
            return Outcome::Refused(Refusal::UnknownNode);
        }
        let mut failed = Vec::new();
        for update in updates {
            let Some(old) = self.state.alloc(update.id).filter(|alloc| alloc.node_id == node_id).cloned()
            else {
                continue;
            };
            let alloc = reported(&old, update, self.index);
            if let Some(services) = update.services.as_ref().filter(|_| !alloc.client_status.terminal()) {
                self.set_services(&alloc, services);
            }
            if alloc == *old {
                continue;
            }
            let decided = |alloc: &Allocation| alloc.deployment_status.and_then(|status| status.healthy);
            if let (None, Some(healthy)) = (decided(&old), decided(&alloc)) {
                self.count_health(&alloc, healthy);
            }
            let newly_failed = alloc.client_status == ClientStatus::Failed && !old.client_status.terminal();
            if newly_failed && alloc.desired_status == DesiredStatus::Run {
                failed.push(alloc.clone());
            }
            self.put_alloc(alloc, false);
        }
        self.evaluate_failures(&failed, seed);
        Outcome::Done
    }

    /// Notes what was asked of allocations. What has ended keeps the note too: it says why.
    pub(super) fn transition_allocs(
        &mut self,
        transitions: &[(AllocId, DesiredTransition)],
        evals: &[Evaluation],
    ) -> Outcome {
        for (id, transition) in transitions {
            let Some(old) = self.state.alloc(*id).cloned() else { continue };
            let mut alloc = (*old).clone();
            alloc.desired_transition.merge(transition);
            if alloc != *old {
                alloc.modify_time_ns = self.now_ns;
                self.put_alloc(alloc, true);
            }
        }
        for eval in evals {
            self.put_eval(Evaluation { trace: self.trace.to_owned(), ..eval.clone() });
        }
        Outcome::Done
    }

    /// One evaluation for each job that lost something, made in the same command, so that none is forgotten.
    fn evaluate_failures(&mut self, failed: &[Allocation], seed: Seed) {
        let mut jobs: Vec<_> = failed.iter().map(Allocation::job_key).collect();
        jobs.sort();
        jobs.dedup();
        for (number, key) in jobs.into_iter().enumerate() {
            let Some(job) = self.state.job(&key).filter(|job| !job.stop) else {
                continue;
            };
            let eval = Evaluation {
                id: seed.eval_id(number as u64),
                namespace: job.namespace.clone(),
                priority: job.priority,
                kind: JobType::clone(&job.kind),
                triggered_by: Trigger::AllocFailure,
                job_id: job.id.clone(),
                job_modify_index: job.job_modify_index,
                status: EvalStatus::Pending,
                trace: self.trace.to_owned(),
                ..Evaluation::default()
            };
            self.put_eval(eval);
        }
    }
}

/// The allocation as its client agent describes it. What was declared lost stays lost, unless it turns out to
/// have ended: the agent knows better how, and the servers have replaced it either way.
fn reported(old: &Allocation, update: &AllocUpdate, index: u64) -> Allocation {
    let mut alloc = old.clone();
    let resurrection = old.client_status.terminal() && !update.client_status.terminal();
    if !resurrection && old.client_status != ClientStatus::Lost {
        alloc.client_status = update.client_status;
        alloc.client_description.clone_from(&update.client_description);
    }
    if !update.task_states.is_empty() {
        alloc.task_states.clone_from(&update.task_states);
    }
    if let (Some(healthy), Some(status)) = (update.healthy, old.deployment_status)
        && status.healthy.is_none()
    {
        let timestamp_ns = update.health_timestamp_ns;
        alloc.deployment_status =
            Some(DeploymentHealth { healthy: Some(healthy), timestamp_ns, modify_index: index, ..status });
    }
    if alloc != *old {
        alloc.modify_time_ns = update.modify_time_ns;
    }
    alloc
}
