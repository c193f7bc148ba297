//! One task of an allocation: what it was given, what it uses, and what happened to it.

use crate::output;
use crate::view::bytes;
use api::allocations::{Allocation, TaskState};
use api::job::TaskGroup;

/// Events shown for a task.
const EVENTS_MOST: usize = 25;
const MIB: u64 = 1024 * 1024;

/// What a task uses at the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// MHz.
    pub cpu_mhz: f64,
    /// Bytes.
    pub memory_bytes: u64,
}

/// The lines about one task. `usage` is missing when the task does not run or its node does not answer.
pub fn section(alloc: &Allocation, name: &str, state: &TaskState, usage: Option<Usage>) -> String {
    let lifecycle = lifecycle(alloc, name).map(|hook| format!(" ({hook})")).unwrap_or_default();
    format!(
        "Task {name:?}{lifecycle} is {:?}\nTask Resources:\n{}\n\n{}",
        state.state,
        resources(alloc, name, usage),
        events(state)
    )
}

/// The allocation's task group in its job.
pub(super) fn group(alloc: &Allocation) -> Option<&TaskGroup> {
    let groups = alloc.job.as_ref()?.task_groups.as_ref()?;
    groups.iter().find(|group| group.name.as_deref() == Some(&alloc.task_group))
}

/// When a task runs beside the main ones: `prestart`, or `prestart sidecar`.
pub(super) fn lifecycle(alloc: &Allocation, name: &str) -> Option<String> {
    let tasks = group(alloc)?.tasks.as_ref()?;
    let task = tasks.iter().find(|task| task.name.as_deref() == Some(name))?;
    let lifecycle = task.lifecycle.as_ref()?;
    let sidecar = if lifecycle.sidecar { " sidecar" } else { "" };
    Some(format!("{}{sidecar}", lifecycle.hook))
}

fn resources(alloc: &Allocation, name: &str, usage: Option<Usage>) -> String {
    let given = &alloc.allocated_resources;
    let (cpu, memory) = given
        .tasks
        .get(name)
        .map_or((0, 0), |task| (task.cpu.cpu_shares, u64::try_from(task.memory.memory_mb).unwrap_or(0)));
    let disk = u64::try_from(given.shared.disk_mb).unwrap_or(0);
    let (cpu_used, memory_used) = match usage {
        Some(usage) => (format!("{:.0}/", usage.cpu_mhz.floor()), format!("{}/", bytes(usage.memory_bytes))),
        None => (String::new(), String::new()),
    };
    output::list_with_blanks(&[
        ["CPU", "Memory", "Disk", "Addresses"].map(str::to_owned),
        [
            format!("{cpu_used}{cpu} MHz"),
            format!("{memory_used}{}", bytes(memory.saturating_mul(MIB))),
            bytes(disk.saturating_mul(MIB)),
            String::new(),
        ],
    ])
}

fn events(state: &TaskState) -> String {
    let block = output::key_values(&[
        ("Started At", output::absolute_text(state.started_at.as_deref())),
        ("Finished At", output::absolute_text(state.finished_at.as_deref())),
        ("Total Restarts", state.restarts.to_string()),
        ("Last Restart", output::absolute_text(state.last_restart.as_deref())),
    ]);
    let mut rows = vec![["Time", "Type", "Description"].map(str::to_owned)];
    for event in state.events.iter().rev().take(EVENTS_MOST) {
        let text = if event.display_message.is_empty() { &event.message } else { &event.display_message };
        rows.push([output::absolute(event.time), event.kind.clone(), text.clone()]);
    }
    format!("Task Events:\n{block}\n\nRecent Events:\n{}", output::list(&rows))
}
