//! Fills what a job leaves out in its smaller blocks, where the documents name a default.

use super::canonicalize::{DEFAULT_CLUSTER, DEFAULT_KILL_TIMEOUT_NS, SECOND_NS};
use super::identity::{DEFAULT_AUDIENCE, DEFAULT_IDENTITY};
use super::{
    Affinity, Artifact, CheckRestart, Job, Service, ServiceCheck, Spread, Task, TaskGroup, Template, Vault,
    WorkloadIdentity,
};
use crate::wire::Ns;

/// Weight of an affinity or spread that names none.
const DEFAULT_WEIGHT: i64 = 50;
/// Zone of a cron text that names none.
const DEFAULT_TIME_ZONE: &str = "UTC";

impl Job {
    /// Fills every block below the job. What is filled already stays, so that doing it twice changes nothing.
    pub fn fill_blocks(&mut self) {
        weigh(&mut self.affinities, &mut self.spreads);
        if let Some(periodic) = &mut self.periodic {
            periodic.enabled.get_or_insert(true);
            periodic.prohibit_overlap.get_or_insert(false);
            periodic.spec.get_or_insert_default();
            periodic.spec_type.get_or_insert_with(|| "cron".to_owned());
            fill(periodic.time_zone.get_or_insert_default(), DEFAULT_TIME_ZONE);
        }
        if let Some(parameterized) = &mut self.parameterized_job {
            fill(&mut parameterized.payload, "optional");
        }
        let (id, namespace) = (self.id.clone(), self.namespace.clone());
        for group in &mut self.task_groups {
            group.fill_blocks(&id, &namespace);
        }
    }
}

impl TaskGroup {
    fn fill_blocks(&mut self, job: &str, namespace: &str) {
        weigh(&mut self.affinities, &mut self.spreads);
        if let Some(consul) = &mut self.consul {
            fill(&mut consul.cluster, DEFAULT_CLUSTER);
        }
        if let Some(scaling) = &mut self.scaling {
            scaling.enabled.get_or_insert(true);
            scaling.min.get_or_insert(self.count);
            fill(&mut scaling.kind, "horizontal");
            for (key, value) in [("Namespace", namespace), ("Job", job), ("Group", &self.name)] {
                scaling.target.insert(key.to_owned(), value.to_owned());
            }
        }
        if let Some(disconnect) = &mut self.disconnect {
            disconnect.lost_after.get_or_insert(Ns(0));
            disconnect.replace.get_or_insert(true);
            disconnect.reconcile.get_or_insert_with(|| "best_score".to_owned());
        }
        // Older spellings that newer servers read and forget.
        self.max_client_disconnect = None;
        self.stop_after_client_disconnect = None;
        self.prevent_reschedule_on_lost = false;
        let base = format!("{job}-{}", self.name);
        for service in &mut self.services {
            service.fill_blocks(&base, &[("JOB", job), ("TASKGROUP", &self.name), ("BASE", &base)]);
        }
        for task in &mut self.tasks {
            task.fill_blocks(job, &self.name, namespace);
        }
        self.add_sidecars();
    }
}

impl Task {
    fn fill_blocks(&mut self, job: &str, group: &str, namespace: &str) {
        weigh(&mut self.affinities, &mut []);
        let base = format!("{job}-{group}-{}", self.name);
        let words = [("JOB", job), ("TASKGROUP", group), ("TASK", &self.name), ("BASE", &base)];
        for service in &mut self.services {
            fill(&mut service.task_name, &self.name);
            service.fill_blocks(&base, &words);
        }
        for template in &mut self.templates {
            template.fill_blocks();
        }
        for artifact in &mut self.artifacts {
            artifact.fill_blocks();
        }
        if let Some(vault) = &mut self.vault {
            vault.fill_blocks();
        }
        if let Some(consul) = &mut self.consul {
            fill(&mut consul.cluster, DEFAULT_CLUSTER);
        }
        for mount in &mut self.volume_mounts {
            fill(&mut mount.propagation_mode, "private");
        }
        for device in &mut self.resources.devices {
            device.count.get_or_insert(1);
            weigh(&mut device.affinities, &mut []);
        }
        for policy in &mut self.scaling_policies {
            policy.enabled.get_or_insert(true);
            let target = [("Namespace", namespace), ("Job", job), ("Group", group), ("Task", &self.name)];
            for (key, value) in target {
                policy.target.insert(key.to_owned(), value.to_owned());
            }
        }
        if self.kill_timeout_ns == 0 {
            self.kill_timeout_ns = DEFAULT_KILL_TIMEOUT_NS;
        }
        let own = self
            .identities
            .iter()
            .position(|identity| ["", DEFAULT_IDENTITY].contains(&identity.name.as_str()));
        if let Some(own) = own {
            self.identity = Some(self.identities.remove(own));
        }
        let identity = self.identity.get_or_insert_with(WorkloadIdentity::default_task);
        fill(&mut identity.name, DEFAULT_IDENTITY);
        if identity.audience.is_empty() {
            identity.audience = vec![DEFAULT_AUDIENCE.to_owned()].into();
        }
    }
}

