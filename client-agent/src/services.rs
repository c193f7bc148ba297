//! The services that an allocation stands for, as they are registered: names, addresses and checks, interpolated.
//! Pure. Only services of the provider `nomad` are ours.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use model::job::{Service, ServiceCheck, Task};
use model::service_registration::registration_id;
use model::{Allocation, Node, ServiceRegistration};
use sha2::{Digest, Sha256};

use crate::alloc::dir::TaskDirs;
use crate::task::config::task_of;
use crate::task::env::task_env;
use crate::task::interpolate::Variables;

const PROVIDER: &str = "nomad";

/// What of an allocation is up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Up {
    /// The group as a whole.
    pub(crate) group: bool,
    /// Tasks by name.
    pub(crate) tasks: BTreeSet<String>,
}

/// A check that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CheckSpec {
    /// 32 hexadecimal digits.
    pub(crate) id: String,
    /// Name of the allocation.
    pub(crate) group: String,
    /// The task that a failing check restarts; empty for the group's.
    pub(crate) task: String,
    pub(crate) service: String,
    pub(crate) address: String,
    pub(crate) port: i64,
    /// The check itself, interpolated.
    pub(crate) check: ServiceCheck,
}

/// Services that are registered, with their checks.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Standing {
    pub(crate) registrations: Vec<ServiceRegistration>,
    pub(crate) checks: BTreeMap<String, CheckSpec>,
}

/// What an allocation stands for while this much of it is up.
pub(crate) fn standing(alloc: &Allocation, node: &Node, region: &str, root: &Path, up: &Up) -> Standing {
    let mut standing = Standing::default();
    let Some(group) = alloc.group() else { return standing };
    let nothing = BTreeMap::new();
    let mut add = |of: &str, task: &Task, services: &[Service]| {
        let dirs = TaskDirs::beneath(root, &task.name);
        let env = task_env(&nothing, alloc, task, node, region, &dirs);
        let variables = Variables::new(&env, node, region);
        for service in services.iter().filter(|service| service.provider == PROVIDER) {
            let site = Site { alloc, node, variables: &variables, of, task: &task.name };
            site.register(service, &mut standing);
        }
    };
    if up.group {
        add(&format!("group-{}", group.name), &Task::default(), &group.services);
    }
    for task in &up.tasks {
        let task = task_of(alloc, task);
        if !task.services.is_empty() {
            add(&task.name, &task, &task.services);
        }
    }
    standing
}

struct Site<'a> {
    alloc: &'a Allocation,
    node: &'a Node,
    variables: &'a Variables<'a>,
    of: &'a str,
    task: &'a str,
}

