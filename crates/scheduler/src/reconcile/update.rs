//! Which change of a job leaves a running allocation alone, and which needs another one.
//!
//! An allocation goes over to a new version in place when nothing of what its tasks were started with, or of what
//! they were given on their node, has changed.

use std::collections::BTreeMap;

use model::job::{Connect, Resources, Service};
use model::{Job, Task, TaskGroup};

/// True when allocations of the group have to be stopped and placed anew.
pub fn destructive(old_job: &Job, old: &TaskGroup, new_job: &Job, new: &TaskGroup) -> bool {
    old.tasks.len() != new.tasks.len()
        || old.ephemeral_disk != new.ephemeral_disk
        || old.networks != new.networks
        || old.volumes != new.volumes
        || old.max_run_duration != new.max_run_duration
        || old.consul != new.consul
        || meshed(&old.services) != meshed(&new.services)
        || old.tasks.iter().any(|task| match new.tasks.iter().find(|other| other.name == task.name) {
            Some(other) => task_changed(task, other) || meta(old_job, old, task) != meta(new_job, new, other),
            None => true,
        })
}

fn task_changed(old: &Task, new: &Task) -> bool {
    old.driver != new.driver
        || old.user != new.user
        || old.config != new.config
        || old.env != new.env
        || old.artifacts != new.artifacts
        || old.templates != new.templates
        || old.vault != new.vault
        || old.consul != new.consul
        || old.secrets != new.secrets
        || old.identity != new.identity
        || old.identities != new.identities
        || old.dispatch_payload != new.dispatch_payload
        || old.volume_mounts != new.volume_mounts
        || old.csi_plugin_config != new.csi_plugin_config
        || old.schedule != new.schedule
        || old.lifecycle != new.lifecycle
        || old.kind != new.kind
        || old.log_config.disabled != new.log_config.disabled
        || resources(&old.resources) != resources(&new.resources)
        || old.restart_policy.render_templates != new.restart_policy.render_templates
}

/// What a task is given of its node; what old clients send beside it means nothing.
fn resources(resources: &Resources) -> Resources {
    Resources { iops: 0, disk_mb: 0, ..resources.clone() }
}

/// What a task sees in its environment: the job's metadata, the group's over it, its own over both.
fn meta<'a>(job: &'a Job, group: &'a TaskGroup, task: &'a Task) -> BTreeMap<&'a str, &'a str> {
    let layers = [&job.meta, &group.meta, &task.meta];
    layers.into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// Services whose change reaches into a proxy that runs beside the tasks.
fn meshed(services: &[Service]) -> Vec<(&str, &Option<Connect>)> {
    services
        .iter()
        .filter(|service| service.connect.is_some())
        .map(|service| (service.name.as_str(), &service.connect))
        .collect()
}
