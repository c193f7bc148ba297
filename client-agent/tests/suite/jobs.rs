//! Jobs for tests.

use std::sync::Arc;

use model::job::{Job, JobType, LogConfig, RestartMode, RestartPolicy, Task, TaskGroup};
use serde_json::{Value, json};

/// A task that is not restarted.
pub(crate) fn task(name: &str, driver: &str, config: Value) -> Task {
    Task {
        name: name.to_owned(),
        driver: driver.to_owned(),
        config: serde_json::from_value(config).unwrap(),
        restart_policy: RestartPolicy {
            mode: RestartMode::Fail,
            interval_ns: 60_000_000_000,
            ..Default::default()
        },
        kill_timeout_ns: 2_000_000_000,
        log_config: LogConfig { max_files: 3, max_file_size_mb: 1, disabled: false },
        ..Task::default()
    }
}

/// A shell script as a task.
pub(crate) fn shell(name: &str, script: &str) -> Task {
    task(name, "raw_exec", json!({"command": "/bin/sh", "args": ["-c", script]}))
}

/// A batch job of one group.
pub(crate) fn batch(id: &str, tasks: Vec<Task>) -> Arc<Job> {
    let group = TaskGroup { name: "g".into(), count: 1, tasks, ..TaskGroup::default() };
    Arc::new(Job {
        namespace: "default".into(),
        id: id.into(),
        name: id.into(),
        region: "global".into(),
        kind: JobType::Batch,
        task_groups: vec![group],
        create_index: 1,
        ..Job::default()
    })
}
