//! Tasks: names, delays, log files.

use super::constraint::{self, Place};
use super::{Faults, preference};
use crate::go_duration::format as go;
use crate::job::{EphemeralDisk, JobType, LogConfig, Task, TaskGroup, UpdateStrategy};

impl Task {
    /// What is wrong with a task of that group, in a job of that type.
    pub(super) fn faults(&self, group: &TaskGroup, kind: &JobType) -> Faults {
        let mut faults = Faults::default();
        if self.name.is_empty() {
            faults.add("Missing task name");
        }
        if self.name.contains(['/', '\\']) {
            faults.add("Task name cannot include slashes");
        } else if self.name.contains('\0') {
            faults.add("Task name cannot include null characters");
        }
        if self.driver.is_empty() {
            faults.add("Missing task driver");
        }
        self.validate_delays(group.update.as_ref(), &mut faults);
        nested(self.resources.faults(), &mut faults);
        nested(self.log_config.faults(&group.ephemeral_disk), &mut faults);
        constraint::collect(&self.constraints, Place::Task, &mut faults);
        match kind {
            JobType::System if !self.affinities.is_empty() => {
                faults.add("System jobs may not have an affinity block");
            }
            JobType::System => {}
            _ => preference::affinities(&self.affinities, &mut faults),
        }
        nested(super::service::of_task(self, group), &mut faults);
        self.validate_kind(group, &mut faults);
        if let Some(lifecycle) = &self.lifecycle {
            match lifecycle.hook.as_str() {
                "prestart" | "poststart" | "poststop" => {}
                "" => faults.add("Lifecycle validation failed: no lifecycle hook provided"),
                hook => faults.add(format!("Lifecycle validation failed: invalid hook: {hook}")),
            }
        }
        self.validate_blocks(group, &mut faults);
        if let Some(plugin) = &self.csi_plugin_config {
            if plugin.id.is_empty() {
                faults.add("CSIPluginConfig must have a non-empty PluginID");
            }
            if !["node", "controller", "monolith"].contains(&plugin.kind.as_str()) {
                faults.add(format!(
                    "CSIPluginConfig PluginType must be one of 'node', 'controller', or 'monolith', got: \"{}\"",
                    plugin.kind
                ));
            }
        }
        faults
    }

    fn validate_delays(&self, update: Option<&UpdateStrategy>, faults: &mut Faults) {
        if self.kill_timeout_ns < 0 {
            faults.add("KillTimeout must be a positive value");
        } else if let Some(update) =
            update.filter(|update| update.max_parallel > 0 && update.progress_deadline_ns > 0)
            && update.progress_deadline_ns < self.kill_timeout_ns
        {
            // The original misspells it, and clients may look for it.
            faults.add(format!(
                "KillTimout ({}) longer than the group's ProgressDeadline ({})",
                go(self.kill_timeout_ns),
                go(update.progress_deadline_ns)
            ));
        }
        if self.shutdown_delay_ns < 0 {
            faults.add("ShutdownDelay must be a positive value");
        }
    }
}

/// A list of its own within the list, where it says anything.
pub(super) fn nested(inner: Faults, faults: &mut Faults) {
    if !inner.is_empty() {
        faults.add(inner.to_string());
    }
}

impl LogConfig {
    fn faults(&self, disk: &EphemeralDisk) -> Faults {
        let mut faults = Faults::default();
        if self.max_files < 1 {
            faults.add(format!("minimum number of files is 1; got {}", self.max_files));
        }
        if self.max_file_size_mb < 1 {
            faults.add(format!("minimum file size is 1MB; got {}", self.max_file_size_mb));
        }
        let (storage, capacity) = (self.max_files.saturating_mul(self.max_file_size_mb), disk.size_mb);
        if storage >= capacity {
            faults.add(format!(
                "log storage ({storage} MB) must be less than requested disk capacity ({capacity} MB)"
            ));
        }
        faults
    }
}
