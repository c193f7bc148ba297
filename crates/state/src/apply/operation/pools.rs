//! Namespaces and node pools.

use std::sync::Arc;

use model::id::DEFAULT_NAMESPACE;
use model::{JobStatus, Namespace, NodePool};

use super::DONE;
use crate::apply::Tx;
use crate::event::Event;
use crate::outcome::Refusal;
use crate::outcome::answer::Answer;
use crate::row::RowKey;
use crate::table::Table;

impl Tx<'_> {
    pub(super) fn put_namespace(&mut self, namespace: &Namespace) -> Result<Answer, Refusal> {
        let old = self.state.namespace(&namespace.name);
        let create_index = old.map_or(self.index, |old| old.create_index);
        let fresh = Namespace { create_index, modify_index: self.index, ..namespace.clone() };
        self.dirty.insert(RowKey::namespace(&fresh.name));
        self.state.cluster.namespaces.put(&namespace.name, Arc::new(fresh));
        self.touch_table(Table::Namespaces);
        Ok(DONE)
    }

    pub(super) fn delete_namespace(&mut self, name: &str) -> Result<Answer, Refusal> {
        if name == DEFAULT_NAMESPACE {
            return Err(Refusal::DefaultNamespace);
        }
        if self.state.namespace(name).is_none() {
            return Err(Refusal::UnknownNamespace);
        }
        let live = |job: &model::Job| job.status != JobStatus::Dead;
        if let Some((job, _)) = self.state.jobs_with_prefix(name, "").find(|(job, _)| live(job)) {
            return Err(Refusal::NamespaceHasJobs { name: name.to_owned(), region: job.region.clone() });
        }
        if let Some(variable) = self.state.variables_with_prefix(Some(name), "").first() {
            let path = variable.path.clone();
            return Err(Refusal::NamespaceHasVariables { name: name.to_owned(), path });
        }
        self.state.cluster.namespaces.remove(name);
        self.dirty.insert(RowKey::namespace(name));
        self.touch_table(Table::Namespaces);
        Ok(DONE)
    }

    pub(super) fn put_node_pool(&mut self, pool: &NodePool) -> Result<Answer, Refusal> {
        if NodePool::is_built_in(&pool.name) {
            return Err(Refusal::BuiltInNodePool { verb: "modifying".to_owned(), name: pool.name.clone() });
        }
        self.write_node_pool(pool);
        Ok(DONE)
    }

    fn write_node_pool(&mut self, pool: &NodePool) {
        let old = self.state.node_pool(&pool.name);
        let create_index = old.map_or(self.index, |old| old.create_index);
        let fresh = Arc::new(NodePool { create_index, modify_index: self.index, ..pool.clone() });
        self.dirty.insert(RowKey::node_pool(&fresh.name));
        self.state.cluster.pools.put(&pool.name, fresh.clone());
        self.touch_table(Table::NodePools);
        self.events.push(Event::NodePool { pool: fresh, deleted: false });
    }

    pub(super) fn delete_node_pool(&mut self, name: &str) -> Result<Answer, Refusal> {
        let uses = |job: &model::Job| job.node_pool == name && job.status != JobStatus::Dead;
        if let Some((_, job, _)) = self.state.jobs().find(|(_, job, _)| uses(job)) {
            return Err(Refusal::NodePoolHasJobs { name: name.to_owned(), region: job.region.clone() });
        }
        if self.state.nodes().any(|node| node.node_pool == name) {
            return Err(Refusal::NodePoolHasNodes { name: name.to_owned() });
        }
        if NodePool::is_built_in(name) {
            return Err(Refusal::BuiltInNodePool { verb: "deleting".to_owned(), name: name.to_owned() });
        }
        let Some(old) = self.state.cluster.pools.remove(name) else {
            return Err(Refusal::UnknownNodePool { name: name.to_owned() });
        };
        self.dirty.insert(RowKey::node_pool(name));
        self.touch_table(Table::NodePools);
        self.events.push(Event::NodePool { pool: old, deleted: true });
        Ok(DONE)
    }

    /// A pool that only its first node names comes to be with that node.
    pub(in crate::apply) fn ensure_node_pool(&mut self, name: &str) {
        if !name.is_empty() && self.state.node_pool(name).is_none() {
            self.write_node_pool(&NodePool::of_nodes(name));
        }
    }

    /// What every cluster has from its first leader on.
    pub(in crate::apply) fn ensure_built_ins(&mut self) {
        if self.state.namespace(DEFAULT_NAMESPACE).is_none() {
            // A namespace that is not there yet cannot be refused.
            let _ = self.put_namespace(&Namespace::built_in());
        }
        for pool in NodePool::built_in() {
            if self.state.node_pool(&pool.name).is_none() {
                self.write_node_pool(&pool);
            }
        }
        self.ensure_settings();
    }
}
