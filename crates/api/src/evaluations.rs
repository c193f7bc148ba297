//! The Evaluations page.

use std::collections::BTreeMap;

use model::eval::DesiredUpdates;
use model::job::{Numa, RequestedDevice};
use serde_json::Value;

use crate::allocations::{AllocStub, legacy};
use crate::shape::shape;

shape! {
    /// An evaluation.
    Evaluation {
        "AnnotatePlan" annotate_plan: bool,
        "BlockedEval" blocked_eval: String,
        "ClassEligibility" class_eligibility: Option<BTreeMap<String, bool>>,
        "CreateIndex" create_index: u64,
        "CreateTime" create_time: i64,
        "DeploymentID" deployment_id: String,
        "EscapedComputedClass" escaped_computed_class: bool,
        "FailedTGAllocs" failed_tg_allocs: Option<BTreeMap<String, Metric>>,
        "ID" id: String,
        "JobID" job_id: String,
        "JobModifyIndex" job_modify_index: u64,
        "ModifyIndex" modify_index: u64,
        "ModifyTime" modify_time: i64,
        "Namespace" namespace: String,
        "NextEval" next_eval: String,
        "NodeID" node_id: String,
        "NodeModifyIndex" node_modify_index: u64,
        "PlanAnnotations" plan_annotations: Option<Annotations>,
        "PreviousEval" previous_eval: String,
        "Priority" priority: i64,
        "QueuedAllocations" queued_allocations: Option<BTreeMap<String, i64>>,
        "QuotaLimitReached" quota_limit_reached: String,
        "RelatedEvals" related_evals: Option<Vec<Value>> as Option<Vec<EvaluationStub>>,
        "SnapshotIndex" snapshot_index: u64,
        "Status" status: String,
        "StatusDescription" status_description: String,
        "TriggeredBy" triggered_by: String,
        "Type" kind: String,
        "Wait" wait: i64,
        "WaitUntil" wait_until: Option<String>,
    }
    /// An evaluation that another one leads to, or comes from.
    EvaluationStub {
        "BlockedEval" blocked_eval: String,
        "CreateIndex" create_index: u64,
        "CreateTime" create_time: i64,
        "DeploymentID" deployment_id: String,
        "ID" id: String,
        "JobID" job_id: String,
        "ModifyIndex" modify_index: u64,
        "ModifyTime" modify_time: i64,
        "Namespace" namespace: String,
        "NextEval" next_eval: String,
        "NodeID" node_id: String,
        "PreviousEval" previous_eval: String,
        "Priority" priority: i64,
        "Status" status: String,
        "StatusDescription" status_description: String,
        "TriggeredBy" triggered_by: String,
        "Type" kind: String,
        "WaitUntil" wait_until: Option<String>,
    }
    /// What the scheduler saw for one group.
    Metric {
        "AllocationTime" allocation_time: i64,
        "ClassExhausted" class_exhausted: Option<BTreeMap<String, u64>>,
        "ClassFiltered" class_filtered: Option<BTreeMap<String, u64>>,
        "CoalescedFailures" coalesced_failures: u64,
        "ConstraintFiltered" constraint_filtered: Option<BTreeMap<String, u64>>,
        "DimensionExhausted" dimension_exhausted: Option<BTreeMap<String, u64>>,
        "NodePool" node_pool: String,
        "NodesAvailable" nodes_available: BTreeMap<String, u64>,
        "NodesEvaluated" nodes_evaluated: u64,
        "NodesExhausted" nodes_exhausted: u64,
        "NodesFiltered" nodes_filtered: u64,
        "NodesInPool" nodes_in_pool: u64,
        "QuotaExhausted" quota_exhausted: Option<Vec<String>>,
        "ResourcesExhausted" resources_exhausted: Option<BTreeMap<String, Exhausted>>,
        "ScoreMetaData" score_meta_data: Option<Vec<Score>>,
        "Scores" scores: Option<BTreeMap<String, f64>>,
    }
    /// What a task asked of the dimension that ran out.
    Exhausted {
        "CPU" cpu: i64,
        "Cores" cores: i64,
        "Devices" devices: Option<Vec<Value>> as Option<Vec<RequestedDevice>>,
        "DiskMB" disk_mb: i64,
        "IOPS" iops: i64,
        "MemoryMB" memory_mb: i64,
        "MemoryMaxMB" memory_max_mb: i64,
        "NUMA" numa: Option<Value> as Option<Numa>,
        "Networks" networks: Option<Vec<Value>> as Option<Vec<legacy::Network>>,
        "SecretsMB" secrets_mb: i64,
    }
    /// Score of one node.
    Score {
        "NodeID" node_id: String,
        "NormScore" norm_score: f64,
        "Scores" scores: BTreeMap<String, f64>,
    }
    /// What a plan set out to do.
    Annotations {
        "DesiredTGUpdates" desired_tg_updates: BTreeMap<String, Updates>,
        "PreemptedAllocs" preempted_allocs: Option<Vec<AllocStub>>,
    }
    /// What a plan set out to do for one group.
    Updates {
        "Canary" canary: u64,
        "DestructiveUpdate" destructive_update: u64,
        "Disconnect" disconnect: u64,
        "Ignore" ignore: u64,
        "InPlaceUpdate" in_place_update: u64,
        "Migrate" migrate: u64,
        "Place" place: u64,
        "Preemptions" preemptions: u64,
        "Reconnect" reconnect: u64,
        "RescheduleLater" reschedule_later: u64,
        "RescheduleNow" reschedule_now: u64,
        "Stop" stop: u64,
    }
}

