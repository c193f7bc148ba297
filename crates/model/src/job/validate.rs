//! Is this job one that can be run? Every fault is named, in the original's words where clients match them.

mod block;
mod constraint;
mod licence;
mod mesh;
mod network;
mod pattern;
mod policy;
mod preference;
mod resources;
mod service;
mod task;

use std::collections::BTreeSet;

use super::{Job, JobType, TaskGroup};
use constraint::Place;

/// Most allocations that one job may ask for: `job_max_count` of the original.
pub const JOB_MAX_COUNT: i64 = 50_000;

/// All that is wrong with a job, in the order in which it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults(Vec<String>);

impl Faults {
    pub(super) fn add(&mut self, fault: impl Into<String>) {
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
        self.validate_mesh(&mut faults);
        self.validate_clusters(&mut faults);
        self.validate_names(&mut faults);
        if let JobType::Other(kind) = &self.kind {
            faults.add(match kind.as_str() {
                "" => "Missing job type".to_owned(),
                "_core" => "job type cannot be core".to_owned(),
                kind => format!("Invalid job type: \"{kind}\""),
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
        constraint::collect(&self.constraints, Place::Wide, &mut faults);
        self.validate_preferences(&mut faults);
        self.validate_groups(&mut faults);
        if !(1..=100).contains(&self.priority) {
            faults.add("job priority must be between [1, 100]");
        }
        self.validate_launching(&mut faults);
        self.validate_licence(&mut faults);
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
        constraint::collect(&self.constraints, Place::Wide, &mut faults);
        self.validate_policies(kind, &mut faults);
        self.validate_networks(&mut faults);
        self.validate_volumes(matches!(kind, JobType::System | JobType::Sysbatch), &mut faults);
        service::of_group(self, &mut faults);
        self.validate_tasks(kind, &mut faults);
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
        match &self.reschedule_policy {
            Some(_) if matches!(kind, JobType::System | JobType::Sysbatch) => {
                faults.add("System or sysbatch jobs should not have a reschedule policy");
            }
            Some(policy) => policy.collect(faults),
            None => {}
        }
        if self.ephemeral_disk.size_mb < 10 {
            faults.add(format!("minimum DiskMB value is 10; got {}", self.ephemeral_disk.size_mb));
        }
        match &self.update {
            Some(update) if matches!(kind, JobType::Service | JobType::System) => update.collect(faults),
            Some(_) => faults.add(format!("Job type \"{kind}\" does not allow update block")),
            None => {}
        }
        match &self.migrate {
            Some(migrate) if *kind == JobType::Service => migrate.collect(faults),
            Some(_) => faults.add(format!("Job type \"{kind}\" does not allow migrate block")),
            None => {}
        }
        if let Some(disconnect) = &self.disconnect {
            disconnect.collect(faults);
        }
        let scaling = self.scaling.as_ref().map(|scaling| scaling.faults_for(self));
        if let Some(inner) = scaling.filter(|inner| !inner.is_empty()) {
            faults.add(format!("Task group scaling policy validation failed: {inner}"));
        }
    }

    fn validate_tasks(&self, kind: &JobType, faults: &mut Faults) {
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
            let inner = task.faults(self, kind);
            if !inner.is_empty() {
                faults.add(format!("Task {} validation failed: {}", task.name, inner));
            }
        }
    }
}
