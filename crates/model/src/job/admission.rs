//! What the servers warn of, though a job is valid.

use super::validate::Faults;
use super::{Job, JobType, Task, TaskGroup, WorkloadIdentity};

/// The identity that signs in to Vault's default cluster.
const VAULT_IDENTITY: &str = "vault_default";

impl Job {
    /// What its author should know, though nothing is wrong. `memory_oversubscription` is the scheduler
    /// configuration's: where it is off, `memory_max` means nothing.
    pub fn warnings(&self, memory_oversubscription: bool) -> Vec<String> {
        let mut warnings = Vec::new();
        for task in self.task_groups.iter().flat_map(|group| &group.tasks) {
            let named = task.identities.iter().any(|identity| identity.name == VAULT_IDENTITY);
            if named && task.vault.is_none() {
                let name = &task.name;
                warnings
                    .push(format!("Task {name} has an identity called {VAULT_IDENTITY} but no vault block"));
            }
        }
        for group in &self.task_groups {
            let inner = group.warnings(&self.kind);
            if !inner.is_empty() {
                warnings.push(format!("Group \"{}\" has warnings: {inner}", group.name));
            }
        }
        let promoting = |group: &&TaskGroup| group.update.as_ref().is_some_and(|update| update.auto_promote);
        let promoted = self.task_groups.iter().filter(promoting).count();
        if promoted > 0 && promoted < self.task_groups.len() {
            warnings
                .push("auto_promote must be true for all groups to enable automatic promotion".to_owned());
        }
        if self.periodic.as_ref().is_some_and(|own| own.spec.as_ref().is_some_and(|spec| !spec.is_empty())) {
            warnings.push(
                "cron is deprecated and may be removed in a future release. Use crons instead".to_owned(),
            );
        }
        for group in &self.task_groups {
            group.delay_warnings(&mut warnings);
        }
        for group in self.task_groups.iter().filter(|_| !memory_oversubscription) {
            for task in group.tasks.iter().filter(|task| task.resources.memory_max_mb != 0) {
                warnings.push(format!(
                    "Memory oversubscription is not enabled; Task \"{}.{}\" memory_max value will be ignored. Update \
                     the Scheduler Configuration to allow oversubscription.",
                    group.name, task.name
                ));
            }
        }
        warnings
    }
}

impl TaskGroup {
    fn warnings(&self, kind: &JobType) -> Faults {
        let mut warnings = Faults::default();
        let parallel = self.update.as_ref().map_or(0, |update| update.max_parallel);
        if *kind == JobType::Service && self.count > 1 && parallel > self.count {
            warnings.add(format!(
                "Update max parallel count is greater than task group count ({parallel} > {}). A destructive change \
                 would result in the simultaneous replacement of all allocations.",
                self.count
            ));
        }
        if self.networks.iter().any(|network| network.mbits > 0) {
            warnings.add(
                "mbits has been deprecated as of Nomad 0.12.0. Please remove mbits from the network block",
            );
        }
        for service in &self.services {
            for text in service.identity.iter().flat_map(WorkloadIdentity::warnings) {
                warnings.add(format!("Service \"{}\": {text}", service.name));
            }
        }
        for task in &self.tasks {
            let inner = task.warnings();
            if !inner.is_empty() {
                warnings.add(format!("Task \"{}\" has warnings: {inner}", task.name));
            }
        }
        warnings
    }

    /// What is registered should be deregistered a while before it stops.
    fn delay_warnings(&self, warnings: &mut Vec<String>) {
        let name = &self.name;
        if self.shutdown_delay_ns.is_some() {
            return;
        }
        // What the mesh brings along waits by itself.
        let hasty = |task: &&Task| task.shutdown_delay_ns == 0 && !task.kind.starts_with("connect-");
        if self.services.iter().any(|service| service.task_name.is_empty())
            && self.tasks.iter().all(|task| hasty(&task))
        {
            warnings.push(format!(
                "group \"{name}\" defines services, but neither the group nor any of its tasks have shutdown_delay set"
            ));
        }
        for task in self.tasks.iter().filter(hasty) {
            if self.services.iter().any(|service| service.task_name == task.name) {
                warnings.push(format!(
                    "group \"{name}\" references task \"{}\" in a service definition, but the task has no \
                     shutdown_delay set",
                    task.name
                ));
            }
            if !task.services.is_empty() {
                warnings.push(format!(
                    "task \"{}\" in group \"{name}\" defines services, but has no shutdown_delay set",
                    task.name
                ));
            }
        }
    }
}

impl Task {
    fn warnings(&self) -> Faults {
        let mut warnings = Faults::default();
        if self.resources.iops != 0 {
            warnings
                .add("IOPS has been deprecated as of Nomad 0.9.0. Please remove IOPS from resource block.");
        }
        if !self.resources.networks.is_empty() {
            warnings.add(
                "task network resources have been deprecated as of Nomad 0.12.0. Please configure networking via group \
                 network block.",
            );
        }
        for (number, template) in self.templates.iter().enumerate() {
            if template.vault_grace.0 != 0 {
                warnings.add(format!(
                    "Template[{number}] VaultGrace has been deprecated as of Nomad 0.11 and ignored since Vault 0.5. \
                     Please remove VaultGrace / vault_grace from template block."
                ));
            }
        }
        for identity in &self.identities {
            if let Some(text) = identity.warnings() {
                let mut inner = Faults::default();
                inner.add(format!("Identity[{}] {text}", identity.name));
                warnings.add(inner.to_string());
            }
        }
        warnings
    }
}

impl WorkloadIdentity {
    fn warnings(&self) -> Option<&'static str> {
        match self.audience.len() {
            0 => Some("identities without an audience are insecure"),
            1 => None,
            _ => {
                Some("while multiple audiences is allowed, it is more secure to use 1 audience per identity")
            }
        }
    }
}

/// The text of warnings as registration answers carry it; empty without any.
pub fn warnings_text(warnings: &[String]) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let noun = if warnings.len() == 1 { "warning" } else { "warnings" };
    let lines: Vec<_> = warnings.iter().map(|warning| format!("* {}", warning.trim_end())).collect();
    format!("{} {noun}:\n\n{}", warnings.len(), lines.join("\n"))
}
