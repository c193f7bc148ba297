//! Is this job one that can be run? Every fault is named, in the original's words where clients match them.

use std::collections::BTreeSet;

use super::{Constraint, Job, JobType, Operand, RestartMode, Task, TaskGroup};
use crate::id::DEFAULT_NAMESPACE;
use crate::job::canonicalize::{ALL_NODE_POOL, DEFAULT_NODE_POOL};

/// Most allocations that one job may ask for: `job_max_count` of the original.
pub const JOB_MAX_COUNT: i64 = 50_000;

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
        let placeable = matches!(self.kind, JobType::Service | JobType::Batch);
        if let JobType::Other(kind) = &self.kind {
            faults.add(if kind.is_empty() {
                "Missing job type".into()
            } else {
                format!("Invalid job type: \"{kind}\"")
            });
        } else if !placeable {
            faults.add(format!("jobs of type \"{}\" are not supported yet", self.kind));
        }
        if !(1..=100).contains(&self.priority) {
            faults.add("job priority must be between [1, 100]");
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
        self.validate_groups(&mut faults);
        if faults.is_empty() {
            self.validate_existence(&mut faults);
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
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
            let inner = group.faults();
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

    /// Namespaces and pools besides the built-in ones cannot be made yet, so every other name is an unknown one.
    fn validate_existence(&self, faults: &mut Faults) {
        if self.namespace != DEFAULT_NAMESPACE {
            faults.add(format!("job \"{}\" is in nonexistent namespace \"{}\"", self.id, self.namespace));
        }
        if ![DEFAULT_NODE_POOL, ALL_NODE_POOL].contains(&self.node_pool.as_str()) {
            faults.add(format!("job \"{}\" is in nonexistent node pool \"{}\"", self.id, self.node_pool));
        }
    }
}

impl TaskGroup {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        if self.name.contains('\0') {
            faults.add("Task group name contains null character");
        }
        if self.count < 0 {
            faults.add("Task group count can't be negative");
        }
        if self.tasks.is_empty() {
            faults.add("Missing tasks for task group");
        }
        validate_constraints(&self.constraints, &mut faults);
        if let RestartMode::Other(mode) = &self.restart_policy.mode {
            faults.add(format!("Unsupported restart mode: \"{mode}\""));
        }
        if self.ephemeral_disk.size_mb < 10 {
            faults.add(format!("Minimum disk size is 10 MB; got {}", self.ephemeral_disk.size_mb));
        }
        if self.update.as_ref().is_some_and(|update| update.canary > 0 || update.auto_promote) {
            faults.add("canaries in the update block are not supported yet");
        }
        if self.update.as_ref().is_some_and(|update| update.auto_revert) {
            faults.add("auto_revert in the update block is not supported yet");
        }
        self.validate_networks(&mut faults);
        self.validate_tasks(&mut faults);
        faults
    }

    fn validate_networks(&self, faults: &mut Faults) {
        let mut labels = BTreeSet::new();
        let mut numbers = BTreeSet::new();
        for network in &self.networks {
            if !["", "host"].contains(&network.mode.as_str()) {
                faults.add(format!("network mode \"{}\" is not supported yet", network.mode));
            }
            for port in network.reserved_ports.iter().chain(&network.dynamic_ports) {
                if port.label.is_empty() {
                    faults.add("Port label must not be empty");
                } else if !labels.insert(&port.label) {
                    faults.add(format!("Port label {} already in use", port.label));
                }
            }
            for port in &network.reserved_ports {
                if !numbers.insert((&port.host_network, port.value)) {
                    faults.add(format!("Static port {} already reserved by another port", port.value));
                }
            }
        }
    }

    fn validate_tasks(&self, faults: &mut Faults) {
        let mut names = BTreeSet::new();
        for (number, task) in self.tasks.iter().enumerate() {
            if task.name.is_empty() {
                faults.add(format!("Task {} missing name", number + 1));
            } else if !names.insert(&task.name) {
                faults.add(format!("Task {} redefines '{}' from task {}", number + 1, task.name, number));
            }
            let inner = task.faults();
            if !inner.is_empty() {
                faults.add(format!("Task {} validation failed: {}", task.name, inner));
            }
        }
        if self.tasks.iter().filter(|task| task.leader).count() > 1 {
            faults.add("Only one task may be marked as leader");
        }
    }
}

impl Task {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        if self.name.contains(['/', '\\', '\0']) {
            faults.add("Task name cannot include slashes or a null character");
        }
        if self.driver.is_empty() {
            faults.add("Missing task driver");
        }
        if self.kill_timeout_ns < 0 {
            faults.add("KillTimeout must be a positive value");
        }
        if self.shutdown_delay_ns < 0 {
            faults.add("ShutdownDelay must be a positive value");
        }
        if self.resources.cores > 0 {
            faults.add("reserved cores are not supported yet");
        } else if self.resources.cpu < 1 {
            faults.add(format!("minimum CPU value is 1; got {}", self.resources.cpu));
        }
        if self.resources.memory_mb < 10 {
            faults.add(format!("minimum MemoryMB value is 10; got {}", self.resources.memory_mb));
        }
        let max = self.resources.memory_max_mb;
        if max != 0 && max < self.resources.memory_mb {
            faults.add(format!(
                "MemoryMaxMB value ({max}) should be larger than MemoryMB value ({})",
                self.resources.memory_mb
            ));
        }
        if self.log_config.max_files < 1 {
            faults.add(format!("minimum number of files is 1; got {}", self.log_config.max_files));
        }
        if self.log_config.max_file_size_mb < 1 {
            faults.add(format!("minimum file size is 1MB; got {}", self.log_config.max_file_size_mb));
        }
        if let Some(lifecycle) = &self.lifecycle
            && !["prestart", "poststart", "poststop"].contains(&lifecycle.hook.as_str())
        {
            faults.add(format!("invalid hook: {}", lifecycle.hook));
        }
        validate_constraints(&self.constraints, &mut faults);
        faults
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
    match operand {
        Operand::DistinctHosts | Operand::DistinctProperty => {
            Some(format!("{} constraints are not supported yet", constraint.operand))
        }
        Operand::IsSet | Operand::IsNotSet => None,
        _ if constraint.l_target.is_empty() => {
            Some("No LTarget provided but is required by constraint".into())
        }
        Operand::Equal | Operand::NotEqual => None,
        _ if constraint.r_target.is_empty() => {
            Some(format!("Operator \"{}\" requires an RTarget", constraint.operand))
        }
        _ => None,
    }
}
