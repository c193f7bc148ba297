//! The Allocations page.

use std::collections::BTreeMap;

use model::job::canonicalize::DEFAULT_PORT_NETWORK;
use serde_json::Value;

use crate::job::Job;
use crate::shape::shape;
use crate::time::{rfc3339, rfc3339_or_null};

shape! {
    /// An allocation in a list.
    AllocStub {
        "ClientDescription" client_description: String,
        "ClientStatus" client_status: String,
        "CreateIndex" create_index: u64,
        "CreateTime" create_time: i64,
        "DeploymentStatus" deployment_status: Option<Health>,
        "DesiredDescription" desired_description: String,
        "DesiredStatus" desired_status: String,
        "DesiredTransition" desired_transition: Transition,
        "EvalID" eval_id: String,
        "FollowupEvalID" followup_eval_id: String,
        "ID" id: String,
        "JobID" job_id: String,
        "JobType" job_type: String,
        "JobVersion" job_version: u64,
        "ModifyIndex" modify_index: u64,
        "ModifyTime" modify_time: i64,
        "Name" name: String,
        "Namespace" namespace: String,
        "NextAllocation" next_allocation: String,
        "NodeID" node_id: String,
        "NodeName" node_name: String,
        "PreemptedAllocations" preempted_allocations: Option<Vec<String>>,
        "PreemptedByAllocation" preempted_by_allocation: String,
        "PreviousAllocation" previous_allocation: String,
        "RescheduleTracker" reschedule_tracker: Option<Value>,
        "TaskGroup" task_group: String,
        "TaskStates" task_states: Option<BTreeMap<String, TaskState>>,
    }
    /// What operators asked of an allocation.
    Transition {
        "ForceReschedule" force_reschedule: Option<bool>,
        "Migrate" migrate: Option<bool>,
        "MigrateDisablePlacement" migrate_disable_placement: Option<bool>,
        "NoShutdownDelay" no_shutdown_delay: Option<bool>,
        "Reschedule" reschedule: Option<bool>,
    }
    /// Health in a deployment.
    Health {
        "Canary" canary: bool,
        "Healthy" healthy: Option<bool>,
        "ModifyIndex" modify_index: u64,
        "Timestamp" timestamp: String,
    }
    /// State of a task.
    TaskState {
        "Events" events: Vec<TaskEvent>,
        "Failed" failed: bool,
        "FinishedAt" finished_at: String,
        "LastRestart" last_restart: Option<String>,
        "Paused" paused: String,
        "Restarts" restarts: u64,
        "StartedAt" started_at: String,
        "State" state: String,
    }
    /// Something that happened to a task.
    TaskEvent {
        "Details" details: BTreeMap<String, String>,
        "DisplayMessage" display_message: String,
        "ExitCode" exit_code: i64,
        "FailsTask" fails_task: bool,
        "Message" message: String,
        "Signal" signal: i64,
        "Time" time: i64,
        "Type" kind: String,
    }
    /// An allocation.
    Allocation {
        "AllocModifyIndex" alloc_modify_index: u64,
        "AllocatedResources" allocated_resources: Allocated,
        "ClientDescription" client_description: String,
        "ClientStatus" client_status: String,
        "CreateIndex" create_index: u64,
        "CreateTime" create_time: i64,
        "DeploymentID" deployment_id: String,
        "DeploymentStatus" deployment_status: Option<Health>,
        "DesiredDescription" desired_description: String,
        "DesiredStatus" desired_status: String,
        "DesiredTransition" desired_transition: Transition,
        "EvalID" eval_id: String,
        "FollowupEvalID" followup_eval_id: String,
        "ID" id: String,
        "Job" job: Option<Job>,
        "JobID" job_id: String,
        "ModifyIndex" modify_index: u64,
        "ModifyTime" modify_time: i64,
        "Name" name: String,
        "Namespace" namespace: String,
        "NextAllocation" next_allocation: String,
        "NodeID" node_id: String,
        "NodeName" node_name: String,
        "PreviousAllocation" previous_allocation: String,
        "TaskGroup" task_group: String,
        "TaskStates" task_states: Option<BTreeMap<String, TaskState>>,
    }
    /// What an allocation was given.
    Allocated {
        "Shared" shared: Shared,
        "TaskLifecycles" task_lifecycles: BTreeMap<String, Option<Value>>,
        "Tasks" tasks: BTreeMap<String, AllocatedTask>,
    }
    /// What a task was given.
    AllocatedTask {
        "Cpu" cpu: Cpu,
        "Devices" devices: Option<Vec<Value>>,
        "Memory" memory: Memory,
        "Networks" networks: Option<Vec<Value>>,
    }
    /// CPU of a task.
    Cpu { "CpuShares" cpu_shares: i64, "ReservedCores" reserved_cores: Option<Vec<u16>> }
    /// Memory of a task.
    Memory { "MemoryMB" memory_mb: i64, "MemoryMaxMB" memory_max_mb: i64 }
    /// What tasks of an allocation share.
    Shared {
        "DiskMB" disk_mb: i64,
        "Networks" networks: Option<Vec<Value>>,
        "Ports" ports: Option<Vec<PortMapping>>,
    }
    /// A port.
    PortMapping {
        "HostIP" host_ip: String,
        "HostNetwork" host_network: String,
        "Label" label: String,
        "To" to: i64,
        "Value" value: u16,
    }
}

