//! A namespace: the jobs, variables and rights of one team. Mirrors the Namespaces API page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::DEFAULT_NAMESPACE;
use crate::job::Job;
use crate::named::{check_description, check_name};

/// A namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Quota that its jobs share; none exist in this edition.
    pub quota: String,
    /// Free metadata.
    pub meta: BTreeMap<String, String>,
    /// What its jobs may use; `None` for anything.
    pub capabilities: Option<Capabilities>,
    /// Index of its creation.
    pub create_index: u64,
    /// Index of its last change.
    pub modify_index: u64,
}

/// What jobs of a namespace may use. An empty list of what is enabled enables everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Capabilities {
    /// Drivers that tasks may use.
    pub enabled_task_drivers: Vec<String>,
    /// Drivers that tasks may not use.
    pub disabled_task_drivers: Vec<String>,
    /// Network modes that groups may use.
    pub enabled_network_modes: Vec<String>,
    /// Network modes that groups may not use.
    pub disabled_network_modes: Vec<String>,
}

impl Namespace {
    /// The namespace that every cluster has.
    pub fn built_in() -> Self {
        Namespace {
            name: DEFAULT_NAMESPACE.to_owned(),
            description: "Default shared namespace".to_owned(),
            ..Namespace::default()
        }
    }

    /// Everything that is wrong with it by itself.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if check_name(&self.name, false).is_err() {
            faults.push(format!("invalid name \"{}\". Must match regex ^[a-zA-Z0-9-]{{1,128}}$", self.name));
        }
        if let Err(fault) = check_description(&self.description) {
            faults.push(fault.to_string());
        }
        faults
    }

    /// What a job uses that this namespace does not allow, in the words of its author's error.
    pub fn forbidden(&self, job: &Job) -> Vec<String> {
        let Some(capabilities) = &self.capabilities else { return Vec::new() };
        let refused = |enabled: &[String], disabled: &[String], used: &str| {
            let used = |known: &String| known == used;
            (!enabled.is_empty() && !enabled.iter().any(used)) || disabled.iter().any(used)
        };
        let drivers = job.task_groups.iter().flat_map(|group| &group.tasks).map(|task| task.driver.as_str());
        let drivers: Vec<&str> = drivers
            .filter(|driver| {
                refused(&capabilities.enabled_task_drivers, &capabilities.disabled_task_drivers, driver)
            })
            .collect();
        let modes = job
            .task_groups
            .iter()
            .flat_map(|group| &group.networks)
            .map(|network| if network.mode.is_empty() { "host" } else { network.mode.as_str() });
        let modes: Vec<&str> = modes
            .filter(|mode| {
                refused(&capabilities.enabled_network_modes, &capabilities.disabled_network_modes, mode)
            })
            .collect();
        let word = |what: &str, used: &[&str]| match used {
            [] => None,
            [one] => Some(format!("used {what} \"{one}\" is not allowed in namespace \"{}\"", self.name)),
            several => {
                let list: Vec<String> = several.iter().map(|one| format!("\"{one}\"")).collect();
                let list = list.join(" ");
                Some(format!("used {what}s [{list}] are not allowed in namespace \"{}\"", self.name))
            }
        };
        word("task driver", &drivers).into_iter().chain(word("group network mode", &modes)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Task, TaskGroup};

    #[test]
    fn drivers_are_forbidden_by_name() {
        let disabled_task_drivers = vec!["docker".to_owned()];
        let capabilities = Some(Capabilities { disabled_task_drivers, ..Capabilities::default() });
        let namespace = Namespace { name: "a".into(), capabilities, ..Namespace::default() };
        let task = Task { driver: "docker".into(), ..Task::default() };
        let group = TaskGroup { tasks: vec![task], ..TaskGroup::default() };
        let job = Job { task_groups: vec![group], ..Job::default() };
        assert_eq!(
            namespace.forbidden(&job),
            ["used task driver \"docker\" is not allowed in namespace \"a\""]
        );
        assert!(Namespace::built_in().forbidden(&job).is_empty());
    }

    #[test]
    fn names_are_checked() {
        let named = |name: &str| Namespace { name: name.into(), ..Namespace::default() }.faults();
        assert!(named("a-B9").is_empty());
        assert_eq!(named("a b"), ["invalid name \"a b\". Must match regex ^[a-zA-Z0-9-]{1,128}$"]);
        assert!(!named("").is_empty() && !named("a_b").is_empty() && !named(&"n".repeat(129)).is_empty());
    }
}
