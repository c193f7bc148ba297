//! The task group object.

use model::JobType;
use model::job::canonicalize::DEFAULT_PORT_NETWORK;
use model::job::{
    Affinity, Cni, Constraint, Consul, Disconnect, Dns, EphemeralDisk, MigrateStrategy, NetworkAsk, PortAsk,
    ReschedulePolicy, RestartPolicy, ScalingPolicy, Service, Spread, UpdateStrategy, VolumeRequest,
};
use model::wire::{Dict, List, Map};

use super::Task;
use super::block::{Migrate, Reschedule, Restart, Update};
use crate::shape::shape;
use crate::time::Ns;

shape! {
    /// A task group.
    TaskGroup {
        "Affinities" affinities: List<Affinity>,
        "Constraints" constraints: List<Constraint>,
        "Consul" consul: Option<Consul>,
        "Count" count: Option<i64>,
        "Disconnect" disconnect: Option<Disconnect>,
        "EphemeralDisk" ephemeral_disk: Option<Disk>,
        "MaxClientDisconnect" max_client_disconnect: Option<Ns>,
        "MaxRunDuration" max_run_duration: Option<Ns>,
        "Meta" meta: Dict,
        "Migrate" migrate: Option<Migrate>,
        "Name" name: Option<String>,
        "Networks" networks: List<Network>,
        "PreventRescheduleOnLost" prevent_reschedule_on_lost: Option<bool>,
        "ReschedulePolicy" reschedule_policy: Option<Reschedule>,
        "RestartPolicy" restart_policy: Option<Restart>,
        "Scaling" scaling: Option<ScalingPolicy>,
        "Services" services: List<Service>,
        "ShutdownDelay" shutdown_delay: Option<Ns>,
        "Spreads" spreads: List<Spread>,
        "StopAfterClientDisconnect" stop_after_client_disconnect: Option<Ns>,
        "Tasks" tasks: Option<Vec<Task>>,
        "Update" update: Option<Update>,
        "Volumes" volumes: Map<VolumeRequest>,
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
        "CNI" cni: Option<Cni>,
        "DNS" dns: Option<Dns>,
        "Device" device: String,
        "DynamicPorts" dynamic_ports: List<Port>,
        "Hostname" hostname: String,
        "IP" ip: String,
        "MBits" mbits: Option<i64>,
        "Mode" mode: String,
        "ReservedPorts" reserved_ports: List<Port>,
    }
    /// A port.
    Port {
        "HostNetwork" host_network: Option<String>,
        "IgnoreCollision" ignore_collision: bool,
        "Label" label: String,
        "To" to: i64,
        "Value" value: i64,
    }
}

impl TaskGroup {
    pub(super) fn into_model(self, kind: &JobType, job_update: Option<&Update>) -> model::TaskGroup {
        let service = matches!(kind, JobType::Service);
        let restart_policy =
            self.restart_policy.unwrap_or_default().into_model(&RestartPolicy::default_for(kind));
        let disk = self.ephemeral_disk.unwrap_or_default();
        let default_disk = EphemeralDisk::default_group();
        let rolls = matches!(kind, JobType::Service | JobType::System);
        let tasks = self.tasks.unwrap_or_default().into_iter();
        model::TaskGroup {
            name: self.name.unwrap_or_default(),
            count: self.count.unwrap_or_else(|| least_of(self.scaling.as_ref())),
            // What a type of job does not know is kept where it was given, for validation to name.
            update: (rolls || self.update.is_some() || job_update.is_some_and(|update| !update.is_empty()))
                .then(|| -> UpdateStrategy {
                    let job_update = job_update.cloned().unwrap_or_default();
                    self.update.unwrap_or_default().into_model(&job_update)
                }),
            migrate: (service || self.migrate.is_some())
                .then(|| -> MigrateStrategy { self.migrate.unwrap_or_default().into_model() }),
            constraints: self.constraints,
            affinities: self.affinities,
            spreads: self.spreads,
            reschedule_policy: match (ReschedulePolicy::default_for(kind), self.reschedule_policy) {
                (None, None) => None,
                (default, given) => Some(given.unwrap_or_default().into_model(default.unwrap_or_default())),
            },
            tasks: tasks.map(|task| task.into_model(&restart_policy)).collect(),
            restart_policy,
            ephemeral_disk: EphemeralDisk {
                sticky: disk.sticky.unwrap_or(default_disk.sticky),
                size_mb: disk.size_mb.unwrap_or(default_disk.size_mb),
                migrate: disk.migrate.unwrap_or(default_disk.migrate),
            },
            meta: self.meta.0,
            networks: self.networks.0.into_iter().map(Network::into_model).collect(),
            services: self.services,
            scaling: self.scaling,
            volumes: self.volumes,
            consul: self.consul,
            disconnect: self.disconnect,
            max_client_disconnect: self.max_client_disconnect,
            stop_after_client_disconnect: self.stop_after_client_disconnect,
            prevent_reschedule_on_lost: self.prevent_reschedule_on_lost.unwrap_or(false),
            max_run_duration: self.max_run_duration,
            shutdown_delay_ns: self.shutdown_delay.map(|ns| ns.0),
        }
    }
}

