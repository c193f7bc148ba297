//! Constraints that follow from what a job uses, so that it is placed only where that works.

use std::collections::BTreeSet;

use super::identity::{DEFAULT_AUDIENCE, DEFAULT_IDENTITY};
use super::{Constraint, Job, Service, TaskGroup};

/// Plugins that a bridge network is made of.
const BRIDGE_PLUGINS: [&str; 5] = ["bridge", "firewall", "host-local", "loopback", "portmap"];

impl Job {
    /// Adds the implied constraints of every group; those that are there already are not repeated.
    pub fn add_implied_constraints(&mut self) {
        for group in &mut self.task_groups {
            for constraint in implied_by(group) {
                if !group.constraints.contains(&constraint) {
                    group.constraints.push(constraint);
                }
            }
        }
    }
}

fn constraint(l_target: impl Into<String>, operand: &str, r_target: impl Into<String>) -> Constraint {
    Constraint { l_target: l_target.into(), operand: operand.into(), r_target: r_target.into() }
}

fn implied_by(group: &TaskGroup) -> Vec<Constraint> {
    let mut wanted = Vec::new();
    if group.tasks.iter().any(|task| task.vault.is_some()) {
        wanted.push(constraint("${attr.vault.version}", "semver", ">= 0.6.1"));
    }
    let signals = signals(group);
    if !signals.is_empty() {
        let signals: Vec<_> = signals.into_iter().collect();
        wanted.push(constraint("${attr.os.signals}", "set_contains", signals.join(",")));
    }
    let of_provider =
        |provider: &str| services(group).filter(|own| own.provider == provider).collect::<Vec<_>>();
    let native = of_provider("nomad");
    if native.iter().any(|service| !service.checks.is_empty()) {
        wanted.push(constraint("${attr.nomad.version}", "semver", ">= 1.4.0"));
    }
    if !native.is_empty() {
        wanted.push(constraint("${attr.nomad.service_discovery}", "=", "true"));
    }
    if !of_provider("consul").is_empty() {
        wanted.push(constraint("${attr.consul.version}", "semver", ">= 1.8.0"));
    }
    let partitions = group.consul.iter().chain(group.tasks.iter().filter_map(|task| task.consul.as_ref()));
    for partition in partitions.map(|consul| &consul.partition).filter(|partition| !partition.is_empty()) {
        wanted.push(constraint("${attr.consul.partition}", "=", partition.as_str()));
    }
    if group.tasks.iter().any(needs_identities) {
        wanted.push(constraint("${attr.nomad.version}", "semver", ">= 1.7.0-a"));
    }
    let providers: BTreeSet<_> =
        group.tasks.iter().flat_map(|task| &task.secrets).map(|secret| secret.provider.as_str()).collect();
    for provider in providers {
        wanted.push(constraint(format!("${{attr.plugins.secrets.{provider}.version}}"), "is_set", ""));
    }
    if group.networks.iter().any(|network| network.mode == "bridge") {
        let plugin = |name| constraint(format!("${{attr.plugins.cni.version.{name}}}"), "semver", ">= 0.4.0");
        wanted.extend(BRIDGE_PLUGINS.into_iter().map(plugin));
    }
    wanted
}

/// Services of a group and of its tasks.
pub(super) fn services(group: &TaskGroup) -> impl Iterator<Item = &Service> {
    group.services.iter().chain(group.tasks.iter().flat_map(|task| &task.services))
}

fn signals(group: &TaskGroup) -> BTreeSet<&str> {
    let mut signals = BTreeSet::new();
    for task in &group.tasks {
        signals.insert(task.kill_signal.as_str());
        let on_signal = |mode: Option<&String>| mode.is_some_and(|mode| mode == "signal");
        if let Some(vault) = task.vault.as_ref().filter(|vault| on_signal(vault.change_mode.as_ref())) {
            signals.extend(vault.change_signal.as_deref());
        }
        let templates = task.templates.iter().filter(|template| on_signal(template.change_mode.as_ref()));
        signals.extend(templates.filter_map(|template| template.change_signal.as_deref()));
        let identities = task.identities.iter().filter(|identity| identity.change_mode == "signal");
        signals.extend(identities.map(|identity| identity.change_signal.as_str()));
    }
    signals.remove("");
    signals
}

/// Identities besides the one that every task has came later than the oldest agents.
fn needs_identities(task: &super::Task) -> bool {
    let plain = |identity: &super::WorkloadIdentity| {
        identity.name == DEFAULT_IDENTITY && identity.audience.iter().eq([DEFAULT_AUDIENCE])
    };
    !task.identities.is_empty() && !task.identities.iter().all(plain)
}
