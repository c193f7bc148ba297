//! What an allocation takes of a node, and whether it fits.

pub mod cores;
pub mod devices;
pub mod fit;
pub mod ports;
pub mod used;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::job::{Task, TaskGroup};

/// What an allocation was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct AllocatedResources {
    /// By task.
    pub tasks: BTreeMap<String, TaskResources>,
    /// Disk that the tasks share, MiB.
    pub disk_mb: i64,
    /// Ports.
    pub ports: Vec<AllocatedPort>,
}

/// What one task was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TaskResources {
    /// CPU, MHz; with reserved cores, what those come to.
    pub cpu_shares: i64,
    /// Memory, MiB.
    pub memory_mb: i64,
    /// Memory it may use while there is some, MiB.
    pub memory_max_mb: i64,
    /// Cores that it has to itself.
    pub cores: Vec<u16>,
    /// Devices that it has to itself.
    pub devices: Vec<AllocatedDevice>,
    /// When it needs its CPU and memory.
    pub span: Span,
}

/// The part of an allocation's life in which a task needs CPU and memory. Tasks that never run at one time do not add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum Span {
    /// While the main tasks run.
    #[default]
    Main,
    /// Before they start.
    Before,
    /// Before, and while they run.
    BeforeAndMain,
    /// After their end.
    After,
}

impl Span {
    fn of_task(task: &Task) -> Self {
        let Some(lifecycle) = &task.lifecycle else { return Span::Main };
        match (lifecycle.hook.as_str(), lifecycle.sidecar) {
            ("prestart", false) => Span::Before,
            ("prestart", true) => Span::BeforeAndMain,
            ("poststop", _) => Span::After,
            _ => Span::Main,
        }
    }
}

/// What the scheduler chose for an allocation, beyond what its group says for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Given {
    /// Ports.
    pub ports: Vec<AllocatedPort>,
    /// Reserved cores by task.
    pub cores: BTreeMap<String, Vec<u16>>,
    /// Devices by task.
    pub devices: BTreeMap<String, Vec<AllocatedDevice>>,
    /// What one core of the chosen node comes to, MHz; 0 where no core is reserved.
    pub core_mhz: i64,
    /// Tasks may use more memory than they reserve: the cluster, or the pool, allowed it when this was placed.
    pub oversubscribed: bool,
}

/// Instances of one device that a task holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct AllocatedDevice {
    /// Who made it.
    pub vendor: String,
    /// What it is, for example `gpu`.
    pub kind: String,
    /// Its model.
    pub name: String,
    /// The instances.
    pub device_ids: Vec<String>,
}

/// A port that an allocation holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct AllocatedPort {
    /// Label in the job file.
    pub label: String,
    /// Number on the node.
    pub value: u16,
    /// Number inside the task's network; 0 for the same.
    pub to: i64,
    /// Address of the node that it is on.
    pub host_ip: String,
    /// Somebody else may hold the same one.
    pub shared: bool,
}

impl AllocatedResources {
    /// What a group asks for, with what was chosen for it.
    pub fn of_group(group: &TaskGroup, given: &Given) -> Self {
        let tasks = group.tasks.iter().map(|task| {
            let resources = &task.resources;
            let cores = given.cores.get(&task.name).cloned().unwrap_or_default();
            let cpu_shares =
                if cores.is_empty() { resources.cpu } else { cores.len() as i64 * given.core_mhz };
            let given = TaskResources {
                cpu_shares,
                memory_mb: resources.memory_mb,
                memory_max_mb: if given.oversubscribed { resources.memory_max_mb } else { 0 },
                cores,
                devices: given.devices.get(&task.name).cloned().unwrap_or_default(),
                span: Span::of_task(task),
            };
            (task.name.clone(), given)
        });
        AllocatedResources {
            tasks: tasks.collect(),
            disk_mb: group.ephemeral_disk.size_mb,
            ports: given.ports.clone(),
        }
    }
}
