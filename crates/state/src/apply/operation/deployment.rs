//! What operators do with deployments that have not ended.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::alloc::DeploymentHealth;
use model::id::{AllocId, DeploymentId, EvalId};
use model::{
    Allocation, Deployment, DeploymentStatus, DeploymentStatusUpdate, EvalStatus, Evaluation, Job, JobType,
    Trigger,
};

use crate::apply::Tx;
use crate::command::Seed;
use crate::command::operation::DeploymentAction;
use crate::outcome::Refusal;
use crate::outcome::answer::Answer;

const RUNNING: &str = "Deployment is running";
const PAUSED: &str = "Deployment is paused";
const FAILED: &str = "Deployment marked as failed";
const UNHEALTHY: &str = "Failed due to unhealthy allocations";

impl Tx<'_> {
    pub(super) fn change_deployment(
        &mut self,
        id: DeploymentId,
        action: &DeploymentAction,
        eval_id: EvalId,
    ) -> Result<Answer, Refusal> {
        let Some(deployment) = self.state.deployment(id).cloned() else {
            return Err(Refusal::DeploymentNotFound);
        };
        if !deployment.status.active() {
            return Err(Refusal::TerminalDeployment { what: what(action).to_owned() });
        }
        let mut reverted = None;
        match action {
            DeploymentAction::Fail => {
                let asks = deployment.task_groups.values().any(|group| group.auto_revert);
                reverted = self.fail_deployment(&deployment, FAILED, asks);
            }
            DeploymentAction::Pause => {
                self.hold_deployment(&deployment, DeploymentStatus::Paused, PAUSED);
                return Ok(Answer::Deployment { eval_id: EvalId::NIL, reverted });
            }
            DeploymentAction::Resume => {
                self.hold_deployment(&deployment, DeploymentStatus::Running, RUNNING);
            }
            DeploymentAction::Promote { all, groups } => self.promote(&deployment, *all, groups)?,
            DeploymentAction::SetHealth { healthy, unhealthy } => {
                reverted = self.set_health(&deployment, healthy, unhealthy)?;
            }
        }
        self.evaluate_deployment(&deployment, eval_id);
        Ok(Answer::Deployment { eval_id, reverted })
    }

    fn hold_deployment(&mut self, deployment: &Deployment, status: DeploymentStatus, description: &str) {
        let mut held = Deployment { status, status_description: description.into(), ..deployment.clone() };
        // What was waited for while it was held does not count as lack of progress.
        for group in held.task_groups.values_mut().filter(|group| group.progress_deadline_ns > 0) {
            group.require_progress_by_ns = self.now_ns.saturating_add(group.progress_deadline_ns);
        }
        self.put_deployment(held);
    }

    /// Gives a deployment up. Answers the version that the job went back to.
    pub(in crate::apply) fn fail_deployment(
        &mut self,
        deployment: &Deployment,
        reason: &str,
        revert: bool,
    ) -> Option<u64> {
        let (target, description) = match self.revert_target(deployment).filter(|_| revert) {
            None if revert => (None, format!("{reason} - no stable job version to auto revert to")),
            None => (None, reason.to_owned()),
            Some((job, true)) => {
                let version = job.version;
                (Some(job), format!("{reason} - rolling back to job version {version}"))
            }
            Some((job, false)) => {
                let version = job.version;
                let why = "as current job has same specification";
                (None, format!("{reason} - not rolling back to stable job version {version} {why}"))
            }
        };
        let status = DeploymentStatus::Failed;
        self.change_deployment_status(&DeploymentStatusUpdate { id: deployment.id, status, description });
        let job = target?;
        let current = self.state.job(&job.key()).cloned();
        self.write_registration((*job).clone(), current.as_deref(), false, Seed(deployment.id.0));
        self.forget_old_versions(&job.key());
        Some(job.version)
    }

    /// The newest stable version, and whether it asks for something else than the current one.
    fn revert_target(&self, deployment: &Deployment) -> Option<(Arc<Job>, bool)> {
        let key = deployment.job_key();
        let current = self.state.job(&key)?;
        let stable = self.state.job_versions(&key).into_iter().find(|job| job.stable)?;
        let differs = !stable.same_specification(current);
        Some((stable, differs))
    }

    fn promote(&mut self, deployment: &Deployment, all: bool, groups: &[String]) -> Result<(), Refusal> {
        let named = |group: &str| all || groups.iter().any(|name| name == group);
        let canaries: Vec<Arc<Allocation>> = {
            let healthy = |alloc: &&Arc<Allocation>| {
                let canary = |status: &DeploymentHealth| status.canary && status.healthy == Some(true);
                alloc.deployment_id == deployment.id && alloc.deployment_status.as_ref().is_some_and(canary)
            };
            self.state.allocs_of_job(&deployment.job_key()).filter(healthy).cloned().collect()
        };
        let mut short = Vec::new();
        for (name, group) in deployment.task_groups.iter().filter(|(name, _)| named(name)) {
            let have = canaries.iter().filter(|alloc| alloc.task_group == *name).count();
            if (have as i64) < group.desired_canaries {
                short.push(format!(
                    "Task group \"{name}\" has {have}/{} healthy allocations",
                    group.desired_canaries
                ));
            }
        }
        if !short.is_empty() {
            return Err(Refusal::UnhealthyCanaries { faults: short });
        }
        let mut promoted = deployment.clone();
        for (_, group) in promoted.task_groups.iter_mut().filter(|(name, _)| named(name)) {
            group.promoted = true;
            if group.require_progress_by_ns > 0 {
                group.require_progress_by_ns = self.now_ns.saturating_add(group.progress_deadline_ns);
            }
        }
        let waiting =
            promoted.task_groups.values().any(|group| group.desired_canaries > 0 && !group.promoted);
        if !waiting && promoted.status == DeploymentStatus::Running {
            promoted.status_description = RUNNING.to_owned();
        }
        self.put_deployment(promoted);
        for alloc in canaries.iter().filter(|alloc| named(&alloc.task_group)) {
            let status = alloc.deployment_status.map(|status| DeploymentHealth { canary: false, ..status });
            self.put_alloc(Allocation { deployment_status: status, ..(**alloc).clone() }, true);
        }
        Ok(())
    }

    fn set_health(
        &mut self,
        deployment: &Deployment,
        healthy: &[AllocId],
        unhealthy: &[AllocId],
    ) -> Result<Option<u64>, Refusal> {
        for id in healthy.iter().chain(unhealthy) {
            match self.state.alloc(*id) {
                None => return Err(Refusal::UnknownAlloc { id: *id }),
                Some(alloc) if alloc.deployment_id != deployment.id => {
                    return Err(Refusal::AllocOfOther { id: *id, deployment: deployment.id });
                }
                Some(_) => {}
            }
        }
        let groups: BTreeSet<String> =
            unhealthy.iter().filter_map(|id| self.state.alloc(*id)).map(|a| a.task_group.clone()).collect();
        for (ids, health) in [(healthy, true), (unhealthy, false)] {
            for id in ids {
                self.set_alloc_health(*id, health);
            }
        }
        if unhealthy.is_empty() {
            return Ok(None);
        }
        let group = |name: &String| deployment.task_groups.get(name);
        let revert = groups.iter().filter_map(group).any(|group| group.auto_revert);
        let fresh = self.state.deployment(deployment.id).cloned();
        Ok(self.fail_deployment(fresh.as_deref().unwrap_or(deployment), UNHEALTHY, revert))
    }

    fn set_alloc_health(&mut self, id: AllocId, healthy: bool) {
        let Some(alloc) = self.state.alloc(id).cloned() else { return };
        let old = alloc.deployment_status.unwrap_or_default();
        if old.healthy == Some(healthy) {
            return;
        }
        if old.healthy.is_none() {
            self.count_health(&alloc, healthy);
        } else {
            self.recount_health(&alloc, healthy);
        }
        let (timestamp_ns, modify_index) = (self.now_ns, self.index);
        let status = DeploymentHealth { healthy: Some(healthy), timestamp_ns, modify_index, ..old };
        self.put_alloc(Allocation { deployment_status: Some(status), ..(*alloc).clone() }, false);
    }

    pub(in crate::apply) fn evaluate_deployment(&mut self, deployment: &Deployment, id: EvalId) {
        let Some(job) = self.state.job(&deployment.job_key()).cloned() else { return };
        let eval = Evaluation {
            id,
            namespace: job.namespace.clone(),
            priority: if deployment.eval_priority > 0 { deployment.eval_priority } else { job.priority },
            kind: JobType::clone(&job.kind),
            triggered_by: Trigger::DeploymentWatcher,
            job_id: job.id.clone(),
            job_modify_index: job.job_modify_index,
            deployment_id: deployment.id,
            status: EvalStatus::Pending,
            trace: self.trace.to_owned(),
            ..Evaluation::default()
        };
        self.put_eval(eval);
    }
}

/// What cannot be done with a deployment that has ended, as its error words it.
fn what(action: &DeploymentAction) -> &'static str {
    match action {
        DeploymentAction::Fail => "fail",
        DeploymentAction::Pause => "pause",
        DeploymentAction::Resume => "resume",
        DeploymentAction::Promote { .. } => "promote",
        DeploymentAction::SetHealth { .. } => "set health of allocations for a",
    }
}
