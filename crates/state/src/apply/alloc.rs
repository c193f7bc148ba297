//! What client agents report of their allocations.

use model::alloc::{DeploymentHealth, DesiredTransition, StatusChange};
use model::id::{AllocId, DeploymentId, NodeId};
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
        let mut back = Vec::new();
        let mut decisions = Vec::new();
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
                decisions.push(alloc.deployment_id);
            }
            if old.client_status == ClientStatus::Unknown && !alloc.terminal() {
                back.push(alloc.clone());
            }
            let newly_failed = alloc.client_status == ClientStatus::Failed && !old.client_status.terminal();
            if newly_failed && alloc.desired_status == DesiredStatus::Run {
                failed.push(alloc.clone());
            }
            self.put_alloc(alloc, false);
        }
        let mut number = 0;
        self.evaluate_jobs_of(&failed, Trigger::AllocFailure, seed, &mut number);
        self.evaluate_jobs_of(&back, Trigger::Reconnect, seed, &mut number);
        self.evaluate_deployments(decisions, seed, &mut number);
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

    /// A roll-out whose allocation turned out well goes on; one whose allocation did not is looked at.
    fn evaluate_deployments(&mut self, mut ids: Vec<DeploymentId>, seed: Seed, number: &mut u64) {
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let Some(deployment) = self.state.deployment(id).cloned() else { continue };
            if deployment.status.active() {
                self.evaluate_deployment(&deployment, seed.eval_id(*number));
                *number += 1;
            }
        }
    }

    /// One evaluation for each job that something happened to, made in the same command, so that none is forgotten.
    fn evaluate_jobs_of(&mut self, allocs: &[Allocation], why: Trigger, seed: Seed, number: &mut u64) {
        let mut jobs: Vec<_> = allocs.iter().map(Allocation::job_key).collect();
        jobs.sort();
        jobs.dedup();
        for key in jobs {
            let Some(job) = self.state.job(&key).filter(|job| !job.stop) else {
                continue;
            };
            *number += 1;
            let eval = Evaluation {
                id: seed.eval_id(*number - 1),
                namespace: job.namespace.clone(),
                priority: job.priority,
                kind: JobType::clone(&job.kind),
                triggered_by: why,
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
        if old.client_status == ClientStatus::Unknown && update.client_status != ClientStatus::Unknown {
            let (status, time_ns) = (update.client_status, update.modify_time_ns);
            alloc.status_changes.push(StatusChange { status, time_ns });
        }
        alloc.client_status = update.client_status;
        alloc.client_description.clone_from(&update.client_description);
    }
    if !update.task_states.is_empty() {
        alloc.task_states.clone_from(&update.task_states);
    }
    if let (Some(healthy), Some(status)) = (update.healthy, old.deployment_status)
        && status.healthy.is_none()
        && update.deployment_id == old.deployment_id
    {
        let timestamp_ns = update.health_timestamp_ns;
        // What fails while its roll-out goes on may be replaced: the deployment decides when it has seen enough.
        if !healthy {
            alloc.desired_transition.reschedule = Some(true);
        }
        alloc.deployment_status =
            Some(DeploymentHealth { healthy: Some(healthy), timestamp_ns, modify_index: index, ..status });
    }
    if alloc != *old {
        alloc.modify_time_ns = update.modify_time_ns;
    }
    alloc
}
