//! The Jobs page: requests, answers, list stubs, summaries.

use std::collections::BTreeMap;

use model::job::JobSubmission;

use crate::diff::JobDiff;
use crate::job::Job;
use crate::shape::shape;
use crate::time::Flag;

shape! {
    /// Body of a registration.
    RegisterRequest {
        "EnforceIndex" enforce_index: Flag,
        "EvalPriority" eval_priority: i64,
        "Job" job: Option<Job>,
        "JobModifyIndex" job_modify_index: u64,
        "Namespace" namespace: String,
        "PolicyOverride" policy_override: bool,
        "PreserveCounts" preserve_counts: bool,
        "Region" region: String,
        "Submission" submission: Option<JobSubmission>,
    }
    /// Answer to a registration.
    RegisterResponse {
        "EvalCreateIndex" eval_create_index: u64,
        "EvalID" eval_id: String,
        "Index" index: u64,
        "JobModifyIndex" job_modify_index: u64,
        "KnownLeader" known_leader: bool,
        "LastContact" last_contact: u64,
        "NextToken" next_token: String,
        "Warnings" warnings: String,
    }
    /// Answer to a stop.
    DeregisterResponse {
        "EvalCreateIndex" eval_create_index: u64,
        "EvalID" eval_id: String,
        "Index" index: u64,
        "JobModifyIndex" job_modify_index: u64,
        "KnownLeader" known_leader: bool,
        "LastContact" last_contact: u64,
        "NextToken" next_token: String,
        "VolumeEvalID" volume_eval_id: String,
        "VolumeEvalIndex" volume_eval_index: u64,
    }
    /// A job in a list.
    JobStub {
        "CreateIndex" create_index: u64,
        "Datacenters" datacenters: Vec<String>,
        "ID" id: String,
        "JobModifyIndex" job_modify_index: u64,
        "JobSummary" job_summary: JobSummary,
        "Meta" meta: Option<BTreeMap<String, String>>,
        "ModifyIndex" modify_index: u64,
        "Multiregion" multiregion: Option<()>,
        "Name" name: String,
        "Namespace" namespace: String,
        "NodePool" node_pool: String,
        "ParameterizedJob" parameterized_job: bool,
        "ParentID" parent_id: String,
        "Periodic" periodic: bool,
        "Priority" priority: i64,
        "Status" status: String,
        "StatusDescription" status_description: String,
        "Stop" stop: bool,
        "SubmitTime" submit_time: i64,
        "Type" kind: String,
    }
    /// Allocations of a job by group and status.
    JobSummary {
        "Children" children: Children,
        "CreateIndex" create_index: u64,
        "JobID" job_id: String,
        "ModifyIndex" modify_index: u64,
        "Namespace" namespace: String,
        "Summary" summary: BTreeMap<String, GroupSummary>,
    }
    /// Allocations of a group by status.
    GroupSummary {
        "Complete" complete: i64,
        "Failed" failed: i64,
        "Lost" lost: i64,
        "Queued" queued: i64,
        "Running" running: i64,
        "Starting" starting: i64,
        "Unknown" unknown: i64,
    }
    /// Jobs that a periodic or parameterized job started.
    Children { "Dead" dead: i64, "Pending" pending: i64, "Running" running: i64 }
    /// The versions of a job.
    JobVersions {
        "Diffs" diffs: Option<Vec<JobDiff>>,
        "Index" index: u64,
        "KnownLeader" known_leader: bool,
        "LastContact" last_contact: u64,
        "NextToken" next_token: String,
        "Versions" versions: Vec<Job>,
    }
}

impl JobStub {
    /// The stub of a job; `meta` only where it was asked for.
    pub fn new(job: &model::Job, job_summary: JobSummary, meta: bool) -> Self {
        JobStub {
            id: job.id.clone(),
            name: job.name.clone(),
            namespace: job.namespace.clone(),
            datacenters: job.datacenters.clone(),
            node_pool: job.node_pool.clone(),
            kind: job.kind.to_string(),
            priority: job.priority,
            stop: job.stop,
            status: job.status.as_str().to_owned(),
            status_description: job.status_description.clone(),
            parent_id: job.parent_id.clone(),
            periodic: job.periodic.is_some(),
            parameterized_job: job.parameterized_job.is_some() && !job.dispatched,
            job_summary,
            meta: meta.then(|| job.meta.clone()),
            create_index: job.create_index,
            modify_index: job.modify_index,
            job_modify_index: job.job_modify_index,
            submit_time: job.submit_time_ns,
            ..JobStub::default()
        }
    }
}
