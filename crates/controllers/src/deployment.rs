//! When a deployment has succeeded, and when it has failed.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::deployment::{Deployment, DeploymentStatus, DeploymentStatusUpdate};
use model::id::DeploymentId;

/// What becomes of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentEffect {
    /// The change of status.
    pub update: DeploymentStatusUpdate,
    /// The version has proved itself.
    pub stable: bool,
}

/// The active deployments.
#[derive(Debug, Default)]
pub struct Deployments {
    active: BTreeMap<DeploymentId, Arc<Deployment>>,
}

impl Deployments {
    /// Takes note of a deployment as the state has it now.
    pub fn note(&mut self, deployment: &Arc<Deployment>) {
        if deployment.status.active() {
            self.active.insert(deployment.id, deployment.clone());
        } else {
            self.active.remove(&deployment.id);
        }
    }

    /// Deployments that have come to an end. Each is named again until its status has been written.
    pub fn tick(&self, now_ns: i64) -> Vec<DeploymentEffect> {
        self.active.values().filter_map(|deployment| verdict(deployment, now_ns)).collect()
    }

    /// How many are active.
    pub fn count(&self) -> usize {
        self.active.len()
    }
}

fn verdict(deployment: &Deployment, now_ns: i64) -> Option<DeploymentEffect> {
    if deployment.status != DeploymentStatus::Running {
        return None;
    }
    let mut groups = deployment.task_groups.values();
    let end = |status, description: &str, stable| {
        let description = description.to_owned();
        Some(DeploymentEffect {
            update: DeploymentStatusUpdate { id: deployment.id, status, description },
            stable,
        })
    };
    if groups.clone().all(|group| group.healthy_allocs >= group.desired_total) {
        return end(DeploymentStatus::Successful, "Deployment completed successfully", true);
    }
    // Without a progress deadline the first unhealthy allocation ends it.
    if groups.clone().any(|group| group.progress_deadline_ns == 0 && group.unhealthy_allocs > 0) {
        return end(DeploymentStatus::Failed, "Failed due to unhealthy allocations", false);
    }
    let late = groups.any(|group| {
        let open = group.healthy_allocs < group.desired_total;
        open && group.require_progress_by_ns > 0 && now_ns >= group.require_progress_by_ns
    });
    if late { end(DeploymentStatus::Failed, "Failed due to progress deadline", false) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::deployment::GroupDeployment;

    fn deployment(group: GroupDeployment) -> Arc<Deployment> {
        Arc::new(Deployment { task_groups: [("g".to_owned(), group)].into(), ..Deployment::default() })
    }

    #[test]
    fn health_succeeds_and_the_deadline_fails() {
        let mut deployments = Deployments::default();
        let group = GroupDeployment {
            desired_total: 1,
            progress_deadline_ns: 10,
            require_progress_by_ns: 100,
            ..GroupDeployment::default()
        };
        deployments.note(&deployment(group.clone()));
        assert!(deployments.tick(99).is_empty());
        assert_eq!(deployments.tick(100)[0].update.status, DeploymentStatus::Failed);
        deployments.note(&deployment(GroupDeployment { healthy_allocs: 1, ..group }));
        assert!(deployments.tick(100)[0].stable);
    }
}