impl From<&model::Allocation> for AllocStub {
    fn from(alloc: &model::Allocation) -> Self {
        AllocStub {
            id: alloc.id.text(),
            eval_id: alloc.eval_id.text(),
            name: alloc.name.clone(),
            namespace: alloc.namespace.clone(),
            node_id: alloc.node_id.text(),
            node_name: alloc.node_name.clone(),
            job_id: alloc.job_id.clone(),
            job_type: alloc.job.kind.to_string(),
            job_version: alloc.job_version,
            task_group: alloc.task_group.clone(),
            desired_status: alloc.desired_status.as_str().to_owned(),
            desired_description: alloc.desired_description.clone(),
            client_status: alloc.client_status.as_str().to_owned(),
            client_description: alloc.client_description.clone(),
            task_states: task_states(alloc),
            deployment_status: health(alloc),
            followup_eval_id: alloc.follow_up_eval.text(),
            next_allocation: alloc.next_allocation.text(),
            previous_allocation: alloc.previous_allocation.text(),
            create_index: alloc.create_index,
            modify_index: alloc.modify_index,
            create_time: alloc.create_time_ns,
            modify_time: alloc.modify_time_ns,
            ..AllocStub::default()
        }
    }
}

impl From<&model::Allocation> for Allocation {
    fn from(alloc: &model::Allocation) -> Self {
        Allocation {
            id: alloc.id.text(),
            namespace: alloc.namespace.clone(),
            eval_id: alloc.eval_id.text(),
            name: alloc.name.clone(),
            node_id: alloc.node_id.text(),
            node_name: alloc.node_name.clone(),
            job_id: alloc.job_id.clone(),
            job: Some(Job::from(&*alloc.job)),
            task_group: alloc.task_group.clone(),
            allocated_resources: Allocated::from(&alloc.resources),
            desired_status: alloc.desired_status.as_str().to_owned(),
            desired_description: alloc.desired_description.clone(),
            desired_transition: Transition::default(),
            client_status: alloc.client_status.as_str().to_owned(),
            client_description: alloc.client_description.clone(),
            task_states: task_states(alloc),
            deployment_id: alloc.deployment_id.text(),
            deployment_status: health(alloc),
            previous_allocation: alloc.previous_allocation.text(),
            next_allocation: alloc.next_allocation.text(),
            followup_eval_id: alloc.follow_up_eval.text(),
            create_index: alloc.create_index,
            modify_index: alloc.modify_index,
            alloc_modify_index: alloc.alloc_modify_index,
            create_time: alloc.create_time_ns,
            modify_time: alloc.modify_time_ns,
        }
    }
}

impl From<&model::AllocatedResources> for Allocated {
    fn from(resources: &model::AllocatedResources) -> Self {
        let task = |given: &model::resources::TaskResources| AllocatedTask {
            cpu: Cpu { cpu_shares: given.cpu_shares, reserved_cores: None },
            memory: Memory { memory_mb: given.memory_mb, memory_max_mb: given.memory_max_mb },
            ..AllocatedTask::default()
        };
        let port = |port: &model::resources::AllocatedPort| PortMapping {
            label: port.label.clone(),
            value: port.value,
            to: port.to,
            host_ip: port.host_ip.clone(),
            host_network: DEFAULT_PORT_NETWORK.to_owned(),
        };
        Allocated {
            tasks: resources.tasks.iter().map(|(name, given)| (name.clone(), task(given))).collect(),
            task_lifecycles: resources.tasks.keys().map(|name| (name.clone(), None)).collect(),
            shared: Shared {
                disk_mb: resources.disk_mb,
                networks: None,
                ports: (!resources.ports.is_empty()).then(|| resources.ports.iter().map(port).collect()),
            },
        }
    }
}

fn task_states(alloc: &model::Allocation) -> Option<BTreeMap<String, TaskState>> {
    let states = alloc.task_states.iter().map(|(task, state)| (task.clone(), TaskState::from(state)));
    (!alloc.task_states.is_empty()).then(|| states.collect())
}

fn health(alloc: &model::Allocation) -> Option<Health> {
    let status = alloc.deployment_status?;
    // Until something has been said of it, the original shows nothing.
    (status.healthy.is_some() || status.canary).then(|| Health {
        healthy: status.healthy,
        timestamp: rfc3339(status.timestamp_ns),
        canary: status.canary,
        modify_index: status.modify_index,
    })
}

impl From<&model::TaskState> for TaskState {
    fn from(state: &model::TaskState) -> Self {
        let event = |event: &model::TaskEvent| TaskEvent {
            kind: event.kind.clone(),
            time: event.time_ns,
            message: event.message.clone(),
            display_message: event.display_message.clone(),
            details: event.details.clone(),
            fails_task: event.fails_task,
            exit_code: event.exit_code,
            signal: event.signal,
        };
        TaskState {
            state: state.state.as_str().to_owned(),
            failed: state.failed,
            restarts: state.restarts,
            last_restart: rfc3339_or_null(state.last_restart_ns),
            started_at: rfc3339(state.started_at_ns),
            finished_at: rfc3339(state.finished_at_ns),
            paused: String::new(),
            events: state.events.iter().map(event).collect(),
        }
    }
}
