//! Services of a group or task, and their checks.

use std::collections::{BTreeMap, BTreeSet};

use super::Faults;
use crate::go_duration::format as go;
use crate::job::canonicalize::SECOND_NS;
use crate::job::{CheckRestart, Service, ServiceCheck, Task, TaskGroup};

/// Longest name of a service, and shortest interval of a check.
const NAME_MAX: usize = 63;
const NOTES_MAX: usize = 255;
const ON_UPDATE: [&str; 3] = ["require_healthy", "ignore_warnings", "ignore"];
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"];

/// What is wrong with a group's services and their checks, each in one line of the group's.
pub(super) fn of_group(group: &TaskGroup, faults: &mut Faults) {
    let mut inner = Faults::default();
    let mut seen = BTreeSet::new();
    let mut twice = Vec::new();
    for (number, service) in group.services.iter().enumerate() {
        let own = service.faults();
        if !own.is_empty() {
            inner.add(format!("Service[{number}] {} validation failed: {own}", service.name));
        } else if service.address_mode == "driver" {
            inner.add(format!(
                "service \"{}\" cannot use address_mode=\"driver\", only services defined in a \"task\" block can use \
                 this mode",
                service.name
            ));
        }
        if !seen.insert((&service.name, &service.port_label)) {
            twice.push(format!("group->{}:{}", service.name, service.port_label));
        }
    }
    if !twice.is_empty() {
        inner.add(format!("Services are not unique: [{}]", twice.join(" ")));
    }
    for task in &group.tasks {
        for service in task.services.iter().filter(|service| service.task_name != task.name) {
            let (name, other) = (&service.name, &service.task_name);
            inner.add(format!(
                "Service {name} is invalid: may only specify task the service belongs to, got \"{other}\""
            ));
        }
    }
    if !inner.is_empty() {
        faults.add(format!("Task group service validation failed: {inner}"));
    }
    let mut inner = Faults::default();
    for service in &group.services {
        let scripts = service.checks.iter().filter(|check| check.kind.eq_ignore_ascii_case("script"));
        for check in scripts.filter(|check| check.task_name.is_empty() && service.task_name.is_empty()) {
            inner.add(format!(
                "Service [{}]->{} or Check {} must specify task parameter",
                group.name, service.name, check.name
            ));
        }
    }
    if !inner.is_empty() {
        faults.add(format!("Task group service check validation failed: {inner}"));
    }
}

/// What is wrong with a task's own services.
pub(super) fn of_task(task: &Task, group: &TaskGroup) -> Faults {
    let mut faults = Faults::default();
    let networks = || group.networks.iter().chain(&task.resources.networks);
    let known = |label: &str| {
        let mut ports =
            networks().flat_map(|network| network.reserved_ports.iter().chain(&network.dynamic_ports));
        ports.any(|port| port.label == label)
    };
    let mut absent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (number, service) in task.services.iter().enumerate() {
        let own = service.faults();
        if !own.is_empty() {
            faults.add(format!("service[{number}] \"{}\" validation failed: {own}", service.name));
        }
        if service.connect.is_some() {
            faults.add(format!(
                "service \"{}\" cannot have \"connect\" block, only services defined in a \"group\" block can",
                service.name
            ));
        }
        let port = service.port_label.as_str();
        // What is interpolated is known only on the node; a number needs no label.
        if !port.is_empty() && !port.contains("${") && port.parse::<u16>().is_err() && !known(port) {
            absent.entry(port).or_default().push(&service.name);
        }
    }
    for (port, services) in absent {
        let services = services.join(", ");
        faults.add(format!("port label \"{port}\" referenced by services {services} does not exist"));
    }
    faults
}

fn is_host_label(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !name.is_empty()
        && name.len() <= NAME_MAX
        && name.chars().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

impl Service {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        // What is interpolated is known only on the node.
        if !self.name.contains("${") && !is_host_label(&self.name) {
            faults.add(format!(
                "Service name must be valid per RFC 1123 and can contain only alphanumeric characters or dashes and \
                 must be no longer than {NAME_MAX} characters: \"{}\"",
                self.name
            ));
        }
        if !["auto", "host", "driver", "alloc"].contains(&self.address_mode.as_str()) {
            faults.add(format!(
                "Service address_mode must be \"auto\", \"host\", or \"driver\"; not \"{}\"",
                self.address_mode
            ));
        }
        if !self.address.is_empty() && self.address_mode != "auto" {
            faults.add("Service address_mode must be \"auto\" if address is set");
        }
        if !ON_UPDATE.contains(&self.on_update.as_str()) {
            faults.add(format!(
                "Service on_update must be \"require_healthy\", \"ignore_warnings\", or \"ignore\"; not \"{}\"",
                self.on_update
            ));
        }
        let native = match self.provider.as_str() {
            "nomad" => true,
            "consul" => false,
            provider => {
                faults.add(format!("Service provider must be \"consul\", or \"nomad\"; not \"{provider}\""));
                return faults;
            }
        };
        if self.identity.as_ref().is_some_and(|identity| identity.audience.is_empty()) {
            faults.add("Service identity must provide at least one target aud value");
        }
        self.mesh_faults(&mut faults);
        for check in &self.checks {
            if let Some(fault) = check.fault(self, native) {
                faults.add(match native {
                    true => fault,
                    false => format!("Check {} invalid: {fault}", check.name),
                });
            }
        }
        faults
    }
}

