//! Allocations: the list, and the status of one with its tasks.

mod task;

pub use task::{Usage, section};

use crate::output;
use api::allocations::{AllocStub, Allocation};

/// The table of allocations, the newest first.
pub fn list(allocs: &[AllocStub], verbose: bool, now_ns: i64) -> String {
    if allocs.is_empty() {
        return "No allocations placed".to_owned();
    }
    let mut allocs: Vec<&AllocStub> = allocs.iter().collect();
    allocs.sort_by_key(|alloc| std::cmp::Reverse(alloc.create_index));
    let heading: &[&str] = if verbose {
        &[
            "ID",
            "Eval ID",
            "Node ID",
            "Node Name",
            "Task Group",
            "Version",
            "Desired",
            "Status",
            "Created",
            "Modified",
        ]
    } else {
        &["ID", "Node ID", "Task Group", "Version", "Desired", "Status", "Created", "Modified"]
    };
    let mut rows: Vec<Vec<String>> = vec![heading.iter().map(|name| (*name).to_owned()).collect()];
    for alloc in allocs {
        let id = |id: &str| output::id(id, verbose).to_owned();
        let mut row = vec![id(&alloc.id)];
        if verbose {
            row.push(id(&alloc.eval_id));
        }
        row.push(id(&alloc.node_id));
        if verbose {
            row.push(alloc.node_name.clone());
        }
        row.extend([
            alloc.task_group.clone(),
            alloc.job_version.to_string(),
            alloc.desired_status.clone(),
            alloc.client_status.clone(),
            output::timestamp(alloc.create_time, now_ns, verbose),
            output::timestamp(alloc.modify_time, now_ns, verbose),
        ]);
        rows.push(row);
    }
    output::list(&rows)
}

/// The block about an allocation itself.
pub fn block(alloc: &Allocation, verbose: bool, now_ns: i64) -> String {
    let id = |id: &str| output::id(id, verbose).to_owned();
    let time = |ns: i64| output::timestamp(ns, now_ns, verbose);
    let version = alloc.job.as_ref().and_then(|job| job.version).unwrap_or(0);
    let mut pairs = vec![
        ("ID", alloc.id.clone()),
        ("Eval ID", id(&alloc.eval_id)),
        ("Name", alloc.name.clone()),
        ("Node ID", id(&alloc.node_id)),
        ("Node Name", alloc.node_name.clone()),
        ("Job ID", alloc.job_id.clone()),
        ("Job Version", version.to_string()),
        ("Client Status", alloc.client_status.clone()),
        ("Client Description", alloc.client_description.clone()),
        ("Desired Status", alloc.desired_status.clone()),
        ("Desired Description", alloc.desired_description.clone()),
        ("Created", time(alloc.create_time)),
        ("Modified", time(alloc.modify_time)),
    ];
    if !alloc.deployment_id.is_empty() {
        let status = alloc.deployment_status.as_ref();
        let health = match status.and_then(|status| status.healthy) {
            Some(true) => "healthy",
            Some(false) => "unhealthy",
            None => "unset",
        };
        pairs.push(("Deployment ID", id(&alloc.deployment_id)));
        pairs.push(("Deployment Health", health.to_owned()));
        if status.is_some_and(|status| status.canary) {
            pairs.push(("Canary", "true".to_owned()));
        }
    }
    if !alloc.next_allocation.is_empty() {
        pairs.push(("Replacement Alloc ID", id(&alloc.next_allocation)));
    }
    if !alloc.followup_eval_id.is_empty() {
        pairs.push(("Follow Up Eval ID", id(&alloc.followup_eval_id)));
    }
    if let Some(metric) = alloc.metrics.as_ref().filter(|_| verbose) {
        pairs.extend([
            ("Evaluated Nodes", metric.nodes_evaluated.to_string()),
            ("Filtered Nodes", metric.nodes_filtered.to_string()),
            ("Exhausted Nodes", metric.nodes_exhausted.to_string()),
            ("Allocation Time", model::go_duration::format(metric.allocation_time)),
            ("Failures", metric.coalesced_failures.to_string()),
        ]);
    }
    output::key_values(&pairs)
}

/// `-short`: the block, and one line for each task.
pub fn short(alloc: &Allocation, verbose: bool, now_ns: i64) -> String {
    let time = |ns: i64| output::timestamp(ns, now_ns, verbose);
    let block = output::key_values(&[
        ("ID", alloc.id.clone()),
        ("Name", alloc.name.clone()),
        ("Created", time(alloc.create_time)),
        ("Modified", time(alloc.modify_time)),
    ]);
    let mut rows = vec![["Name", "State", "Last Event", "Time", "Lifecycle"].map(str::to_owned)];
    for (name, state) in alloc.task_states.iter().flatten() {
        let last = state.events.last();
        rows.push([
            name.clone(),
            state.state.clone(),
            last.map(|event| event.kind.clone()).unwrap_or_default(),
            output::absolute(last.map_or(0, |event| event.time)),
            task::lifecycle(alloc, name).unwrap_or_else(|| "main".to_owned()),
        ]);
    }
    format!("{block}\n\nTasks\n{}", output::list(&rows))
}

/// The ports of the allocation; `None` when it has none.
pub fn addresses(alloc: &Allocation) -> Option<String> {
    let ports = alloc.allocated_resources.shared.ports.as_deref()?;
    if ports.is_empty() {
        return None;
    }
    let mut rows = vec![["Label", "Dynamic", "Address"].map(str::to_owned)];
    for port in ports {
        let inside = if port.to > 0 { format!(" -> {}", port.to) } else { String::new() };
        // The star and the "yes" of fixed ports are the original's.
        rows.push([
            format!("*{}", port.label),
            "yes".to_owned(),
            format!("{}:{}{inside}", port.host_ip, port.value),
        ]);
    }
    let mode = network_mode(alloc);
    let mode = if mode.is_empty() || mode == "host" { String::new() } else { format!(" (mode = {mode:?})") };
    Some(format!("Allocation Addresses{mode}:\n{}", output::list_with_blanks(&rows)))
}

fn network_mode(alloc: &Allocation) -> String {
    task::group(alloc)
        .and_then(|group| group.networks.first().map(|network| network.mode.clone()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
