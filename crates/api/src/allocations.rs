//! The Allocations page.

pub mod legacy;
pub mod task_state;

use std::collections::BTreeMap;

use model::job::Dns;
use model::job::canonicalize::DEFAULT_PORT_NETWORK;
use serde_json::{Value, json};

use crate::evaluations::Metric;
use crate::job::Job;
use crate::shape::shape;
use crate::time::rfc3339;

pub use task_state::{TaskEvent, TaskState};

shape! {
    /// An allocation in a list.
    AllocStub {
        "AllocatedResources" allocated_resources: Option<Allocated> = empty,
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
        "RescheduleTracker" reschedule_tracker: Option<Tracker>,
        "TaskGroup" task_group: String,
        "TaskStates" task_states: Option<BTreeMap<String, TaskState>>,
    }
    /// The failures that an allocation stands at the end of.
    Tracker { "Events" events: Vec<Rescheduled>, "LastReschedule" last_reschedule: String }
    /// One of them.
    Rescheduled {
        "Delay" delay: i64,
        "PrevAllocID" prev_alloc_id: String,
        "PrevNodeID" prev_node_id: String,
        "RescheduleTime" reschedule_time: i64,
    }
    /// A change of a status that the servers made themselves.
    StatusChange { "Field" field: String, "Time" time: String, "Value" value: String }
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
    /// An allocation. What says nothing is left out.
    Allocation {
        "AllocModifyIndex" alloc_modify_index: u64 = empty,
        "AllocStates" alloc_states: Option<Vec<StatusChange>> = empty,
        "AllocatedResources" allocated_resources: Allocated,
        "ClientDescription" client_description: String = empty,
        "ClientStatus" client_status: String = empty,
        "CreateIndex" create_index: u64 = empty,
        "CreateTime" create_time: i64 = empty,
        "DeploymentID" deployment_id: String = empty,
        "DeploymentStatus" deployment_status: Option<Health> = empty,
        "DesiredDescription" desired_description: String = empty,
        "DesiredStatus" desired_status: String = empty,
        "DesiredTransition" desired_transition: Option<Transition> = empty,
        "EvalID" eval_id: String = empty,
        "FollowupEvalID" followup_eval_id: String = empty,
        "ID" id: String = empty,
        "Job" job: Option<Job> = empty,
        "JobID" job_id: String = empty,
        "Metrics" metrics: Option<Metric> = empty,
        "ModifyIndex" modify_index: u64 = empty,
        "ModifyTime" modify_time: i64 = empty,
        "Name" name: String = empty,
        "Namespace" namespace: String = empty,
        "NetworkStatus" network_status: Option<NetworkStatus> = empty,
        "NextAllocation" next_allocation: String = empty,
        "NodeID" node_id: String = empty,
        "NodeName" node_name: String = empty,
        "PreemptedAllocations" preempted_allocations: Option<Vec<String>> = empty,
        "PreemptedByAllocation" preempted_by_allocation: String = empty,
        "PreviousAllocation" previous_allocation: String = empty,
        "RescheduleTracker" reschedule_tracker: Option<Tracker> = empty,
        "Resources" resources: Option<legacy::Resources> = empty,
        "SharedResources" shared_resources: Option<legacy::Resources> = empty,
        "SigningKeyID" signing_key_id: String = empty,
        "TaskGroup" task_group: String = empty,
        "TaskResources" task_resources: BTreeMap<String, legacy::Resources> = empty,
        "TaskStates" task_states: Option<BTreeMap<String, TaskState>> = empty,
    }
    /// The network of an allocation that its tasks share; in the host's network there is none of its own.
    NetworkStatus {
        "Address" address: String,
        "AddressIPv6" address_ipv6: String,
        "DNS" dns: Option<Value> as Option<Dns>,
        "InterfaceName" interface_name: String,
    }
    /// What an allocation was given.
    Allocated {
        "Shared" shared: Shared,
        "TaskLifecycles" task_lifecycles: BTreeMap<String, Option<Value>> as BTreeMap<String, Option<Lifecycle>>,
        "Tasks" tasks: BTreeMap<String, AllocatedTask>,
    }
    /// What a task was given.
    AllocatedTask {
        "Cpu" cpu: Cpu,
        "Devices" devices: Option<Vec<Value>> as Option<Vec<AllocatedDevice>>,
        "Memory" memory: Memory,
        "Networks" networks: Option<Vec<Value>> as Option<Vec<legacy::Network>>,
    }
    /// Devices of one kind.
    AllocatedDevice {
        "DeviceIDs" device_ids: Vec<String>,
        "Name" name: String,
        "Type" kind: String,
        "Vendor" vendor: String,
    }
    /// When a task runs that is not a main one.
    Lifecycle { "Hook" hook: String, "Sidecar" sidecar: bool }
    /// CPU of a task.
    Cpu { "CpuShares" cpu_shares: i64, "ReservedCores" reserved_cores: Option<Vec<u16>> }
    /// Memory of a task.
    Memory { "MemoryMB" memory_mb: i64, "MemoryMaxMB" memory_max_mb: i64 }
    /// What tasks of an allocation share.
    Shared {
        "DiskMB" disk_mb: i64,
        "Networks" networks: Option<Vec<Value>> as Option<Vec<legacy::Network>>,
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
            desired_transition: Transition::from(&alloc.desired_transition),
            client_status: alloc.client_status.as_str().to_owned(),
            client_description: alloc.client_description.clone(),
            task_states: task_states(alloc),
            deployment_status: health(alloc),
            followup_eval_id: alloc.follow_up_eval.text(),
            next_allocation: alloc.next_allocation.text(),
            previous_allocation: alloc.previous_allocation.text(),
            preempted_allocations: preempted(alloc),
            preempted_by_allocation: alloc.preempted_by.text(),
            reschedule_tracker: tracker(alloc),
            create_index: alloc.create_index,
            modify_index: alloc.modify_index,
            create_time: alloc.create_time_ns,
            modify_time: alloc.modify_time_ns,
            ..AllocStub::default()
        }
    }
}

