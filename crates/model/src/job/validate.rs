//! Is this job one that can be run? Every fault is named, in the original's words where clients match them.

mod block;
mod policy;
mod preference;
mod service;
mod task;

use std::collections::{BTreeMap, BTreeSet};

use super::{Constraint, Job, JobType, Operand, TaskGroup};

/// Most allocations that one job may ask for: `job_max_count` of the original.
pub const JOB_MAX_COUNT: i64 = 50_000;

/// Largest port.
const MAX_PORT: i64 = 65_535;

/// All that is wrong with a job, in the order in which it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, fault: impl Into<String>) {
        self.0.push(fault.into());
    }

    /// Collects faults found elsewhere.
    pub fn from_lines(lines: Vec<String>) -> Self {
        Faults(lines)
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One line for each fault.
    pub fn lines(&self) -> &[String] {
        &self.0
    }
}

impl std::fmt::Display for Faults {
    /// `N error(s) occurred:` and a starred line for each, as the original prints a list of errors; lists within lists
    /// are not indented there either.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let noun = if self.0.len() == 1 { "error" } else { "errors" };
        writeln!(f, "{} {noun} occurred:", self.0.len())?;
        for fault in &self.0 {
            writeln!(f, "\t* {fault}")?;
        }
        writeln!(f)
    }
}

impl Job {
    /// Finds what is wrong with a canonical job.
    pub fn validate(&self) -> Result<(), Faults> {
        let mut faults = Faults::default();
        self.validate_names(&mut faults);
        if let JobType::Other(kind) = &self.kind {
            faults.add(if kind.is_empty() {
                "Missing job type".into()
            } else {
                format!("Invalid job type: \"{kind}\"")
            });
        }
        if self.datacenters.is_empty() {
            faults.add("Missing job datacenters");
        }
        if self.datacenters.iter().any(String::is_empty) {
            faults.add("Job datacenter must be non-empty string");
        }
        if self.task_groups.is_empty() {
            faults.add("Missing job task groups");
        }
        validate_constraints(&self.constraints, &mut faults);
        self.validate_preferences(&mut faults);
        self.validate_groups(&mut faults);
        if !(1..=100).contains(&self.priority) {
            faults.add("job priority must be between [1, 100]");
        }
        self.validate_launching(&mut faults);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Jobs that run everywhere prefer nothing.
    fn validate_preferences(&self, faults: &mut Faults) {
        if self.kind == JobType::System {
            if !self.affinities.is_empty() {
                faults.add("System jobs may not have an affinity block");
            }
            if !self.spreads.is_empty() {
                faults.add("System jobs may not have a spread block");
            }
            return;
        }
        preference::affinities(&self.affinities, faults);
        preference::spreads(&self.spreads, faults);
    }

    /// What only jobs that launch others, and their children, may have.
    fn validate_launching(&self, faults: &mut Faults) {
        let batch = matches!(self.kind, JobType::Batch | JobType::Sysbatch);
        if self.periodic.is_some() && !batch {
            faults.add("Periodic can only be used with \"batch\" or \"sysbatch\" scheduler");
        }
        if let Some(periodic) = &self.periodic {
            let mut inner = Faults::default();
            periodic.collect(&mut inner);
            if !inner.is_empty() {
                faults.add(inner.to_string());
            }
        }
        if let Some(parameterized) = &self.parameterized_job {
            if !batch {
                faults.add("Parameterized job can only be used with \"batch\" or \"sysbatch\" scheduler");
            }
            let payload = &parameterized.payload;
            if !["optional", "required", "forbidden"].contains(&payload.as_str()) {
                let mut inner = Faults::default();
                inner.add(format!("Unknown payload requirement: \"{payload}\""));
                faults.add(inner.to_string());
            }
        }
        if !self.payload.is_empty() && !self.dispatched {
            faults.add("job can't be submitted with a payload, only dispatched");
        }
        let length = self.ui.as_ref().map_or(0, |ui| ui.description.chars().count());
        if length > 1000 {
            faults.add(format!("UI description must be under 1000 characters, currently {length}"));
        }
    }

    fn validate_names(&self, faults: &mut Faults) {
        if self.region.is_empty() {
            faults.add("Missing job region");
        }
        match self.id.as_str() {
            "" => faults.add("Missing job ID"),
            id if id.contains(' ') => faults.add("Job ID contains a space"),
            id if id.contains('\0') => faults.add("Job ID contains a null character"),
            _ => {}
        }
        if self.name.is_empty() {
            faults.add("Missing job name");
        } else if self.name.contains('\0') {
            faults.add("Job Name contains a null character");
        }
        if self.namespace.is_empty() {
            faults.add("Job must be in a namespace");
        }
    }

    fn validate_groups(&self, faults: &mut Faults) {
        let mut names = BTreeSet::new();
        let mut total: i64 = 0;
        for (number, group) in self.task_groups.iter().enumerate() {
            if group.name.is_empty() {
                faults.add(format!("Job task group {} missing name", number + 1));
            } else if !names.insert(&group.name) {
                faults.add(format!(
                    "Job task group {} redefines '{}' from group {}",
                    number + 1,
                    group.name,
                    number
                ));
            }
            total = total.saturating_add(group.count.max(0));
            if self.kind == JobType::System && group.count > 1 {
                faults.add(format!(
                    "Job task group {} has count {}. Count cannot exceed 1 with system scheduler",
                    group.name, group.count
                ));
            }
            if group.shutdown_delay_ns.is_some_and(|delay| delay < 0) {
                faults.add("ShutdownDelay must be a positive value");
            }
            let inner = group.faults(&self.kind);
            if !inner.is_empty() {
                faults.add(format!("Task group {} validation failed: {}", group.name, inner));
            }
        }
        if total > JOB_MAX_COUNT {
            faults.add(format!(
                "total count was greater than configured job_max_count: {total} > {JOB_MAX_COUNT}"
            ));
        }
    }
}

impl TaskGroup {
    fn faults(&self, kind: &JobType) -> Faults {
        let mut faults = Faults::default();
        if self.name.is_empty() {
            faults.add("Missing task group name");
        } else if self.name.contains('\0') {
            faults.add("Task group name contains null character");
        }
        if self.count < 0 {
            faults.add("Task group count can't be negative");
        }
        if self.tasks.is_empty() {
            faults.add("Missing tasks for task group");
        }
        if let Some(duration) = self.max_run_duration {
            if !matches!(kind, JobType::Batch | JobType::Sysbatch) {
                faults.add(format!("Job type \"{kind}\" does not allow max_run_duration"));
            } else if duration.0 <= 0 {
                faults.add("MaxRunDuration must be greater than zero");
            }
        }
        validate_constraints(&self.constraints, &mut faults);
        self.validate_policies(kind, &mut faults);
        self.validate_networks(&mut faults);
        self.validate_volumes(matches!(kind, JobType::System | JobType::Sysbatch), &mut faults);
        service::of_group(&self.services, &mut faults);
        self.validate_tasks(&mut faults);
        faults
    }