impl Service {
    /// `base` names a service without a name; `words` are what its texts may refer to.
    fn fill_blocks(&mut self, base: &str, words: &[(&str, &str)]) {
        fill(&mut self.name, base);
        for (word, value) in words {
            self.name = self.name.replace(&format!("${{{word}}}"), value);
        }
        fill(&mut self.address_mode, "auto");
        fill(&mut self.on_update, "require_healthy");
        fill(&mut self.provider, "consul");
        fill(&mut self.cluster, DEFAULT_CLUSTER);
        fill(&mut self.namespace, crate::id::DEFAULT_NAMESPACE);
        if let Some(weights) = &mut self.weights {
            // What makes no sense stays as it is, for validation to name.
            for weight in [&mut weights.passing, &mut weights.warning] {
                if *weight == 0 {
                    *weight = 1;
                }
            }
        }
        let proxies = self.connect.iter_mut().filter_map(|connect| connect.sidecar_service.as_mut());
        for upstream in
            proxies.filter_map(|sidecar| sidecar.proxy.as_mut()).flat_map(|proxy| &mut proxy.upstreams)
        {
            upstream.mesh_gateway.get_or_insert_default();
        }
        let own = self.check_restart.take();
        for check in &mut self.checks {
            fill(&mut check.on_update, &self.on_update);
            fill(&mut check.task_name, &self.task_name);
            check.fill_blocks(&self.name, own.as_ref());
        }
    }
}

impl ServiceCheck {
    fn fill_blocks(&mut self, service: &str, of_service: Option<&CheckRestart>) {
        fill(&mut self.name, &format!("service: \"{service}\" check"));
        if self.check_restart.is_none() {
            self.check_restart = of_service.cloned();
        }
        if let Some(restart) = &mut self.check_restart {
            restart.grace.get_or_insert(Ns(SECOND_NS));
        }
    }
}

impl Template {
    fn fill_blocks(&mut self) {
        let mode = self.change_mode.get_or_insert_with(|| "restart".to_owned());
        let signal = self.change_signal.get_or_insert_default();
        if mode == "signal" {
            *signal = signal.to_uppercase();
        }
        self.splay.get_or_insert(Ns(5 * SECOND_NS));
        self.perms.get_or_insert_with(|| "0644".to_owned());
        self.left_delim.get_or_insert_with(|| "{{".to_owned());
        self.right_delim.get_or_insert_with(|| "}}".to_owned());
        if let Some(script) = &mut self.change_script {
            script.timeout.get_or_insert(Ns(5 * SECOND_NS));
        }
    }
}

impl Artifact {
    fn fill_blocks(&mut self) {
        self.getter_mode.get_or_insert_with(|| "any".to_owned());
        if self.relative_dest.is_none() {
            // A single file keeps its name below the destination, so the destination has to be a directory's.
            self.relative_dest = Some("local/".to_owned());
        }
    }
}

impl Vault {
    fn fill_blocks(&mut self) {
        // Policies belong to a way of signing in that newer servers have not.
        self.policies.clear();
        self.env.get_or_insert(true);
        self.disable_file.get_or_insert(false);
        self.namespace.get_or_insert_default();
        self.allow_token_expiration.get_or_insert(false);
        fill(&mut self.cluster, DEFAULT_CLUSTER);
        self.change_mode.get_or_insert_with(|| "restart".to_owned());
        self.change_signal.get_or_insert_with(|| "SIGHUP".to_owned());
    }
}

fn weigh(affinities: &mut [Affinity], spreads: &mut [Spread]) {
    for affinity in affinities {
        affinity.weight.get_or_insert(DEFAULT_WEIGHT);
    }
    for spread in spreads {
        spread.weight.get_or_insert(DEFAULT_WEIGHT);
    }
}

fn fill(text: &mut String, default: &str) {
    if text.is_empty() {
        default.clone_into(text);
    }
}
