//! Deployments, by id and by job.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use model::Deployment;
use model::id::{DeploymentId, JobKey};

/// All deployments.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deployments {
    pub(crate) by_id: OrdMap<DeploymentId, Arc<Deployment>>,
    pub(crate) by_job: OrdSet<(JobKey, DeploymentId)>,
}

impl Deployments {
    /// Answers the deployment that was there before.
    pub(crate) fn put(&mut self, deployment: Arc<Deployment>) -> Option<Arc<Deployment>> {
        let old = self.by_id.insert(deployment.id, deployment.clone());
        if old.is_none() {
            self.by_job.insert((deployment.job_key(), deployment.id));
        }
        old
    }

    pub(crate) fn remove(&mut self, id: DeploymentId) -> Option<Arc<Deployment>> {
        let old = self.by_id.remove(&id)?;
        self.by_job.remove(&(old.job_key(), id));
        Some(old)
    }

    pub(crate) fn of_job(&self, key: &JobKey) -> impl Iterator<Item = &Arc<Deployment>> {
        let range = (key.clone(), DeploymentId::NIL)..=(key.clone(), DeploymentId(uuid::Uuid::max()));
        self.by_job.range(range).filter_map(|(_, id)| self.by_id.get(id))
    }
}
