//! What the Jobs page does with a job that exists: requests and answers.

use std::collections::BTreeMap;

use model::job::{ScalingEvent, ScalingPolicy};
use model::wire::{Blob, Dict, Free, List};

use crate::shape::shape;
use crate::time::Flag;

shape! {
    /// Body of a revert.
    RevertRequest {
        "EnforcePriorVersion" enforce_prior_version: Option<u64>,
        "JobID" job_id: String,
        "JobVersion" job_version: u64,
        "TaggedVersion" tagged_version: String,
    }
    /// Body of a change of stability.
    StableRequest { "JobID" job_id: String, "JobVersion" job_version: u64, "Stable" stable: bool }
    /// Answer to it: the newest shape has only the index, the documents show the other.
    StableResponse { "Index" index: u64, "JobModifyIndex" job_modify_index: u64 }
    /// Body of an evaluation by hand.
    EvaluateRequest { "EvalOptions" eval_options: EvalOptions, "JobID" job_id: String }
    /// Its options.
    EvalOptions { "ForceReschedule" force_reschedule: bool }
    /// Body of a dispatch.
    DispatchRequest {
        "IdPrefixTemplate" id_prefix_template: String,
        "Meta" meta: Dict,
        "Payload" payload: Blob,
        "Priority" priority: i64,
    }
    /// Answer to a dispatch.
    DispatchResponse {
        "DispatchedJobID" dispatched_job_id: String,
        "EvalCreateIndex" eval_create_index: u64,
        "EvalID" eval_id: String,
        "Index" index: u64,
        "JobCreateIndex" job_create_index: u64,
    }
    /// Answer to a launch of a periodic job by hand.
    PeriodicForceResponse {
        "EvalCreateIndex" eval_create_index: u64,
        "EvalID" eval_id: String,
        "Index" index: u64,
    }
    /// Body of a tag.
    TagRequest { "Description" description: String, "Latest" latest: bool, "Version" version: Option<u64> }
    /// Answer to a tag, given or taken away.
    TagResponse {
        "Description" description: String,
        "Index" index: u64,
        "KnownLeader" known_leader: bool,
        "LastContact" last_contact: u64,
        "Name" name: String,
        "NextToken" next_token: String,
        "TaggedTime" tagged_time: i64,
    }
    /// Body of a scaling.
    ScaleRequest {
        "Count" count: Option<i64>,
        "EnforceIndex" enforce_index: Flag,
        "Error" error: Failed,
        "JobModifyIndex" job_modify_index: u64,
        "Message" message: String,
        "Meta" meta: Free,
        "PolicyOverride" policy_override: bool,
        "Target" target: Dict,
    }
    /// How far the groups of a job are scaled.
    ScaleStatus {
        "JobCreateIndex" job_create_index: u64,
        "JobID" job_id: String,
        "JobModifyIndex" job_modify_index: u64,
        "JobStopped" job_stopped: bool,
        "Namespace" namespace: String,
        "TaskGroups" task_groups: BTreeMap<String, GroupScale>,
    }
    /// One of its groups.
    GroupScale {
        "Desired" desired: i64,
        "Events" events: List<ScalingEvent>,
        "Healthy" healthy: i64,
        "Placed" placed: i64,
        "Running" running: i64,
        "Unhealthy" unhealthy: i64,
    }
    /// An action of a task.
    JobAction {
        "Args" args: List<String>,
        "Command" command: String,
        "Name" name: String,
        "TaskGroupName" task_group_name: String,
        "TaskName" task_name: String,
    }
    /// A scaling policy in a list.
    ScalingPolicyStub {
        "CreateIndex" create_index: u64,
        "Enabled" enabled: bool,
        "ID" id: String,
        "ModifyIndex" modify_index: u64,
        "Target" target: Dict,
        "Type" kind: String,
    }
    /// A scaling policy.
    ScalingPolicyAnswer {
        "CreateIndex" create_index: u64,
        "Enabled" enabled: bool,
        "ID" id: String,
        "Max" max: i64,
        "Min" min: i64,
        "ModifyIndex" modify_index: u64,
        "Policy" policy: Free,
        "Target" target: Dict,
        "Type" kind: String,
    }
}

/// Whether a scaling reports a fault: documented as a text, sent as a switch. Either is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(transparent)]
pub struct Failed(pub bool);

impl<'de> serde::Deserialize<'de> for Failed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Failed;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bool")
            }
            fn visit_bool<E>(self, failed: bool) -> Result<Failed, E> {
                Ok(Failed(failed))
            }
            fn visit_str<E>(self, text: &str) -> Result<Failed, E> {
                Ok(Failed(!["", "false", "0"].contains(&text)))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A stopped job's policies rest.
fn enabled(job: &model::Job, policy: &ScalingPolicy) -> bool {
    policy.enabled.unwrap_or(true) && !job.stop
}

fn changed(job: &model::Job, policy: &ScalingPolicy) -> u64 {
    if job.stop { policy.modify_index.max(job.job_modify_index) } else { policy.modify_index }
}

impl ScalingPolicyStub {
    /// The stub of a job's policy.
    pub fn new(job: &model::Job, policy: &ScalingPolicy) -> Self {
        ScalingPolicyStub {
            id: policy.id.clone(),
            enabled: enabled(job, policy),
            target: policy.target.clone(),
            kind: policy.kind.clone(),
            create_index: policy.create_index,
            modify_index: changed(job, policy),
        }
    }
}

impl ScalingPolicyAnswer {
    /// A job's policy.
    pub fn new(job: &model::Job, policy: &ScalingPolicy) -> Self {
        ScalingPolicyAnswer {
            id: policy.id.clone(),
            enabled: enabled(job, policy),
            min: policy.min.unwrap_or(0),
            max: policy.max.unwrap_or(0),
            policy: policy.policy.clone(),
            target: policy.target.clone(),
            kind: policy.kind.clone(),
            create_index: policy.create_index,
            modify_index: changed(job, policy),
        }
    }
}

impl model::described::Described for Failed {
    fn schema(_: &mut model::described::Book) -> serde_json::Value {
        serde_json::json!({ "type": ["boolean", "string"] })
    }
}
