//! From the states of tasks to the status of their allocation. Pure.

use std::collections::BTreeMap;

use model::{ClientStatus, TaskRunState, TaskState};

/// What an allocation's tasks amount to: client status and description, in the original's words.
///
/// `failed` and `complete` free the allocation's room on the node, so they are said only once every task is dead;
/// the original says `failed` while siblings still run.
pub(crate) fn rollup(tasks: &BTreeMap<String, TaskState>) -> (ClientStatus, &'static str) {
    let any = |state: TaskRunState| tasks.values().any(|task| task.state == state);
    if any(TaskRunState::Running) {
        (ClientStatus::Running, "Tasks are running")
    } else if tasks.is_empty() || any(TaskRunState::Pending) {
        (ClientStatus::Pending, "No tasks have started")
    } else if tasks.values().any(|task| task.failed) {
        (ClientStatus::Failed, "Failed tasks")
    } else {
        (ClientStatus::Complete, "All tasks have completed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TaskRunState::{Dead, Pending, Running};

    #[test]
    fn table() {
        let cases: &[(&[(TaskRunState, bool)], ClientStatus)] = &[
            (&[], ClientStatus::Pending),
            (&[(Pending, false)], ClientStatus::Pending),
            (&[(Dead, false), (Pending, false)], ClientStatus::Pending),
            (&[(Dead, false), (Running, false)], ClientStatus::Running),
            (&[(Dead, true), (Running, false)], ClientStatus::Running),
            (&[(Dead, true), (Dead, false)], ClientStatus::Failed),
            (&[(Dead, false), (Dead, false)], ClientStatus::Complete),
        ];
        for (tasks, expected) in cases {
            let states = tasks.iter().enumerate().map(|(number, (state, failed))| {
                (number.to_string(), TaskState { state: *state, failed: *failed, ..TaskState::default() })
            });
            assert_eq!(rollup(&states.collect()).0, *expected, "{tasks:?}");
        }
    }
}
