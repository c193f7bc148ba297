//! Refuses jobs that use a documented block which the cluster cannot honour yet, naming the block.

use model::job::validate::Faults;
use serde_json::Value;

use super::task::default_identity;
use super::{Job, Later, Task, TaskGroup};

/// Faults for every block in use that would be ignored.
pub(super) fn check(job: &Job) -> Result<(), Faults> {
    let mut unsupported = Vec::new();
    let blocks =
        [("affinity", &job.affinities), ("spread", &job.spreads), ("payload", &job.payload), ("ui", &job.ui)];
    collect("job", &blocks, &mut unsupported);
    // These two change what a job is by being there, even when they say nothing.
    for (name, block) in [("periodic", &job.periodic), ("parameterized", &job.parameterized_job)] {
        if block.as_ref().is_some_and(|block| !block.is_null()) {
            unsupported.push(format!("job: the {name} block is not supported yet"));
        }
    }
    if in_use(&job.multiregion) {
        unsupported.push("Multiregion jobs are unlicensed.".to_owned());
    }
    for group in job.task_groups.iter().flatten() {
        check_group(group, &mut unsupported);
    }
    if unsupported.is_empty() { Ok(()) } else { Err(Faults::from_lines(unsupported)) }
}

fn check_group(group: &TaskGroup, unsupported: &mut Vec<String>) {
    let place = format!("group \"{}\"", group.name.as_deref().unwrap_or_default());
    let blocks = [
        ("affinity", &group.affinities),
        ("spread", &group.spreads),
        ("scaling", &group.scaling),
        ("stop_after_client_disconnect", &group.stop_after_client_disconnect),
        ("max_client_disconnect", &group.max_client_disconnect),
        ("max_run_duration", &group.max_run_duration),
        ("disconnect", &group.disconnect),
        ("consul", &group.consul),
        ("volume", &group.volumes),
    ];
    collect(&place, &blocks, unsupported);
    for network in group.networks.iter().flatten() {
        collect(&place, &[("dns", &network.dns), ("cni", &network.cni)], unsupported);
    }
    for service in group.services.iter().flatten() {
        let place = format!("{place} service \"{}\"", service.name);
        let blocks = [
            ("check", &service.checks),
            ("check_restart", &service.check_restart),
            ("connect", &service.connect),
            ("identity", &service.identity),
            ("tagged_addresses", &service.tagged_addresses),
            ("weights", &service.weights),
        ];
        collect(&place, &blocks, unsupported);
    }
    for task in group.tasks.iter().flatten() {
        check_task(&place, task, unsupported);
    }
}

fn check_task(place: &str, task: &Task, unsupported: &mut Vec<String>) {
    let place = format!("{place} task \"{}\"", task.name.as_deref().unwrap_or_default());
    let blocks = [
        ("affinity", &task.affinities),
        ("action", &task.actions),
        ("artifact", &task.artifacts),
        ("consul", &task.consul),
        ("csi_plugin", &task.csi_plugin_config),
        ("dispatch_payload", &task.dispatch_payload),
        ("identity", &task.identities),
        ("scaling", &task.scaling_policies),
        ("schedule", &task.schedule),
        ("secret", &task.secrets),
        ("template", &task.templates),
        ("vault", &task.vault),
        ("volume_mount", &task.volume_mounts),
    ];
    collect(&place, &blocks, unsupported);
    if task.identity.as_ref().is_some_and(|identity| *identity != default_identity())
        && in_use(&task.identity)
    {
        unsupported.push(format!("{place}: the identity block is not supported yet"));
    }
    for service in task.services.iter().flatten() {
        let place = format!("{place} service \"{}\"", service.name);
        collect(&place, &[("check", &service.checks), ("connect", &service.connect)], unsupported);
    }
    if let Some(resources) = &task.resources {
        let blocks = [
            ("resources network", &resources.networks),
            ("device", &resources.devices),
            ("numa", &resources.numa),
        ];
        collect(&place, &blocks, unsupported);
    }
}

fn collect(place: &str, blocks: &[(&str, &Later)], unsupported: &mut Vec<String>) {
    for (name, block) in blocks {
        if in_use(block) {
            unsupported.push(format!("{place}: the {name} block is not supported yet"));
        }
    }
}

/// Clients send empty lists and objects for what they do not use.
fn in_use(block: &Later) -> bool {
    match block {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::Bool(true)) => true,
    }
}
