//! The task that a service in the Consul mesh brings along: its sidecar, or a gateway.

mod gateway;

use super::connect::SidecarTask;
use super::{
    Constraint, LogConfig, NetworkAsk, PortAsk, Resources, Task, TaskGroup, TaskLifecycle, WorkloadIdentity,
};
use crate::job::canonicalize::{DEFAULT_KILL_TIMEOUT_NS, DEFAULT_PORT_NETWORK, SECOND_NS};
use crate::wire::{Free, Ns};

/// Prefix of the sidecar's task, port and kind.
const PROXY: &str = "connect-proxy";

impl TaskGroup {
    /// Adds the sidecar and its port for every service that has one, unless they are there already.
    pub(super) fn add_sidecars(&mut self) {
        let services: Vec<_> = self
            .services
            .iter()
            .filter_map(|service| {
                let connect = service.connect.as_ref()?;
                let given = &connect.sidecar_service.as_ref()?.port;
                let port = if given.is_empty() { format!("{PROXY}-{}", service.name) } else { given.clone() };
                Some((service.name.clone(), connect.sidecar_task.clone(), port))
            })
            .collect();
        // A sidecar has to share the one network of its group; validation says so where there is none.
        let alone = self.networks.len() == 1;
        for (service, changes, port) in services.into_iter().filter(|_| alone) {
            let kind = format!("{PROXY}:{service}");
            if !self.tasks.iter().any(|task| task.kind == kind) {
                let task = sidecar(&service, changes, self);
                self.tasks.push(task);
            }
            if let Some(network) = self.networks.first_mut() {
                add_port(network, port);
            }
        }
        self.add_gateways();
        let connects = self.services.iter_mut().filter_map(|service| service.connect.as_mut());
        for task in connects.filter_map(|connect| connect.sidecar_task.as_mut()) {
            task.kill_timeout.get_or_insert(Ns(DEFAULT_KILL_TIMEOUT_NS));
            task.shutdown_delay.get_or_insert(Ns(0));
            fill_blocks(task);
        }
    }
}

/// What the stored block shows; the task was made before, from what was given.
fn fill_blocks(task: &mut SidecarTask) {
    let default = LogConfig::default_task();
    let logs = task.log_config.get_or_insert_default();
    logs.max_files.get_or_insert(default.max_files);
    logs.max_file_size_mb.get_or_insert(default.max_file_size_mb);
    let default = Resources::default_task();
    let resources = task.resources.get_or_insert_default();
    resources.cpu.get_or_insert(default.cpu);
    resources.memory_mb.get_or_insert(default.memory_mb);
    let zeroes = [
        &mut resources.cores,
        &mut resources.memory_max_mb,
        &mut resources.disk_mb,
        &mut resources.iops,
        &mut resources.secrets_mb,
    ];
    for figure in zeroes {
        figure.get_or_insert(0);
    }
}

fn add_port(network: &mut NetworkAsk, label: String) {
    if !network.dynamic_ports.iter().any(|port| port.label == label) {
        let host_network = DEFAULT_PORT_NETWORK.to_owned();
        network.dynamic_ports.push(PortAsk { label, to: -1, host_network, ..PortAsk::default() });
    }
}

fn sidecar(service: &str, changes: Option<SidecarTask>, group: &TaskGroup) -> Task {
    let mut task = Task {
        lifecycle: Some(TaskLifecycle { hook: "prestart".into(), sidecar: true }),
        ..envoy(PROXY, service, "${meta.connect.sidecar_image}", group)
    };
    if let Some(changes) = changes {
        apply(&mut task, changes);
    }
    task
}

/// An Envoy of the mesh in the role that `prefix` names.
fn envoy(prefix: &str, service: &str, image: &str, group: &TaskGroup) -> Task {
    let constraint = |l_target: &str, operand: &str, r_target: &str| Constraint {
        l_target: l_target.into(),
        operand: operand.into(),
        r_target: r_target.into(),
    };
    Task {
        name: format!("{prefix}-{service}"),
        kind: format!("{prefix}:{service}"),
        driver: "docker".into(),
        config: default_config(image),
        resources: Resources { cpu: 250, memory_mb: 128, ..Resources::default() },
        log_config: LogConfig { max_files: 2, max_file_size_mb: 2, disabled: false },
        restart_policy: group.restart_policy.clone(),
        shutdown_delay_ns: 5 * SECOND_NS,
        kill_timeout_ns: DEFAULT_KILL_TIMEOUT_NS,
        identity: Some(WorkloadIdentity::default_task()),
        constraints: vec![
            constraint("${attr.consul.version}", "semver", ">= 1.8.0"),
            constraint("${attr.consul.grpc}", ">", "0"),
        ]
        .into(),
        ..Task::default()
    }
}

fn default_config(image: &str) -> Free {
    let args = [
        "-c",
        "${NOMAD_SECRETS_DIR}/envoy_bootstrap.json",
        "-l",
        "${meta.connect.log_level}",
        "--concurrency",
        "${meta.connect.proxy_concurrency}",
        "--disable-hot-restart",
    ];
    let image = ("image".to_owned(), image.into());
    Free([image, ("args".to_owned(), args.to_vec().into())].into())
}

/// A block that is given replaces the sidecar's as a whole, with the defaults of any other task; maps are joined.
fn apply(task: &mut Task, changes: SidecarTask) {
    let text = |given: String, own: &mut String| {
        if !given.is_empty() {
            *own = given;
        }
    };
    text(changes.name, &mut task.name);
    text(changes.driver, &mut task.driver);
    text(changes.user, &mut task.user);
    text(changes.kill_signal, &mut task.kill_signal);
    task.config.extend(changes.config.0);
    task.env.extend(changes.env.0);
    task.meta.extend(changes.meta.0);
    let resources = changes.resources.unwrap_or_default();
    let default = Resources::default_task();
    task.resources = Resources {
        cpu: resources.cpu.unwrap_or(default.cpu),
        cores: resources.cores.unwrap_or(0),
        memory_mb: resources.memory_mb.unwrap_or(default.memory_mb),
        memory_max_mb: resources.memory_max_mb.unwrap_or(0),
        disk_mb: resources.disk_mb.unwrap_or(0),
        iops: resources.iops.unwrap_or(0),
        secrets_mb: resources.secrets_mb.unwrap_or(0),
        devices: resources.devices,
        ..default
    };
    let logs = changes.log_config.unwrap_or_default();
    let default = LogConfig::default_task();
    task.log_config = LogConfig {
        max_files: logs.max_files.unwrap_or(default.max_files),
        max_file_size_mb: logs.max_file_size_mb.unwrap_or(default.max_file_size_mb),
        disabled: logs.disabled,
    };
    task.shutdown_delay_ns = changes.shutdown_delay.unwrap_or_default().0;
    task.kill_timeout_ns = changes.kill_timeout.map_or(DEFAULT_KILL_TIMEOUT_NS, |ns| ns.0);
    // A job that is read and registered again has them already.
    add(&mut task.volume_mounts.0, changes.volume_mounts.0);
    add(&mut task.identities.0, changes.identities.0);
}

fn add<T: PartialEq>(list: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !list.contains(&one) {
            list.push(one);
        }
    }
}
