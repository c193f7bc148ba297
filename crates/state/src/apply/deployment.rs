//! Progress and end of deployments. Times are absolute and come from the command (decision 17).

use model::{
    Allocation, ClientStatus, Deployment, DeploymentStatus, DeploymentStatusUpdate, DesiredStatus,
    GroupDeployment, Job,
};

use super::Tx;
use crate::command::Seed;
use crate::outcome::{Outcome, Refusal};

impl Tx<'_> {
    pub(super) fn end_deployment(
        &mut self,
        tenure: u64,
        update: &DeploymentStatusUpdate,
        stable: bool,
    ) -> Outcome {
        if let Err(refused) = self.holds_tenure(tenure) {
            return refused;
        }
        let Some(deployment) =
            self.state.deployment(update.id).filter(|deployment| deployment.status.active())
        else {
            return Outcome::Refused(Refusal::UnknownDeployment);
        };
        let deployment = deployment.clone();
        if update.status == DeploymentStatus::Failed {
            self.give_up(&deployment, &update.description);
            return Outcome::Done;
        }
        self.change_deployment_status(update);
        if stable {
            self.mark_stable(&deployment);
        }
        self.look_after_rest(&deployment);
        Outcome::Done
    }

    /// Ends a deployment that came to nothing; its job goes back where a group that is not done asks for that.
    fn give_up(&mut self, deployment: &Deployment, reason: &str) {
        let open = |group: &&GroupDeployment| group.healthy_allocs < group.desired_total;
        let revert = deployment.task_groups.values().filter(open).any(|group| group.auto_revert);
        if self.fail_deployment(deployment, reason, revert).is_some() {
            self.evaluate_ended(deployment);
        } else {
            self.look_after_rest(deployment);
        }
    }

    /// What failed while its deployment went on was left to the deployment; now that it is over, its policy counts. And
    /// a node that came meanwhile may still run the version before.
    fn look_after_rest(&mut self, deployment: &Deployment) {
        let waits = |alloc: &Allocation| {
            let failed = alloc.client_status == ClientStatus::Failed && alloc.next_allocation.is_nil();
            let outdated = !alloc.terminal() && alloc.job_version != deployment.job_version;
            alloc.desired_status == DesiredStatus::Run && (failed || outdated)
        };
        let key = deployment.job_key();
        let rest = self.state.allocs_of_job(&key).any(|alloc| waits(alloc));
        if rest {
            self.evaluate_ended(deployment);
        }
    }

    fn evaluate_ended(&mut self, deployment: &Deployment) {
        // The deployment ends once, so its id and this index make an id that nothing else has.
        let id = Seed(deployment.id.0).eval_id(self.index);
        self.evaluate_deployment(deployment, id);
    }

    fn mark_stable(&mut self, deployment: &Deployment) {
        let key = deployment.job_key();
        let current = self.state.job(&key);
        // A newer version has come meanwhile: then only the version row learns of it.
        if let Some(job) = current.filter(|job| job.version == deployment.job_version) {
            let job = Job { stable: true, modify_index: self.index, ..(**job).clone() };
            self.put_job(job);
            return;
        }
        let name = (key, deployment.job_create_index, deployment.job_version);
        if let Some(job) = self.state.jobs.version(&name.0, name.1, name.2) {
            let job = Job { stable: true, ..(**job).clone() };
            self.dirty.insert(crate::RowKey::job_version(&name));
            self.state.jobs.put_version(&name.0, job.into());
        }
    }

    /// Changes the status of a deployment that has not ended yet.
    pub(super) fn change_deployment_status(&mut self, update: &DeploymentStatusUpdate) {
        let Some(deployment) =
            self.state.deployment(update.id).filter(|deployment| deployment.status.active())
        else {
            return;
        };
        let mut deployment = (**deployment).clone();
        deployment.status = update.status;
        deployment.status_description.clone_from(&update.description);
        self.put_deployment(deployment);
    }

    /// Counts an allocation that was placed for a deployment; the first one starts the progress deadline.
    pub(super) fn count_placed(&mut self, alloc: &Allocation) {
        let now_ns = self.now_ns;
        let canary = alloc.deployment_status.is_some_and(|status| status.canary).then_some(alloc.id);
        self.change_group(alloc, |group| {
            group.placed_allocs += 1;
            group.placed_canaries.extend(canary);
            if group.require_progress_by_ns == 0 && group.progress_deadline_ns > 0 {
                group.require_progress_by_ns = now_ns.saturating_add(group.progress_deadline_ns);
            }
        });
    }

    /// Counts an allocation whose health was decided; a healthy one renews the progress deadline.
    pub(super) fn count_health(&mut self, alloc: &Allocation, healthy: bool) {
        let now_ns = self.now_ns;
        self.change_group(alloc, |group| {
            if !healthy {
                group.unhealthy_allocs += 1;
                return;
            }
            group.healthy_allocs += 1;
            if group.progress_deadline_ns > 0 {
                group.require_progress_by_ns = now_ns.saturating_add(group.progress_deadline_ns);
            }
        });
    }

    /// Moves an allocation whose health was decided before to the other side.
    pub(super) fn recount_health(&mut self, alloc: &Allocation, healthy: bool) {
        self.change_group(alloc, |group| {
            let step = if healthy { 1 } else { -1 };
            group.healthy_allocs = (group.healthy_allocs + step).max(0);
            group.unhealthy_allocs = (group.unhealthy_allocs - step).max(0);
        });
    }

    fn change_group(&mut self, alloc: &Allocation, change: impl FnOnce(&mut model::GroupDeployment)) {
        let Some(deployment) = self.state.deployment(alloc.deployment_id) else {
            return;
        };
        if !deployment.status.active() || deployment.job_version != alloc.job_version {
            return;
        }
        let mut deployment = (**deployment).clone();
        if let Some(group) = deployment.task_groups.get_mut(&alloc.task_group) {
            change(group);
            self.put_deployment(deployment);
        }
    }
}
