//! What can be asked of namespaces, node pools, configurations and variables.

use std::sync::Arc;

use model::id::DEFAULT_NAMESPACE;
use model::{AutopilotConfiguration, Namespace, NodePool, SchedulerConfiguration, Variable};

use super::State;
use crate::table::variables;

impl State {
    /// A namespace.
    pub fn namespace(&self, name: &str) -> Option<&Arc<Namespace>> {
        self.cluster.namespaces.get(name)
    }

    /// True for namespaces that jobs can be registered in. The default one is there before the first leader is.
    pub fn has_namespace(&self, name: &str) -> bool {
        name == DEFAULT_NAMESPACE || self.namespace(name).is_some()
    }

    /// Namespaces whose name begins so, by name.
    pub fn namespaces<'a>(&'a self, prefix: &str) -> impl Iterator<Item = &'a Arc<Namespace>> {
        self.cluster.namespaces.starting_with(prefix)
    }

    /// A node pool.
    pub fn node_pool(&self, name: &str) -> Option<&Arc<NodePool>> {
        self.cluster.pools.get(name)
    }

    /// True for pools that jobs can be registered in.
    pub fn has_node_pool(&self, name: &str) -> bool {
        NodePool::is_built_in(name) || self.node_pool(name).is_some()
    }

    /// Node pools whose name begins so, by name.
    pub fn node_pools<'a>(&'a self, prefix: &str) -> impl Iterator<Item = &'a Arc<NodePool>> {
        self.cluster.pools.starting_with(prefix)
    }

    /// How jobs are scheduled.
    pub fn scheduler_configuration(&self) -> Arc<SchedulerConfiguration> {
        let config = self.cluster.scheduler.clone();
        config.unwrap_or_else(|| Arc::new(SchedulerConfiguration::initial()))
    }

    /// How servers look after each other.
    pub fn autopilot_configuration(&self) -> Arc<AutopilotConfiguration> {
        let config = self.cluster.autopilot.clone();
        config.unwrap_or_else(|| Arc::new(AutopilotConfiguration::initial()))
    }

    /// A variable.
    pub fn variable(&self, namespace: &str, path: &str) -> Option<&Arc<Variable>> {
        self.variables.get(namespace, path)
    }

    /// Variables of one namespace, or of all without one, whose path begins so; by namespace and path.
    pub fn variables_with_prefix<'a>(
        &'a self,
        namespace: Option<&str>,
        prefix: &'a str,
    ) -> Vec<&'a Arc<Variable>> {
        match namespace {
            Some(namespace) => self.variables.starting_with(&variables::name(namespace, prefix)).collect(),
            None => {
                let all = self.variables.starting_with("");
                all.filter(|variable| variable.path.starts_with(prefix)).collect()
            }
        }
    }

    /// Variables that somebody holds the lock of.
    pub fn locked_variables(&self) -> impl Iterator<Item = &Arc<Variable>> {
        self.variables.locked()
    }
}