/// A group that says nothing of its count has one allocation, or as many as its scaling policy asks for.
fn least_of(scaling: Option<&ScalingPolicy>) -> i64 {
    scaling.and_then(|policy| policy.min).unwrap_or(1)
}

impl Network {
    pub(super) fn into_model(self) -> NetworkAsk {
        let ports = |ports: List<Port>| ports.0.into_iter().map(Port::into_model).collect();
        NetworkAsk {
            mode: self.mode,
            device: self.device,
            cidr: self.cidr,
            ip: self.ip,
            dns: self.dns,
            cni: self.cni,
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
        let ignore_collision = self.ignore_collision;
        PortAsk { label: self.label, value: self.value, to: self.to, host_network, ignore_collision }
    }
}

impl From<&model::TaskGroup> for TaskGroup {
    fn from(group: &model::TaskGroup) -> Self {
        let disk = &group.ephemeral_disk;
        TaskGroup {
            name: Some(group.name.clone()),
            count: Some(group.count),
            update: group.update.as_ref().map(Update::from),
            migrate: group.migrate.as_ref().map(Migrate::from),
            constraints: group.constraints.clone(),
            affinities: group.affinities.clone(),
            spreads: group.spreads.clone(),
            restart_policy: Some(Restart::from(&group.restart_policy)),
            reschedule_policy: group.reschedule_policy.as_ref().map(Reschedule::from),
            tasks: Some(group.tasks.iter().map(Task::from).collect()),
            ephemeral_disk: Some(Disk {
                sticky: Some(disk.sticky),
                size_mb: Some(disk.size_mb),
                migrate: Some(disk.migrate),
            }),
            meta: group.meta.clone().into(),
            networks: networks(&group.networks),
            services: group.services.clone(),
            scaling: group.scaling.clone(),
            volumes: group.volumes.clone(),
            consul: group.consul.clone(),
            disconnect: group.disconnect.clone(),
            max_client_disconnect: group.max_client_disconnect,
            stop_after_client_disconnect: group.stop_after_client_disconnect,
            prevent_reschedule_on_lost: Some(group.prevent_reschedule_on_lost),
            max_run_duration: group.max_run_duration,
            shutdown_delay: group.shutdown_delay_ns.map(Ns),
        }
    }
}

/// Network asks as answers show them.
pub(super) fn networks(asks: &[NetworkAsk]) -> List<Network> {
    List(asks.iter().map(Network::from).collect())
}

impl From<&NetworkAsk> for Network {
    fn from(ask: &NetworkAsk) -> Self {
        let ports = |ports: &[PortAsk]| List(ports.iter().map(Port::from).collect());
        Network {
            mode: ask.mode.clone(),
            device: ask.device.clone(),
            cidr: ask.cidr.clone(),
            ip: ask.ip.clone(),
            dns: ask.dns.clone(),
            cni: ask.cni.clone(),
            hostname: ask.hostname.clone(),
            mbits: Some(ask.mbits),
            reserved_ports: ports(&ask.reserved_ports),
            dynamic_ports: ports(&ask.dynamic_ports),
        }
    }
}

impl From<&PortAsk> for Port {
    fn from(ask: &PortAsk) -> Self {
        let host_network = Some(ask.host_network.clone());
        let ignore_collision = ask.ignore_collision;
        Port { label: ask.label.clone(), value: ask.value, to: ask.to, host_network, ignore_collision }
    }
}
