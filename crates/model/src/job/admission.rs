//! What the servers warn of, though a job is valid.

use super::Job;
use super::implied::services;

impl Job {
    /// What its author should know, though nothing is wrong.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.periodic.as_ref().is_some_and(|own| own.spec.as_ref().is_some_and(|spec| !spec.is_empty())) {
            warnings.push(
                "cron is deprecated and may be removed in a future release. Use crons instead".to_owned(),
            );
        }
        for group in &self.task_groups {
            let delayed = group.shutdown_delay_ns.is_some()
                || group.tasks.iter().any(|task| task.shutdown_delay_ns != 0);
            if services(group).next().is_some() && !delayed {
                warnings.push(format!(
                    "group \"{}\" defines services, but neither the group nor any of its tasks have shutdown_delay set",
                    group.name
                ));
            }
        }
        warnings
    }
}

/// The text of warnings as registration answers carry it; empty without any.
pub fn warnings_text(warnings: &[String]) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let noun = if warnings.len() == 1 { "warning" } else { "warnings" };
    let lines: Vec<_> = warnings.iter().map(|warning| format!("* {warning}")).collect();
    format!("{} {noun}:\n\n{}", warnings.len(), lines.join("\n"))
}