    fn validate_policies(&self, kind: &JobType, faults: &mut Faults) {
        let everywhere = *kind == JobType::System;
        if everywhere {
            if !self.affinities.is_empty() {
                faults.add("System jobs may not have an affinity block");
            }
        } else {
            preference::affinities(&self.affinities, faults);
        }
        self.restart_policy.collect(faults);
        if everywhere {
            if !self.spreads.is_empty() {
                faults.add("System jobs may not have a spread block");
            }
        } else {
            preference::spreads(&self.spreads, faults);
        }
        if let Some(policy) = &self.reschedule_policy {
            policy.collect(faults);
        }
        if self.ephemeral_disk.size_mb < 10 {
            faults.add(format!("minimum DiskMB value is 10; got {}", self.ephemeral_disk.size_mb));
        }
        if let Some(update) = &self.update {
            update.collect(faults);
        }
        if let Some(migrate) = &self.migrate {
            migrate.collect(faults);
        }
        if let Some(disconnect) = &self.disconnect {
            disconnect.collect(faults);
        }
        let scaling = self.scaling.as_ref().map(|scaling| scaling.faults_for(self));
        if let Some(inner) = scaling.filter(|inner| !inner.is_empty()) {
            faults.add(format!("Task group scaling policy validation failed: {inner}"));
        }
    }

