//! The task object.

use model::job::canonicalize::DEFAULT_KILL_TIMEOUT_NS;
use model::job::{
    Action, Affinity, Artifact, Constraint, Consul, CsiPluginConfig, DispatchPayload, LogConfig, Numa,
    RequestedDevice, Resources, RestartPolicy, ScalingPolicy, Schedule, Secret, Service, TaskLifecycle,
    Template, Vault, VolumeMount, WorkloadIdentity,
};
use model::wire::{Dict, Free, List};

use super::block::Restart;
use super::group::{self, Network};
use crate::shape::shape;
use crate::time::Ns;

shape! {
    /// A task.
    Task {
        "Actions" actions: List<Action>,
        "Affinities" affinities: List<Affinity>,
        "Artifacts" artifacts: List<Artifact>,
        "CSIPluginConfig" csi_plugin_config: Option<CsiPluginConfig>,
        "Config" config: Free,
        "Constraints" constraints: List<Constraint>,
        "Consul" consul: Option<Consul>,
        "DispatchPayload" dispatch_payload: Option<DispatchPayload>,
        "Driver" driver: Option<String>,
        "Env" env: Dict,
        "Identities" identities: List<WorkloadIdentity>,
        "Identity" identity: Option<WorkloadIdentity>,
        "KillSignal" kill_signal: Option<String>,
        "KillTimeout" kill_timeout: Option<Ns>,
        "Kind" kind: Option<String>,
        "Leader" leader: Option<bool>,
        "Lifecycle" lifecycle: Option<Lifecycle>,
        "LogConfig" log_config: Option<Logs>,
        "Meta" meta: Dict,
        "Name" name: Option<String>,
        "Resources" resources: Option<TaskResources>,
        "RestartPolicy" restart_policy: Option<Restart>,
        "ScalingPolicies" scaling_policies: List<ScalingPolicy>,
        "Schedule" schedule: Option<Schedule>,
        "Secrets" secrets: List<Secret>,
        "Services" services: List<Service>,
        "ShutdownDelay" shutdown_delay: Option<Ns>,
        "Templates" templates: List<Template>,
        "User" user: Option<String>,
        "Vault" vault: Option<Vault>,
        "VolumeMounts" volume_mounts: List<VolumeMount>,
    }
    /// A lifecycle block.
    Lifecycle { "Hook" hook: String, "Sidecar" sidecar: bool }
    /// Resources of a task.
    TaskResources {
        "CPU" cpu: Option<i64>,
        "Cores" cores: Option<i64>,
        "Devices" devices: List<RequestedDevice>,
        "DiskMB" disk_mb: Option<i64>,
        "IOPS" iops: Option<i64>,
        "MemoryMB" memory_mb: Option<i64>,
        "MemoryMaxMB" memory_max_mb: Option<i64>,
        "NUMA" numa: Option<Numa>,
        "Networks" networks: List<Network>,
        "SecretsMB" secrets_mb: Option<i64>,
    }
    /// A logs block.
    Logs {
        "Disabled" disabled: Option<bool>,
        "MaxFileSizeMB" max_file_size_mb: Option<i64>,
        "MaxFiles" max_files: Option<i64>,
    }
}

