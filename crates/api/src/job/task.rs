//! The task object.

use std::collections::BTreeMap;

use model::job::canonicalize::DEFAULT_KILL_TIMEOUT_NS;
use model::job::{LogConfig, Resources, RestartPolicy, TaskLifecycle};
use serde_json::{Value, json};

use super::Later;
use super::block::{self, Constraint, Restart, Service};
use crate::shape::shape;
use crate::time::Ns;

shape! {
    /// A task.
    Task {
        "Actions" actions: Later,
        "Affinities" affinities: Later,
        "Artifacts" artifacts: Later,
        "CSIPluginConfig" csi_plugin_config: Later,
        "Config" config: Option<BTreeMap<String, Value>>,
        "Constraints" constraints: Option<Vec<Constraint>>,
        "Consul" consul: Later,
        "DispatchPayload" dispatch_payload: Later,
        "Driver" driver: Option<String>,
        "Env" env: Option<BTreeMap<String, String>>,
        "Identities" identities: Later,
        "Identity" identity: Later,
        "KillSignal" kill_signal: Option<String>,
        "KillTimeout" kill_timeout: Option<Ns>,
        "Kind" kind: Option<String>,
        "Leader" leader: Option<bool>,
        "Lifecycle" lifecycle: Option<Lifecycle>,
        "LogConfig" log_config: Option<Logs>,
        "Meta" meta: Option<BTreeMap<String, String>>,
        "Name" name: Option<String>,
        "Resources" resources: Option<TaskResources>,
        "RestartPolicy" restart_policy: Option<Restart>,
        "ScalingPolicies" scaling_policies: Later,
        "Schedule" schedule: Later,
        "Secrets" secrets: Later,
        "Services" services: Option<Vec<Service>>,
        "ShutdownDelay" shutdown_delay: Option<Ns>,
        "Templates" templates: Later,
        "User" user: Option<String>,
        "Vault" vault: Later,
        "VolumeMounts" volume_mounts: Later,
    }
    /// A lifecycle block.
    Lifecycle { "Hook" hook: String, "Sidecar" sidecar: bool }
    /// Resources of a task.
    TaskResources {
        "CPU" cpu: Option<i64>,
        "Cores" cores: Option<i64>,
        "Devices" devices: Later,
        "DiskMB" disk_mb: Option<i64>,
        "IOPS" iops: Option<i64>,
        "MemoryMB" memory_mb: Option<i64>,
        "MemoryMaxMB" memory_max_mb: Option<i64>,
        "NUMA" numa: Later,
        "Networks" networks: Later,
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
        let services = self.services.unwrap_or_default();
        model::Task {
            name: self.name.unwrap_or_default(),
            driver: self.driver.unwrap_or_default(),
            user: self.user.unwrap_or_default(),
            config: self.config.unwrap_or_default(),
            env: self.env.unwrap_or_default(),
            services: services.into_iter().map(Service::into_model).collect(),
            constraints: block::constraints(self.constraints),
            resources: self.resources.unwrap_or_default().into_model(),
            restart_policy: self.restart_policy.unwrap_or_default().into_model(group_restart),
            lifecycle: self.lifecycle.map(|own| TaskLifecycle { hook: own.hook, sidecar: own.sidecar }),
            meta: self.meta.unwrap_or_default(),
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
        }
    }
}

impl TaskResources {
    fn into_model(self) -> Resources {
        let default = Resources::default_task();
        Resources {
            cpu: self.cpu.unwrap_or(default.cpu),
            cores: self.cores.unwrap_or(0),
            memory_mb: self.memory_mb.unwrap_or(default.memory_mb),
            memory_max_mb: self.memory_max_mb.unwrap_or(0),
            disk_mb: self.disk_mb.unwrap_or(0),
            iops: self.iops.unwrap_or(0),
        }
    }
}

impl From<&model::Task> for Task {
    fn from(task: &model::Task) -> Self {
        let resources = &task.resources;
        let map = |map: &BTreeMap<String, String>| (!map.is_empty()).then(|| map.clone());
        let services = || task.services.iter().map(Service::from).collect();
        Task {
            name: Some(task.name.clone()),
            driver: Some(task.driver.clone()),
            user: Some(task.user.clone()),
            lifecycle: task
                .lifecycle
                .as_ref()
                .map(|own| Lifecycle { hook: own.hook.clone(), sidecar: own.sidecar }),
            config: (!task.config.is_empty()).then(|| task.config.clone()),
            env: map(&task.env),
            services: (!task.services.is_empty()).then(services),
            constraints: block::constraints_or_null(&task.constraints),
            resources: Some(TaskResources {
                cpu: Some(resources.cpu),
                cores: Some(resources.cores),
                memory_mb: Some(resources.memory_mb),
                memory_max_mb: Some(resources.memory_max_mb),
                disk_mb: Some(resources.disk_mb),
                iops: Some(resources.iops),
                secrets_mb: Some(0),
                ..TaskResources::default()
            }),
            restart_policy: Some(Restart::from(&task.restart_policy)),
            meta: map(&task.meta),
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
            identity: Some(default_identity()),
            ..Task::default()
        }
    }
}

/// The identity that every task has.
pub(super) fn default_identity() -> Value {
    json!({
        "Name": "default", "Audience": ["nomadproject.io"], "ChangeMode": "", "ChangeSignal": "", "Env": false,
        "ExtraClaims": null, "File": false, "Filepath": "", "ServiceName": "", "TTL": 0,
    })
}