impl Site<'_> {
    /// Address and port that a label stands for.
    fn address(&self, label: &str, mode: &str) -> (String, i64) {
        let own =
            || self.node.resources.networks.first().map(|network| network.ip.clone()).unwrap_or_default();
        if let Some(port) = self.alloc.resources.ports.iter().find(|port| port.label == label) {
            let inside = if mode == "alloc" || mode == "driver" { port.to } else { 0 };
            let number = if inside > 0 { inside } else { i64::from(port.value) };
            return (port.host_ip.clone(), number);
        }
        (own(), label.parse().unwrap_or(0))
    }

    fn register(&self, service: &Service, standing: &mut Standing) {
        let name = self.variables.text(&service.name);
        let label = self.variables.text(&service.port_label);
        let (address, port) = self.address(&label, &service.address_mode);
        let given = self.variables.text(&service.address);
        let canary = self.alloc.deployment_status.is_some_and(|status| status.canary);
        let tags =
            if canary && !service.canary_tags.is_empty() { &service.canary_tags } else { &service.tags };
        standing.registrations.push(ServiceRegistration {
            id: registration_id(self.alloc.id, self.of, &name, &label),
            service_name: name.clone(),
            tags: tags.iter().map(|tag| self.variables.text(tag)).collect(),
            address: if given.is_empty() { address } else { given },
            port,
            ..ServiceRegistration::default()
        });
        for check in service.checks.iter() {
            let spec = self.check(service, &name, &label, check);
            standing.checks.insert(spec.id.clone(), spec);
        }
    }

    fn check(&self, service: &Service, name: &str, label: &str, check: &ServiceCheck) -> CheckSpec {
        let text = |text: &str| self.variables.text(text);
        let mut check = check.clone();
        for field in
            [&mut check.name, &mut check.path, &mut check.method, &mut check.body, &mut check.protocol]
        {
            *field = text(field);
        }
        if check.name.is_empty() {
            check.name = format!("service: {name:?} check");
        }
        for values in check.header.0.values_mut() {
            values.0.iter_mut().for_each(|value| *value = text(value));
        }
        let own_label = text(&check.port_label);
        let label = if own_label.is_empty() { label } else { &own_label };
        let (address, port) = self.address(label, &check.address_mode);
        let task = [&check.task_name, &service.task_name].into_iter().find(|task| !task.is_empty());
        let task = task.map_or(self.task, String::as_str).to_owned();
        check.check_restart = check.check_restart.or_else(|| service.check_restart.clone());
        let named = format!("{}\0{}\0{name}\0{}\0{}", self.alloc.id, self.of, check.name, check.kind);
        let digest = Sha256::digest(named.as_bytes());
        let id = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        CheckSpec { id, group: self.alloc.name.clone(), task, service: name.to_owned(), address, port, check }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::resources::AllocatedPort;
    use std::sync::Arc;

    fn service(name: &str, label: &str, provider: &str) -> Service {
        let check = ServiceCheck { kind: "tcp".into(), ..ServiceCheck::default() };
        Service {
            name: name.into(),
            port_label: label.into(),
            provider: provider.into(),
            tags: model::wire::List(vec!["in-${node.datacenter}".into()]),
            checks: model::wire::List(vec![check]),
            ..Service::default()
        }
    }

    #[test]
    fn what_is_up_is_registered() {
        let mut group = model::TaskGroup { name: "g".into(), ..Default::default() };
        group.services =
            model::wire::List(vec![service("web", "http", "nomad"), service("no", "http", "consul")]);
        let mut task = Task { name: "t".into(), ..Task::default() };
        task.services = model::wire::List(vec![service("${NOMAD_TASK_NAME}-metrics", "9100", "nomad")]);
        group.tasks.push(task);
        let job = model::Job { id: "j".into(), task_groups: vec![group], ..Default::default() };
        let mut alloc = Allocation { name: "j.g[0]".into(), task_group: "g".into(), ..Allocation::default() };
        alloc.job = Arc::new(job);
        alloc.resources.ports = vec![AllocatedPort {
            label: "http".into(),
            value: 20_001,
            to: 80,
            host_ip: "10.0.0.1".into(),
            shared: false,
        }];
        let node = Node { datacenter: "dc1".into(), ..Node::default() };
        let look = |group, tasks: &[&str]| {
            let up = Up { group, tasks: tasks.iter().map(|task| (*task).to_owned()).collect() };
            standing(&alloc, &node, "global", Path::new("/a"), &up)
        };
        assert_eq!(look(false, &[]), Standing::default());
        let all = look(true, &["t"]);
        let shown: Vec<_> =
            all.registrations.iter().map(|r| (r.service_name.as_str(), r.address.as_str(), r.port)).collect();
        assert_eq!(shown, [("web", "10.0.0.1", 20_001), ("t-metrics", "", 9100)]);
        assert!(all.registrations[0].id.ends_with("-group-g-web-http"), "{}", all.registrations[0].id);
        assert!(all.registrations[1].id.ends_with("-t-t-metrics-9100"), "{}", all.registrations[1].id);
        assert_eq!(all.registrations[0].tags, ["in-dc1"]);
        assert_eq!(all.checks.len(), 2);
        assert!(all.checks.values().all(|check| check.id.len() == 32));
    }
}
