//! The Client page: what a client agent is asked for an allocation or its node.

use std::collections::BTreeMap;

use crate::shape::shape;

shape! {
    /// Sends a signal to the tasks of an allocation.
    AllocSignalRequest {
        "Signal" signal: String,
        "Task" task: String,
    }
    /// Restarts tasks of an allocation.
    AllocRestartRequest {
        "AllTasks" all_tasks: bool,
        "TaskName" task_name: String,
    }
    /// Changes the metadata of a node; `null` takes a key away.
    NodeMetaApplyRequest {
        "Meta" meta: Option<BTreeMap<String, Option<String>>>,
        "NodeID" node_id: String,
    }
    /// An allocation is being stopped.
    AllocStopResponse {
        "EvalID" eval_id: String,
        "Index" index: u64,
    }
}