impl From<&model::Evaluation> for Evaluation {
    fn from(eval: &model::Evaluation) -> Self {
        let failed = || {
            eval.failed_tg_allocs.iter().map(|(group, metric)| (group.clone(), (&**metric).into())).collect()
        };
        Evaluation {
            id: eval.id.text(),
            namespace: eval.namespace.clone(),
            priority: eval.priority,
            kind: eval.kind.to_string(),
            triggered_by: eval.triggered_by.as_str().to_owned(),
            job_id: eval.job_id.clone(),
            job_modify_index: eval.job_modify_index,
            node_id: eval.node_id.text(),
            node_modify_index: eval.node_modify_index,
            deployment_id: eval.deployment_id.text(),
            status: eval.status.as_str().to_owned(),
            status_description: eval.status_description.clone(),
            wait_until: crate::time::rfc3339_or_null(eval.wait_until_ns),
            next_eval: eval.next_eval.text(),
            previous_eval: eval.previous_eval.text(),
            blocked_eval: eval.blocked_eval.text(),
            failed_tg_allocs: (!eval.failed_tg_allocs.is_empty()).then(failed),
            class_eligibility: (!eval.class_eligibility.is_empty()).then(|| eval.class_eligibility.clone()),
            escaped_computed_class: eval.escaped_computed_class,
            plan_annotations: eval.plan_annotations.as_ref().map(Annotations::from),
            queued_allocations: (!eval.queued_allocations.is_empty())
                .then(|| eval.queued_allocations.clone()),
            snapshot_index: eval.snapshot_index,
            create_index: eval.create_index,
            modify_index: eval.modify_index,
            create_time: eval.create_time_ns,
            modify_time: eval.modify_time_ns,
            ..Evaluation::default()
        }
    }
}

impl From<&model::metric::Exhausted> for Exhausted {
    fn from(asked: &model::metric::Exhausted) -> Self {
        Exhausted {
            cpu: asked.cpu,
            cores: asked.cores,
            disk_mb: asked.disk_mb,
            memory_mb: asked.memory_mb,
            ..Exhausted::default()
        }
    }
}

impl From<&model::AllocMetric> for Metric {
    fn from(metric: &model::AllocMetric) -> Self {
        let map = |map: &BTreeMap<String, u64>| (!map.is_empty()).then(|| map.clone());
        let score = |score: &model::metric::NodeScore| Score {
            node_id: score.node_id.clone(),
            scores: score.scores.clone(),
            norm_score: score.norm_score,
        };
        Metric {
            nodes_evaluated: metric.nodes_evaluated,
            nodes_filtered: metric.nodes_filtered,
            nodes_in_pool: metric.nodes_in_pool,
            node_pool: metric.node_pool.clone(),
            nodes_available: metric.nodes_available.clone(),
            class_filtered: map(&metric.class_filtered),
            constraint_filtered: map(&metric.constraint_filtered),
            nodes_exhausted: metric.nodes_exhausted,
            class_exhausted: map(&metric.class_exhausted),
            dimension_exhausted: map(&metric.dimension_exhausted),
            score_meta_data: (!metric.scores.is_empty()).then(|| metric.scores.iter().map(score).collect()),
            allocation_time: metric.allocation_time_ns,
            coalesced_failures: metric.coalesced_failures,
            resources_exhausted: (!metric.resources_exhausted.is_empty()).then(|| {
                metric.resources_exhausted.iter().map(|(task, asked)| (task.clone(), asked.into())).collect()
            }),
            ..Metric::default()
        }
    }
}

impl From<&BTreeMap<String, DesiredUpdates>> for Annotations {
    fn from(groups: &BTreeMap<String, DesiredUpdates>) -> Self {
        let convert = |updates: &DesiredUpdates| Updates {
            ignore: updates.ignore,
            place: updates.place,
            migrate: updates.migrate,
            stop: updates.stop,
            in_place_update: updates.in_place_update,
            destructive_update: updates.destructive_update,
            canary: updates.canary,
            preemptions: updates.preemptions,
            disconnect: updates.disconnect,
            reconnect: updates.reconnect,
            reschedule_now: updates.reschedule_now,
            reschedule_later: updates.reschedule_later,
        };
        let desired = groups.iter().map(|(group, updates)| (group.clone(), convert(updates)));
        Annotations { desired_tg_updates: desired.collect(), preempted_allocs: None }
    }
}
