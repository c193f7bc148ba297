//! What only a licensed edition of the original does, and clusters of Consul and Vault that are not there. The texts are
//! the free edition's.

use std::collections::BTreeSet;

use super::Faults;
use crate::job::canonicalize::DEFAULT_CLUSTER;
use crate::job::implied::services;
use crate::job::{Job, Task};

/// Prefix of the identity that signs in to a Vault cluster.
const VAULT_IDENTITY: &str = "vault_";

impl Job {
    fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.task_groups.iter().flat_map(|group| &group.tasks)
    }

    /// Clusters of Vault and Consul that the job names.
    pub(super) fn validate_clusters(&self, faults: &mut Faults) {
        let vaults = || self.tasks().filter_map(|task| Some((task, task.vault.as_ref()?)));
        let namespaces: BTreeSet<_> = vaults()
            .filter_map(|(_, vault)| vault.namespace.as_deref())
            .filter(|name| !name.is_empty())
            .collect();
        if !namespaces.is_empty() {
            let namespaces = namespaces.into_iter().collect::<Vec<_>>().join(", ");
            faults.add(format!(
                "multiple Vault namespaces requires Nomad Enterprise, Namespaces: {namespaces}"
            ));
        }
        let foreign = || vaults().filter(|(_, vault)| vault.cluster != DEFAULT_CLUSTER);
        for cluster in foreign().map(|(_, vault)| &vault.cluster).collect::<BTreeSet<_>>() {
            faults.add(format!("Vault \"{cluster}\" not enabled but used in the job"));
        }
        for (task, vault) in foreign() {
            let (task, cluster, wanted) =
                (task, &vault.cluster, format!("{VAULT_IDENTITY}{}", vault.cluster));
            if !task.identities.iter().any(|identity| identity.name == wanted) {
                faults.add(format!(
                    "Task {} uses Vault cluster {cluster} but does not have an identity named {wanted} and no default \
                     identity is provided in agent configuration",
                    task.name
                ));
            }
        }
        let consuls = self.task_groups.iter().filter_map(|group| group.consul.as_ref());
        let consuls = consuls.chain(self.tasks().filter_map(|task| task.consul.as_ref()));
        let mut clusters = consuls.map(|consul| &consul.cluster).chain(
            self.task_groups
                .iter()
                .flat_map(services)
                .filter(|service| service.provider == "consul")
                .map(|service| &service.cluster),
        );
        if clusters.any(|cluster| cluster != DEFAULT_CLUSTER) {
            faults.add("non-default Consul cluster requires Nomad Enterprise");
        }
    }

    /// Blocks that ask for a licence.
    pub(super) fn validate_licence(&self, faults: &mut Faults) {
        let near = |task: &Task| task.resources.numa.as_ref().is_some_and(|numa| numa.affinity != "none");
        if self.tasks().any(near) {
            faults.add("numa scheduling requires Nomad Enterprise");
        }
        if self.tasks().any(|task| task.schedule.as_ref().is_some_and(|schedule| schedule.cron.is_some())) {
            faults.add("task schedules requires Nomad Enterprise");
        }
    }
}
