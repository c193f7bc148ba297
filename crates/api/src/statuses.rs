//! What the jobs page of the web interface shows: `/v1/jobs/statuses`.

use crate::shape::shape;

shape! {
    /// Body of a request for some jobs.
    JobStatusesRequest { "IncludeChildren" include_children: bool, "Jobs" jobs: Option<Vec<JobName>> }
    /// A job by name.
    JobName { "ID" id: String, "Namespace" namespace: String }
    /// A job with what runs of it.
    JobStatus {
        "Allocs" allocs: Option<Vec<AllocStatus>>,
        "ChildStatuses" child_statuses: Option<Vec<String>>,
        "Datacenters" datacenters: Vec<String>,
        "GroupCountSum" group_count_sum: i64,
        "ID" id: String,
        "IsPack" is_pack: bool,
        "LatestDeployment" latest_deployment: Option<LatestDeployment>,
        "ModifyIndex" modify_index: u64,
        "Name" name: String,
        "Namespace" namespace: String,
        "NodePool" node_pool: String,
        "ParentID" parent_id: String,
        "Priority" priority: i64,
        "Status" status: String,
        "Stop" stop: bool,
        "SubmitTime" submit_time: i64,
        "Type" kind: String,
        "Version" version: u64,
    }
    /// An allocation of such a job.
    AllocStatus {
        "ClientStatus" client_status: String,
        "DeploymentStatus" deployment_status: HealthStatus,
        "FollowupEvalID" followup_eval_id: String,
        "Group" group: String,
        "HasPausedTask" has_paused_task: bool,
        "ID" id: String,
        "JobVersion" job_version: u64,
        "NodeID" node_id: String,
    }
    /// Health of an allocation.
    HealthStatus { "Canary" canary: bool, "Healthy" healthy: Option<bool> }
    /// The newest deployment of such a job.
    LatestDeployment {
        "AllAutoPromote" all_auto_promote: bool,
        "ID" id: String,
        "IsActive" is_active: bool,
        "JobVersion" job_version: u64,
        "RequiresPromotion" requires_promotion: bool,
        "Status" status: String,
        "StatusDescription" status_description: String,
    }
}

impl From<&model::Allocation> for AllocStatus {
    fn from(alloc: &model::Allocation) -> Self {
        let health = alloc.deployment_status.unwrap_or_default();
        AllocStatus {
            client_status: alloc.client_status.as_str().to_owned(),
            deployment_status: HealthStatus { canary: health.canary, healthy: health.healthy },
            followup_eval_id: alloc.follow_up_eval.text(),
            group: alloc.task_group.clone(),
            has_paused_task: false,
            id: alloc.id.text(),
            job_version: alloc.job_version,
            node_id: alloc.node_id.text(),
        }
    }
}

impl From<&model::Deployment> for LatestDeployment {
    fn from(deployment: &model::Deployment) -> Self {
        let running = deployment.status == model::DeploymentStatus::Running;
        let groups = || deployment.task_groups.values();
        let unpromoted = |group: &model::GroupDeployment| group.desired_canaries > 0 && !group.promoted;
        LatestDeployment {
            all_auto_promote: running
                && !deployment.task_groups.is_empty()
                && groups().all(|group| group.desired_canaries == 0 || group.auto_promote),
            id: deployment.id.text(),
            is_active: deployment.status.active(),
            job_version: deployment.job_version,
            requires_promotion: running && groups().any(unpromoted),
            status: deployment.status.as_str().to_owned(),
            status_description: deployment.status_description.clone(),
        }
    }
}

impl From<&model::Job> for JobStatus {
    fn from(job: &model::Job) -> Self {
        JobStatus {
            datacenters: job.datacenters.clone(),
            group_count_sum: job.task_groups.iter().map(|group| group.count).sum(),
            id: job.id.clone(),
            is_pack: job.meta.contains_key("pack.name"),
            modify_index: job.modify_index,
            name: job.name.clone(),
            namespace: job.namespace.clone(),
            node_pool: job.node_pool.clone(),
            priority: job.priority,
            status: job.status.as_str().to_owned(),
            stop: job.stop,
            submit_time: job.submit_time_ns,
            kind: job.kind.to_string(),
            version: job.version,
            ..JobStatus::default()
        }
    }
}
