//! The task group object.

use std::collections::BTreeMap;

use model::JobType;
use model::job::canonicalize::DEFAULT_PORT_NETWORK;
use model::job::{
    EphemeralDisk, MigrateStrategy, NetworkAsk, PortAsk, ReschedulePolicy, RestartPolicy, UpdateStrategy,
};

use super::block::{self, Constraint, Migrate, Reschedule, Restart, Service, Update};
use super::{Later, Task};
use crate::shape::shape;
use crate::time::Ns;

shape! {
    /// A task group.
    TaskGroup {
        "Affinities" affinities: Later,
        "Constraints" constraints: Option<Vec<Constraint>>,
        "Consul" consul: Later,
        "Count" count: Option<i64>,
        "Disconnect" disconnect: Later,
        "EphemeralDisk" ephemeral_disk: Option<Disk>,
        "MaxClientDisconnect" max_client_disconnect: Later,
        "MaxRunDuration" max_run_duration: Later,
        "Meta" meta: Option<BTreeMap<String, String>>,
        "Migrate" migrate: Option<Migrate>,
        "Name" name: Option<String>,
        "Networks" networks: Option<Vec<Network>>,
        "PreventRescheduleOnLost" prevent_reschedule_on_lost: Option<bool>,
        "ReschedulePolicy" reschedule_policy: Option<Reschedule>,
        "RestartPolicy" restart_policy: Option<Restart>,
        "Scaling" scaling: Later,
        "Services" services: Option<Vec<Service>>,
        "ShutdownDelay" shutdown_delay: Option<Ns>,
        "Spreads" spreads: Later,
        "StopAfterClientDisconnect" stop_after_client_disconnect: Later,
        "Tasks" tasks: Option<Vec<Task>>,
        "Update" update: Option<Update>,
        "Volumes" volumes: Later,
    }
    /// An ephemeral disk.
    Disk {
        "Migrate" migrate: Option<bool>,
        "SizeMB" size_mb: Option<i64>,
        "Sticky" sticky: Option<bool>,
    }
    /// A network.
    Network {
        "CIDR" cidr: String,
        "CNI" cni: Later,
        "DNS" dns: Later,
        "Device" device: String,
        "DynamicPorts" dynamic_ports: Option<Vec<Port>>,
        "Hostname" hostname: String,
        "IP" ip: String,
        "MBits" mbits: Option<i64>,
        "Mode" mode: String,
        "ReservedPorts" reserved_ports: Option<Vec<Port>>,
    }
    /// A port.
    Port {
        "HostNetwork" host_network: Option<String>,
        "IgnoreCollision" ignore_collision: bool,
        "Label" label: String,
        "To" to: i64,
        "Value" value: u16,
    }
}

impl TaskGroup {
    pub(super) fn into_model(self, kind: &JobType, job_update: &Update) -> model::TaskGroup {
        let service = matches!(kind, JobType::Service);
        let restart_policy =
            self.restart_policy.unwrap_or_default().into_model(&RestartPolicy::default_for(kind));
        let disk = self.ephemeral_disk.unwrap_or_default();
        let default_disk = EphemeralDisk::default_group();
        let rolls = matches!(kind, JobType::Service | JobType::System);
        let tasks = self.tasks.unwrap_or_default().into_iter();
        model::TaskGroup {
            name: self.name.unwrap_or_default(),
            count: self.count.unwrap_or(1),
            update: rolls
                .then(|| -> UpdateStrategy { self.update.unwrap_or_default().into_model(job_update) }),
            migrate: service.then(|| -> MigrateStrategy { self.migrate.unwrap_or_default().into_model() }),
            constraints: block::constraints(self.constraints),
            reschedule_policy: ReschedulePolicy::default_for(kind)
                .map(|default| self.reschedule_policy.unwrap_or_default().into_model(default)),
            tasks: tasks.map(|task| task.into_model(&restart_policy)).collect(),
            restart_policy,
            ephemeral_disk: EphemeralDisk {
                sticky: disk.sticky.unwrap_or(default_disk.sticky),
                size_mb: disk.size_mb.unwrap_or(default_disk.size_mb),
                migrate: disk.migrate.unwrap_or(default_disk.migrate),
            },
            meta: self.meta.unwrap_or_default(),
            networks: self.networks.unwrap_or_default().into_iter().map(Network::into_model).collect(),
            services: self.services.unwrap_or_default().into_iter().map(Service::into_model).collect(),
            shutdown_delay_ns: self.shutdown_delay.map(|ns| ns.0),
        }
    }
}

impl Network {
    fn into_model(self) -> NetworkAsk {
        let ports =
            |ports: Option<Vec<Port>>| ports.unwrap_or_default().into_iter().map(Port::into_model).collect();
        NetworkAsk {
            mode: self.mode,
            device: self.device,
            mbits: self.mbits.unwrap_or(0),
            hostname: self.hostname,
            reserved_ports: ports(self.reserved_ports),
            dynamic_ports: ports(self.dynamic_ports),
        }
    }
}

impl Port {
    fn into_model(self) -> PortAsk {
        let host_network = self
            .host_network
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| DEFAULT_PORT_NETWORK.to_owned());
        PortAsk { label: self.label, value: self.value, to: self.to, host_network }
    }
}

impl From<&model::TaskGroup> for TaskGroup {
    fn from(group: &model::TaskGroup) -> Self {
        let disk = &group.ephemeral_disk;
        let list = |services: &[model::job::Service]| services.iter().map(Service::from).collect();
        TaskGroup {
            name: Some(group.name.clone()),
            count: Some(group.count),
            update: group.update.as_ref().map(Update::from),
            migrate: group.migrate.as_ref().map(Migrate::from),
            constraints: block::constraints_or_null(&group.constraints),
            restart_policy: Some(Restart::from(&group.restart_policy)),
            reschedule_policy: group.reschedule_policy.as_ref().map(Reschedule::from),
            tasks: Some(group.tasks.iter().map(Task::from).collect()),
            ephemeral_disk: Some(Disk {
                sticky: Some(disk.sticky),
                size_mb: Some(disk.size_mb),
                migrate: Some(disk.migrate),
            }),
            meta: (!group.meta.is_empty()).then(|| group.meta.clone()),
            networks: (!group.networks.is_empty())
                .then(|| group.networks.iter().map(Network::from).collect()),
            services: (!group.services.is_empty()).then(|| list(&group.services)),
            shutdown_delay: group.shutdown_delay_ns.map(Ns),
            prevent_reschedule_on_lost: Some(false),
            ..TaskGroup::default()
        }
    }
}

impl From<&NetworkAsk> for Network {
    fn from(ask: &NetworkAsk) -> Self {
        let ports = |ports: &[PortAsk]| (!ports.is_empty()).then(|| ports.iter().map(Port::from).collect());
        Network {
            mode: ask.mode.clone(),
            device: ask.device.clone(),
            hostname: ask.hostname.clone(),
            mbits: Some(ask.mbits),
            reserved_ports: ports(&ask.reserved_ports),
            dynamic_ports: ports(&ask.dynamic_ports),
            ..Network::default()
        }
    }
}

impl From<&PortAsk> for Port {
    fn from(ask: &PortAsk) -> Self {
        let host_network = Some(ask.host_network.clone());
        Port { label: ask.label.clone(), value: ask.value, to: ask.to, host_network, ignore_collision: false }
    }
}
