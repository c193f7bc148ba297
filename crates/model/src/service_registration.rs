//! A service as a running allocation stands for it: what `GET /v1/service/:name` lists.

use serde::{Deserialize, Serialize};

use crate::id::{AllocId, NodeId};

/// One registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct ServiceRegistration {
    /// Its id: see [`registration_id`].
    pub id: String,
    /// Name of the service.
    pub service_name: String,
    /// Namespace of the job.
    pub namespace: String,
    /// Node that it is on.
    pub node_id: NodeId,
    /// Datacenter of that node.
    pub datacenter: String,
    /// Job that it belongs to.
    pub job_id: String,
    /// Allocation that stands for it.
    pub alloc_id: AllocId,
    /// Tags.
    pub tags: Vec<String>,
    /// Address under which it is reached.
    pub address: String,
    /// Port under which it is reached; 0 without one.
    pub port: i64,
    /// Index of its creation.
    pub create_index: u64,
    /// Index of its last change.
    pub modify_index: u64,
}

/// Id of a registration. `of` is the task, or `group-` and the group's name.
pub fn registration_id(alloc: AllocId, of: &str, service: &str, port_label: &str) -> String {
    format!("_nomad-task-{alloc}-{of}-{service}-{port_label}")
}

impl ServiceRegistration {
    /// True when both say the same, whenever they were written.
    pub fn same(&self, other: &ServiceRegistration) -> bool {
        let plain = |it: &Self| ServiceRegistration { create_index: 0, modify_index: 0, ..it.clone() };
        plain(self) == plain(other)
    }
}
