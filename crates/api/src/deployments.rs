//! The Deployments page.

use std::collections::BTreeMap;

use crate::shape::shape;
use crate::time::rfc3339_or_null;

shape! {
    /// A deployment.
    Deployment {
        "CreateIndex" create_index: u64,
        "CreateTime" create_time: i64,
        "EvalPriority" eval_priority: i64,
        "ID" id: String,
        "IsMultiregion" is_multiregion: bool,
        "JobCreateIndex" job_create_index: u64,
        "JobID" job_id: String,
        "JobModifyIndex" job_modify_index: u64,
        "JobSpecModifyIndex" job_spec_modify_index: u64,
        "JobVersion" job_version: u64,
        "ModifyIndex" modify_index: u64,
        "ModifyTime" modify_time: i64,
        "Namespace" namespace: String,
        "Status" status: String,
        "StatusDescription" status_description: String,
        "TaskGroups" task_groups: BTreeMap<String, GroupDeployment>,
    }
    /// Progress of one group.
    GroupDeployment {
        "AutoPromote" auto_promote: bool,
        "AutoRevert" auto_revert: bool,
        "DesiredCanaries" desired_canaries: i64,
        "DesiredTotal" desired_total: i64,
        "HealthyAllocs" healthy_allocs: i64,
        "PlacedAllocs" placed_allocs: i64,
        "PlacedCanaries" placed_canaries: Option<Vec<String>>,
        "ProgressDeadline" progress_deadline: i64,
        "Promoted" promoted: bool,
        "RequireProgressBy" require_progress_by: Option<String>,
        "UnhealthyAllocs" unhealthy_allocs: i64,
    }
}

impl From<&model::Deployment> for Deployment {
    fn from(deployment: &model::Deployment) -> Self {
        let groups = deployment.task_groups.iter().map(|(name, group)| (name.clone(), group.into()));
        Deployment {
            id: deployment.id.text(),
            namespace: deployment.namespace.clone(),
            job_id: deployment.job_id.clone(),
            job_version: deployment.job_version,
            job_modify_index: deployment.job_modify_index,
            job_spec_modify_index: deployment.job_spec_modify_index,
            job_create_index: deployment.job_create_index,
            is_multiregion: false,
            task_groups: groups.collect(),
            status: deployment.status.as_str().to_owned(),
            status_description: deployment.status_description.clone(),
            eval_priority: deployment.eval_priority,
            create_index: deployment.create_index,
            modify_index: deployment.modify_index,
            create_time: deployment.create_time_ns,
            modify_time: deployment.modify_time_ns,
        }
    }
}

impl From<&model::GroupDeployment> for GroupDeployment {
    fn from(group: &model::GroupDeployment) -> Self {
        GroupDeployment {
            auto_revert: group.auto_revert,
            auto_promote: group.auto_promote,
            progress_deadline: group.progress_deadline_ns,
            require_progress_by: rfc3339_or_null(group.require_progress_by_ns),
            promoted: group.promoted,
            placed_canaries: (!group.placed_canaries.is_empty())
                .then(|| group.placed_canaries.iter().map(|id| id.text()).collect()),
            desired_canaries: group.desired_canaries,
            desired_total: group.desired_total,
            placed_allocs: group.placed_allocs,
            healthy_allocs: group.healthy_allocs,
            unhealthy_allocs: group.unhealthy_allocs,
        }
    }
}