impl ServiceCheck {
    /// The first thing that is wrong with a check.
    fn fault(&self, service: &Service, native: bool) -> Option<String> {
        self.fault_of_kind(service, native)
            .or_else(|| self.fault_of_times())
            .or_else(|| self.fault_of_words(native))
            .or_else(|| self.check_restart.as_ref().and_then(|restart| restart.fault(&self.on_update)))
    }

    fn fault_of_kind(&self, service: &Service, native: bool) -> Option<String> {
        let kind = self.kind.to_lowercase();
        let known: &[&str] = if native { &["tcp", "http"] } else { &["grpc", "tcp", "http", "script"] };
        if !known.contains(&kind.as_str()) {
            let known = known.join(", ");
            return Some(format!("invalid check type (\"{}\"), must be one of {known}", self.kind));
        }
        match kind.as_str() {
            "http" if self.path.is_empty() => return Some("http type must have http path".to_owned()),
            "http" if self.path.contains("://") => {
                return Some("http type must have relative http path".to_owned());
            }
            "script" if self.command.is_empty() => {
                return Some("script type must have a valid script path".to_owned());
            }
            "script" => return None,
            _ => {}
        }
        if native && !self.method.is_empty() && !METHODS.contains(&self.method.to_uppercase().as_str()) {
            return Some(format!("method type \"{}\" not supported in Nomad http check", self.method));
        }
        let portless = self.port_label.is_empty() && service.port_label.is_empty();
        (portless && service.connect.is_none()).then(|| {
            format!("check requires a port but neither check nor service \"{}\" have a port", service.name)
        })
    }

    fn fault_of_times(&self) -> Option<String> {
        let (interval, timeout) = (self.interval.0, self.timeout.0);
        if interval == 0 {
            return Some("missing required value interval. Interval cannot be less than 1s".to_owned());
        }
        if interval < SECOND_NS {
            return Some(format!("interval ({}) cannot be lower than 1s", go(interval)));
        }
        if timeout == 0 {
            return Some("missing required value timeout. Timeout cannot be less than 1s".to_owned());
        }
        (timeout < SECOND_NS)
            .then(|| format!("timeout ({}) is lower than required minimum timeout 1s", go(timeout)))
    }

    fn fault_of_words(&self, native: bool) -> Option<String> {
        if !["", "passing", "warning", "critical"].contains(&self.initial_status.as_str()) {
            return Some(format!(
                "invalid initial check state ({}), must be one of \"passing\", \"warning\", \"critical\" or empty",
                self.initial_status
            ));
        }
        match self.address_mode.as_str() {
            "" | "host" | "alloc" => {}
            "driver" if !native => {}
            "driver" => {
                return Some("address_mode = driver may only be set for Consul service checks".to_owned());
            }
            mode => return Some(format!("invalid address_mode \"{mode}\"")),
        }
        if !ON_UPDATE.contains(&self.on_update.as_str()) {
            return Some(format!(
                "on_update must be \"require_healthy\", \"ignore_warnings\", or \"ignore\"; got \"{}\"",
                self.on_update
            ));
        }
        if self.expose && native {
            return Some("expose may only be set for Consul service checks".to_owned());
        }
        if self.expose && !["http", "grpc"].contains(&self.kind.to_lowercase().as_str()) {
            return Some("expose may only be set on HTTP or gRPC checks".to_owned());
        }
        (!native && self.notes.chars().count() > NOTES_MAX)
            .then(|| format!("notes must not be longer than {NOTES_MAX} characters"))
    }
}

impl CheckRestart {
    fn fault(&self, on_update: &str) -> Option<String> {
        if on_update == "ignore" {
            return Some("on_update value \"ignore\" is not compatible with check_restart".to_owned());
        }
        let mut faults = Faults::default();
        if self.limit < 0 {
            faults.add(format!("limit must be greater than or equal to 0 but found {}", self.limit));
        }
        if let Some(grace) = self.grace.filter(|grace| grace.0 < 0) {
            faults.add(format!("grace period must be greater than or equal to 0 but found {}", grace.0));
        }
        (!faults.is_empty()).then(|| faults.to_string())
    }
}
