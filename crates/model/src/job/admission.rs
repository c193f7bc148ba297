//! What the servers add to a job, and what they warn of, once it is valid.

use super::{Constraint, Job, Service, TaskGroup};

/// Attribute of nodes whose agents register services with the cluster itself.
const NATIVE_SERVICES: &str = "${attr.nomad.service_discovery}";
/// Attribute of nodes that have a Consul agent.
const CONSUL_VERSION: &str = "${attr.consul.version}";

impl Job {
    /// Adds the constraints that follow from what the job uses, so that it is placed only where that works.
    pub fn add_implied_constraints(&mut self) {
        for group in &mut self.task_groups {
            let mut wanted = Vec::new();
            for service in services(group) {
                let constraint = implied_by(service);
                if !wanted.contains(&constraint) && !group.constraints.contains(&constraint) {
                    wanted.push(constraint);
                }
            }
            group.constraints.extend(wanted);
        }
    }

    /// What its author should know, though nothing is wrong.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
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

fn services(group: &TaskGroup) -> impl Iterator<Item = &Service> {
    group.services.iter().chain(group.tasks.iter().flat_map(|task| &task.services))
}

fn implied_by(service: &Service) -> Constraint {
    let (l_target, operand, r_target) = match service.provider.as_str() {
        "nomad" => (NATIVE_SERVICES, "=", "true"),
        _ => (CONSUL_VERSION, "semver", ">= 1.8.0"),
    };
    Constraint { l_target: l_target.into(), operand: operand.into(), r_target: r_target.into() }
}
