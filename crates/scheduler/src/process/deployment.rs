//! Which deployment an evaluation begins, and which it ends.

use std::collections::BTreeMap;

use model::deployment::{Deployment, DeploymentStatus, DeploymentStatusUpdate, GroupDeployment};
use model::id::DeploymentId;
use model::job::ReschedulePolicy;
use model::{Job, JobType};

use super::{DRAW_DEPLOYMENT, Work};
use crate::kind;
use crate::reconcile::GroupChanges;

const RUNNING: &str = "Deployment is running";
const NEEDS_PROMOTION: &str = "Deployment is running but requires manual promotion";
const PROMOTES_ITSELF: &str = "Deployment is running pending automatic promotion";

impl Work<'_> {
    /// Ends deployments that are overtaken and starts the one that this version needs.
    pub(super) fn settle_deployment(&mut self, changes: &[GroupChanges]) {
        let key = &self.plan.job;
        let active = self.state.deployments_of_job(key).filter(|deployment| deployment.status.active());
        let mine = |deployment: &Deployment| self.job.is_some_and(|job| of_version(deployment, job));
        for deployment in active.filter(|deployment| !mine(deployment)) {
            let description = match self.job {
                Some(_) => "Cancelled due to newer version of job",
                None => "Cancelled because job is stopped",
            };
            self.plan.deployment_updates.push(DeploymentStatusUpdate {
                id: deployment.id,
                status: DeploymentStatus::Cancelled,
                description: description.to_owned(),
            });
        }
        let Some(job) = self.job else { return };
        let known = self.state.deployments_of_job(key).any(|deployment| mine(deployment));
        let watched = matches!(job.kind, JobType::Service | JobType::System);
        if watched && !known && changes.iter().any(|group| group.rolls_out) {
            let deployment = self.new_deployment(job, changes);
            self.deployment_id = deployment.id;
            self.plan.deployment = Some(deployment);
        }
    }

    fn new_deployment(&self, job: &Job, changes: &[GroupChanges]) -> Deployment {
        let canaries =
            |name: &str| changes.iter().find(|group| group.name == name).map_or(0, |group| group.canaries);
        let groups = job.task_groups.iter().filter_map(|group| {
            // `max_parallel = 0` asks for no deployment at all.
            let update = group.update.as_ref().filter(|update| update.max_parallel > 0)?;
            let progress = GroupDeployment {
                auto_revert: update.auto_revert,
                auto_promote: update.auto_promote,
                progress_deadline_ns: update.progress_deadline_ns,
                desired_total: kind::desired_total(self.state, job, group),
                desired_canaries: canaries(&group.name),
                fails_at_once: !group.reschedule_policy.as_ref().is_some_and(ReschedulePolicy::enabled),
                ..GroupDeployment::default()
            };
            Some((group.name.clone(), progress))
        });
        let task_groups: BTreeMap<_, _> = groups.collect();
        let canarying: Vec<_> = task_groups.values().filter(|group| group.desired_canaries > 0).collect();
        let description = match canarying.as_slice() {
            [] => RUNNING,
            groups if groups.iter().all(|group| group.auto_promote) => PROMOTES_ITSELF,
            _ => NEEDS_PROMOTION,
        };
        Deployment {
            id: DeploymentId(self.context.seed.uuid(DRAW_DEPLOYMENT)),
            namespace: job.namespace.clone(),
            job_id: job.id.clone(),
            job_version: job.version,
            job_modify_index: job.modify_index,
            job_spec_modify_index: job.job_modify_index,
            job_create_index: job.create_index,
            task_groups,
            status: DeploymentStatus::Running,
            status_description: description.to_owned(),
            eval_priority: self.eval.priority,
            ..Deployment::default()
        }
    }
}

/// True for a deployment that rolls this version out.
pub(super) fn of_version(deployment: &Deployment, job: &Job) -> bool {
    deployment.job_create_index == job.create_index && deployment.job_version == job.version
}