impl AllocStub {
    /// The stub as a list shows it that was asked for what allocations were given, or not for the states of tasks.
    pub fn new(alloc: &model::Allocation, resources: bool, states: bool) -> Self {
        let mut stub = AllocStub::from(alloc);
        stub.allocated_resources = resources.then(|| Allocated::from(alloc));
        if !states {
            stub.task_states = None;
        }
        stub
    }
}

impl From<&model::Allocation> for Allocation {
    fn from(alloc: &model::Allocation) -> Self {
        Allocation { job: Some(Job::from(&*alloc.job)), ..Allocation::without_job(alloc) }
    }
}

impl Allocation {
    /// The allocation without its job, which is most of it.
    pub fn without_job(alloc: &model::Allocation) -> Self {
        Allocation {
            id: alloc.id.text(),
            namespace: alloc.namespace.clone(),
            eval_id: alloc.eval_id.text(),
            name: alloc.name.clone(),
            node_id: alloc.node_id.text(),
            node_name: alloc.node_name.clone(),
            job_id: alloc.job_id.clone(),
            job: None,
            task_group: alloc.task_group.clone(),
            allocated_resources: Allocated::from(alloc),
            resources: Some(legacy::of_alloc(alloc)),
            shared_resources: Some(legacy::shared(alloc)),
            task_resources: legacy::by_task(alloc),
            network_status: (!alloc.task_states.is_empty()).then(NetworkStatus::default),
            desired_status: alloc.desired_status.as_str().to_owned(),
            desired_description: alloc.desired_description.clone(),
            desired_transition: Some(Transition::from(&alloc.desired_transition))
                .filter(|transition| *transition != Transition::default()),
            client_status: alloc.client_status.as_str().to_owned(),
            client_description: alloc.client_description.clone(),
            task_states: task_states(alloc),
            deployment_id: alloc.deployment_id.text(),
            deployment_status: health(alloc),
            previous_allocation: alloc.previous_allocation.text(),
            next_allocation: alloc.next_allocation.text(),
            followup_eval_id: alloc.follow_up_eval.text(),
            preempted_allocations: preempted(alloc),
            preempted_by_allocation: alloc.preempted_by.text(),
            reschedule_tracker: tracker(alloc),
            alloc_states: status_changes(alloc),
            create_index: alloc.create_index,
            modify_index: alloc.modify_index,
            alloc_modify_index: alloc.alloc_modify_index,
            create_time: alloc.create_time_ns,
            modify_time: alloc.modify_time_ns,
            ..Allocation::default()
        }
    }
}

