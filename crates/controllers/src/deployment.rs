//! When a deployment has succeeded, and when it has failed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::deployment::{Deployment, DeploymentStatus, DeploymentStatusUpdate, GroupDeployment};
use model::id::DeploymentId;

/// What becomes of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentEffect {
    /// It has come to an end.
    End {
        /// The change of status.
        update: DeploymentStatusUpdate,
        /// The version has proved itself.
        stable: bool,
    },
    /// Its canaries are well, and nobody has to be asked.
    Promote(DeploymentId),
}

/// The active deployments.
#[derive(Debug, Default)]
pub struct Deployments {
    active: BTreeMap<DeploymentId, Arc<Deployment>>,
    /// Promotions that have been asked for and not seen yet.
    promoting: BTreeSet<DeploymentId>,
    /// When each of them comes to its end as things stand, ns since 1970. This is what a tick looks at: it comes with
    /// every batch, and going through thousands that have minutes left took half of a leader's time.
    due: BTreeSet<(i64, DeploymentId)>,
}

impl Deployments {
    /// Takes note of a deployment as the state has it now.
    pub fn note(&mut self, deployment: &Arc<Deployment>) {
        let id = deployment.id;
        self.promoting.remove(&id);
        let old = match deployment.status.active() {
            true => self.active.insert(id, deployment.clone()),
            false => self.active.remove(&id),
        };
        if let Some(due) = old.and_then(|old| due_ns(&old)) {
            self.due.remove(&(due, id));
        }
        if let Some(due) = due_ns(deployment) {
            self.due.insert((due, id));
        }
    }

    /// What becomes of deployments now. An end is named again until it has been written, a promotion once.
    pub fn tick(&mut self, now_ns: i64) -> Vec<DeploymentEffect> {
        let due = self.due.iter().take_while(|(due, _)| *due <= now_ns);
        let mut effects: Vec<_> = due.filter_map(|(_, id)| verdict(self.active.get(id)?, now_ns)).collect();
        effects.retain(|effect| match effect {
            DeploymentEffect::Promote(id) => self.promoting.insert(*id),
            DeploymentEffect::End { .. } => true,
        });
        effects
    }

    /// How many are active.
    pub fn count(&self) -> usize {
        self.active.len()
    }
}

/// From when on [`verdict`] has something to say; `None` as long as nobody knows.
fn due_ns(deployment: &Deployment) -> Option<i64> {
    if deployment.status != DeploymentStatus::Running {
        return None;
    }
    let at_once = verdict(deployment, i64::MIN).map(|_| i64::MIN);
    let open = deployment.task_groups.values().filter(|group| group.healthy_allocs < group.desired_total);
    let deadlines = open.map(|group| group.require_progress_by_ns).filter(|deadline| *deadline > 0);
    at_once.or_else(|| deadlines.min())
}

fn verdict(deployment: &Deployment, now_ns: i64) -> Option<DeploymentEffect> {
    if deployment.status != DeploymentStatus::Running {
        return None;
    }
    let mut groups = deployment.task_groups.values();
    let end = |status, description: &str, stable| {
        let description = description.to_owned();
        Some(DeploymentEffect::End {
            update: DeploymentStatusUpdate { id: deployment.id, status, description },
            stable,
        })
    };
    let promoted = |group: &GroupDeployment| group.desired_canaries == 0 || group.promoted;
    if groups.clone().all(|group| promoted(group) && group.healthy_allocs >= group.desired_total) {
        return end(DeploymentStatus::Successful, "Deployment completed successfully", true);
    }
    // Without a progress deadline, and where nothing is placed anew, the first unhealthy allocation ends it.
    let decided = |group: &GroupDeployment| group.progress_deadline_ns == 0 || group.fails_at_once;
    if groups.clone().any(|group| decided(group) && group.unhealthy_allocs > 0) {
        return end(DeploymentStatus::Failed, "Failed due to unhealthy allocations", false);
    }
    let late = groups.any(|group| {
        // Canaries that are well wait for their operator as long as that takes.
        let waits = !promoted(group) && group.healthy_allocs >= group.desired_canaries;
        let open = group.healthy_allocs < group.desired_total;
        open && !waits && group.require_progress_by_ns > 0 && now_ns >= group.require_progress_by_ns
    });
    if late {
        return end(DeploymentStatus::Failed, "Failed due to progress deadline", false);
    }
    promotes_itself(deployment).then_some(DeploymentEffect::Promote(deployment.id))
}

/// Every group with canaries asks for promotion without a word, and all of its canaries are well.
fn promotes_itself(deployment: &Deployment) -> bool {
    let mut waiting = deployment
        .task_groups
        .values()
        .filter(|group| group.desired_canaries > 0 && !group.promoted)
        .peekable();
    let well = |group: &GroupDeployment| {
        group.auto_promote && group.unhealthy_allocs == 0 && group.healthy_allocs >= group.desired_canaries
    };
    waiting.peek().is_some() && waiting.all(well)
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
        let failed = |effect: &DeploymentEffect| matches!(effect, DeploymentEffect::End { update, .. } if update.status == DeploymentStatus::Failed);
        assert!(failed(&deployments.tick(100)[0]));
        deployments.note(&deployment(GroupDeployment { healthy_allocs: 1, ..group }));
        assert!(matches!(&deployments.tick(100)[0], DeploymentEffect::End { stable: true, .. }));
    }

    #[test]
    fn canaries_wait_for_promotion_and_some_promote_themselves() {
        let mut deployments = Deployments::default();
        let group = GroupDeployment {
            desired_total: 2,
            desired_canaries: 1,
            healthy_allocs: 1,
            progress_deadline_ns: 10,
            require_progress_by_ns: 100,
            ..GroupDeployment::default()
        };
        deployments.note(&deployment(group.clone()));
        assert!(deployments.tick(200).is_empty());
        deployments.note(&deployment(GroupDeployment { auto_promote: true, ..group }));
        assert!(matches!(deployments.tick(200)[..], [DeploymentEffect::Promote(_)]));
        assert!(deployments.tick(200).is_empty());
    }

    #[test]
    fn only_what_is_due_is_named() {
        let mut deployments = Deployments::default();
        let open = |number, require_progress_by_ns| {
            let group =
                GroupDeployment { desired_total: 1, require_progress_by_ns, ..GroupDeployment::default() };
            let id = DeploymentId(uuid::Uuid::from_u64_pair(0, number));
            Arc::new(Deployment { id, ..(*deployment(group)).clone() })
        };
        for (number, deadline) in [(1, 300), (2, 100), (3, 0)] {
            deployments.note(&open(number, deadline));
        }
        let named = |deployments: &mut Deployments, now_ns| -> Vec<DeploymentId> {
            let id = |effect| match effect {
                DeploymentEffect::End { update, .. } => update.id,
                DeploymentEffect::Promote(id) => id,
            };
            deployments.tick(now_ns).into_iter().map(id).collect()
        };
        assert!(named(&mut deployments, 99).is_empty());
        assert_eq!(named(&mut deployments, 299), [open(2, 0).id]);
        // Progress puts the deadline off.
        deployments.note(&open(2, 400));
        assert_eq!(named(&mut deployments, 399), [open(1, 0).id]);
        let ended = Deployment { status: DeploymentStatus::Failed, ..(*open(1, 300)).clone() };
        deployments.note(&Arc::new(ended));
        assert!(named(&mut deployments, 399).is_empty());
        assert_eq!((named(&mut deployments, 400).len(), deployments.count()), (1, 2));
    }
}