impl Task {
    pub(super) fn into_model(self, group_restart: &RestartPolicy) -> model::Task {
        let logs = self.log_config.unwrap_or_default();
        let default_logs = LogConfig::default_task();
        model::Task {
            name: self.name.unwrap_or_default(),
            driver: self.driver.unwrap_or_default(),
            user: self.user.unwrap_or_default(),
            config: self.config,
            env: self.env.0,
            services: self.services,
            constraints: self.constraints,
            affinities: self.affinities,
            resources: self.resources.unwrap_or_default().into_model(),
            restart_policy: self.restart_policy.unwrap_or_default().into_model(group_restart),
            lifecycle: self.lifecycle.map(|own| TaskLifecycle { hook: own.hook, sidecar: own.sidecar }),
            meta: self.meta.0,
            kill_timeout_ns: self.kill_timeout.map_or(DEFAULT_KILL_TIMEOUT_NS, |ns| ns.0),
            kill_signal: self.kill_signal.unwrap_or_default(),
            log_config: LogConfig {
                max_files: logs.max_files.unwrap_or(default_logs.max_files),
                max_file_size_mb: logs.max_file_size_mb.unwrap_or(default_logs.max_file_size_mb),
                disabled: logs.disabled.unwrap_or(default_logs.disabled),
            },
            shutdown_delay_ns: self.shutdown_delay.map_or(0, |ns| ns.0),
            leader: self.leader.unwrap_or(false),
            kind: self.kind.unwrap_or_default(),
            actions: self.actions,
            artifacts: self.artifacts,
            templates: self.templates,
            consul: self.consul,
            vault: self.vault,
            secrets: self.secrets,
            identity: self.identity,
            identities: self.identities,
            dispatch_payload: self.dispatch_payload,
            csi_plugin_config: self.csi_plugin_config,
            volume_mounts: self.volume_mounts,
            scaling_policies: self.scaling_policies,
            schedule: self.schedule,
        }
    }
}

impl TaskResources {
    fn into_model(self) -> Resources {
        let default = Resources::default_task();
        Resources {
            // Whole cores are asked for instead of a share.
            cpu: self.cpu.unwrap_or(if self.cores.unwrap_or(0) > 0 { 0 } else { default.cpu }),
            cores: self.cores.unwrap_or(0),
            memory_mb: self.memory_mb.unwrap_or(default.memory_mb),
            memory_max_mb: self.memory_max_mb.unwrap_or(0),
            disk_mb: self.disk_mb.unwrap_or(0),
            iops: self.iops.unwrap_or(0),
            secrets_mb: self.secrets_mb.unwrap_or(0),
            devices: self.devices,
            numa: self.numa,
            networks: self.networks.0.into_iter().map(Network::into_model).collect(),
        }
    }
}

impl From<&model::Task> for Task {
    fn from(task: &model::Task) -> Self {
        let resources = &task.resources;
        Task {
            name: Some(task.name.clone()),
            driver: Some(task.driver.clone()),
            user: Some(task.user.clone()),
            lifecycle: task
                .lifecycle
                .as_ref()
                .map(|own| Lifecycle { hook: own.hook.clone(), sidecar: own.sidecar }),
            config: task.config.clone(),
            env: task.env.clone().into(),
            services: task.services.clone(),
            constraints: task.constraints.clone(),
            affinities: task.affinities.clone(),
            resources: Some(TaskResources {
                cpu: Some(resources.cpu),
                cores: Some(resources.cores),
                memory_mb: Some(resources.memory_mb),
                memory_max_mb: Some(resources.memory_max_mb),
                disk_mb: Some(resources.disk_mb),
                iops: Some(resources.iops),
                secrets_mb: Some(resources.secrets_mb),
                devices: resources.devices.clone(),
                numa: resources.numa.clone(),
                networks: group::networks(&resources.networks),
            }),
            restart_policy: Some(Restart::from(&task.restart_policy)),
            meta: task.meta.clone().into(),
            kill_timeout: Some(Ns(task.kill_timeout_ns)),
            kill_signal: Some(task.kill_signal.clone()),
            log_config: Some(Logs {
                max_files: Some(task.log_config.max_files),
                max_file_size_mb: Some(task.log_config.max_file_size_mb),
                disabled: Some(task.log_config.disabled),
            }),
            leader: Some(task.leader),
            shutdown_delay: Some(Ns(task.shutdown_delay_ns)),
            kind: Some(task.kind.clone()),
            actions: task.actions.clone(),
            artifacts: task.artifacts.clone(),
            templates: task.templates.clone(),
            consul: task.consul.clone(),
            vault: task.vault.clone(),
            secrets: task.secrets.clone(),
            identity: task.identity.clone(),
            identities: task.identities.clone(),
            dispatch_payload: task.dispatch_payload.clone(),
            csi_plugin_config: task.csi_plugin_config.clone(),
            volume_mounts: task.volume_mounts.clone(),
            scaling_policies: task.scaling_policies.clone(),
            schedule: task.schedule.clone(),
        }
    }
}
