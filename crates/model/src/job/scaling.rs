//! Scaling policies, for autoscalers outside, and what these did.

use crate::wire::{Dict, Free, List, Map, wire};

wire! {
    /// How far a group's count, or a task's resources, may be scaled.
    ScalingPolicy {
        "CreateIndex" create_index: u64,
        "Enabled" enabled: Option<bool>,
        "ID" id: String,
        "Max" max: Option<i64>,
        "Min" min: Option<i64>,
        "ModifyIndex" modify_index: u64,
        "Namespace" namespace: String,
        "Policy" policy: Free,
        "Target" target: Dict,
        "Type" kind: String,
    }
}

wire! {
    /// Somebody scaled a group, or told why not.
    ScalingEvent {
        "Count" count: Option<i64>,
        "CreateIndex" create_index: u64,
        "Error" error: bool,
        "EvalID" eval_id: Option<String>,
        "Message" message: String,
        "Meta" meta: Free,
        "PreviousCount" previous_count: i64,
        "Time" time_ns: i64,
    }
    /// The last events of each group of a job, newest first.
    ScalingEvents { "Groups" groups: Map<List<ScalingEvent>>, "ModifyIndex" modify_index: u64 }
}

/// Events kept of a group.
pub const SCALING_EVENTS_MAX: usize = 20;