    fn validate_networks(&self, faults: &mut Faults) {
        let mut labels = BTreeSet::new();
        let mut numbers = BTreeMap::new();
        let mut inner = Faults::default();
        for network in &self.networks {
            let host = ["", "host"].contains(&network.mode.as_str());
            for port in network.reserved_ports.iter().chain(&network.dynamic_ports) {
                if !labels.insert(&port.label) {
                    inner.add(format!("Port label {} already in use by taskgroup network", port.label));
                }
                if port.value > 0 {
                    let place = (&port.host_network, port.value);
                    match numbers.get(&place) {
                        Some(_) if port.ignore_collision => {}
                        Some(other) => inner.add(format!(
                            "Static port {} already reserved by taskgroup network:{other}",
                            port.value
                        )),
                        None => {
                            numbers.insert(place, &port.label);
                        }
                    }
                }
                if port.value > MAX_PORT {
                    inner.add(format!(
                        "Port {} ({}) cannot be greater than {MAX_PORT}",
                        port.label, port.value
                    ));
                }
                if port.to < -1 {
                    let (label, to) = (&port.label, port.to);
                    inner.add(format!("Port \"{label}\" cannot be mapped to negative value {to}"));
                }
                if port.ignore_collision && !host {
                    inner.add(format!(
                        "Port \"{}\" collision may not be ignored on non-host network mode \"{}\"",
                        port.label, network.mode
                    ));
                }
            }
        }
        if !inner.is_empty() {
            faults.add(format!("Task group network validation failed: {inner}"));
        }
    }

    fn validate_tasks(&self, faults: &mut Faults) {
        if !self.tasks.is_empty() && self.tasks.iter().all(|task| task.lifecycle.is_some()) {
            faults.add(format!("Task group {} must have at least one main task", self.name));
        }
        let mut names = BTreeSet::new();
        for (number, task) in self.tasks.iter().enumerate() {
            if task.name.is_empty() {
                faults.add(format!("Task {} missing name", number + 1));
            } else if !names.insert(&task.name) {
                faults.add(format!("Task {} redefines '{}' from task {}", number + 1, task.name, number));
            }
        }
        if self.tasks.iter().filter(|task| task.leader).count() > 1 {
            faults.add("Only one task may be marked as leader");
        }
        for task in &self.tasks {
            let inner = task.faults(self);
            if !inner.is_empty() {
                faults.add(format!("Task {} validation failed: {}", task.name, inner));
            }
        }
    }
}

fn validate_constraints(constraints: &[Constraint], faults: &mut Faults) {
    for (number, constraint) in constraints.iter().enumerate() {
        if let Some(fault) = constraint_fault(constraint) {
            faults.add(format!(
                "Constraint {} validation failed: 1 error occurred:\n\t* {fault}\n\n",
                number + 1
            ));
        }
    }
}

fn constraint_fault(constraint: &Constraint) -> Option<String> {
    let operand = match Operand::parse(&constraint.operand) {
        None => return Some(format!("Unknown constraint type \"{}\"", constraint.operand)),
        Some(operand) => operand,
    };
    let requires = |text: String| constraint.r_target.is_empty().then_some(text);
    match operand {
        Operand::DistinctHosts => None,
        Operand::DistinctProperty if constraint.l_target.is_empty() => {
            Some("no attribute provided but is required by operator".into())
        }
        Operand::DistinctProperty => allowed_count_fault(&constraint.r_target),
        Operand::IsSet | Operand::IsNotSet => (!constraint.r_target.is_empty())
            .then(|| format!("Operator \"{}\" does not support an RTarget", constraint.operand)),
        _ if constraint.l_target.is_empty() => {
            Some("No LTarget provided but is required by constraint".into())
        }
        Operand::SetContainsAll | Operand::SetContainsAny => {
            requires("Set contains constraint requires an RTarget".to_owned())
        }
        _ => requires(format!("Operator \"{}\" requires an RTarget", constraint.operand)),
    }
}

/// How many allocations may share a property: a number from 1, or nothing for 1.
fn allowed_count_fault(text: &str) -> Option<String> {
    match text.parse::<u64>() {
        Ok(0) => Some("Distinct Property must have an allowed count of 1 or greater: 0 < 1".to_owned()),
        Err(_) if !text.is_empty() => Some(format!(
            "Failed to convert RTarget \"{text}\" to uint64: strconv.ParseUint: parsing \"{text}\": invalid syntax"
        )),
        _ => None,
    }
}