impl From<&model::alloc::DesiredTransition> for Transition {
    fn from(transition: &model::alloc::DesiredTransition) -> Self {
        Transition {
            force_reschedule: transition.force_reschedule,
            migrate: transition.migrate,
            migrate_disable_placement: transition.migrate_disable_placement,
            no_shutdown_delay: transition.no_shutdown_delay,
            reschedule: transition.reschedule,
        }
    }
}

impl From<&model::Allocation> for Allocated {
    fn from(alloc: &model::Allocation) -> Self {
        let resources = &alloc.resources;
        let device = |device: &model::resources::AllocatedDevice| {
            json!({
                "Vendor": device.vendor, "Type": device.kind, "Name": device.name,
                "DeviceIDs": device.device_ids,
            })
        };
        let task = |given: &model::resources::TaskResources| AllocatedTask {
            cpu: Cpu {
                cpu_shares: given.cpu_shares,
                reserved_cores: (!given.cores.is_empty()).then(|| given.cores.clone()),
            },
            devices: (!given.devices.is_empty()).then(|| given.devices.iter().map(device).collect()),
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
        let tasks = alloc.group().map(|group| group.tasks.as_slice()).unwrap_or_default();
        let lifecycle = |name: &String| {
            let lifecycle = tasks.iter().find(|task| task.name == *name)?.lifecycle.as_ref()?;
            Some(json!({ "Hook": lifecycle.hook, "Sidecar": lifecycle.sidecar }))
        };
        Allocated {
            tasks: resources.tasks.iter().map(|(name, given)| (name.clone(), task(given))).collect(),
            task_lifecycles: resources.tasks.keys().map(|name| (name.clone(), lifecycle(name))).collect(),
            shared: Shared {
                disk_mb: resources.disk_mb,
                networks: legacy::networks(alloc),
                ports: (!resources.ports.is_empty()).then(|| resources.ports.iter().map(port).collect()),
            },
        }
    }
}

fn task_states(alloc: &model::Allocation) -> Option<BTreeMap<String, TaskState>> {
    let states = alloc.task_states.iter().map(|(task, state)| (task.clone(), TaskState::from(state)));
    (!alloc.task_states.is_empty()).then(|| states.collect())
}

fn preempted(alloc: &model::Allocation) -> Option<Vec<String>> {
    let ids = &alloc.preempted_allocations;
    (!ids.is_empty()).then(|| ids.iter().map(|id| id.text()).collect())
}

fn tracker(alloc: &model::Allocation) -> Option<Tracker> {
    let event = |event: &model::alloc::RescheduleEvent| Rescheduled {
        delay: event.delay_ns,
        prev_alloc_id: event.previous_alloc.text(),
        prev_node_id: event.previous_node.text(),
        reschedule_time: event.time_ns,
    };
    let events = &alloc.reschedule_events;
    (!events.is_empty())
        .then(|| Tracker { events: events.iter().map(event).collect(), last_reschedule: "ok".to_owned() })
}

fn status_changes(alloc: &model::Allocation) -> Option<Vec<StatusChange>> {
    let change = |change: &model::alloc::StatusChange| StatusChange {
        field: "ClientStatus".to_owned(),
        value: change.status.as_str().to_owned(),
        time: rfc3339(change.time_ns),
    };
    let changes = &alloc.status_changes;
    (!changes.is_empty()).then(|| changes.iter().map(change).collect())
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
