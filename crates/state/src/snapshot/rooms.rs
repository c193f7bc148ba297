//! What can be asked of the room on nodes, and the only ways to write nodes and allocations, which keep it.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::id::{AllocId, NodeId};
use model::resources::fit::{self, Dimension};
use model::resources::used::Used;
use model::{AllocatedResources, Allocation, Node};

use super::State;
use crate::table::capacity::Class;

impl State {
    /// What allocations take of a node; `None` while they take nothing.
    pub fn used_of_node(&self, node: NodeId) -> Option<&Used> {
        self.capacity.used.get(&node).map(|used| &**used)
    }

    /// Classes of nodes that may be given work, by name.
    pub fn ready_classes(&self) -> impl Iterator<Item = (&str, &Class)> {
        self.capacity.classes.iter().map(|(name, class)| (&**name, class))
    }

    /// Checks that a node takes all of `new` together once those of `leaving` that are on it have left.
    pub fn node_takes<'a>(
        &self,
        node: &Node,
        leaving: &BTreeSet<AllocId>,
        new: impl Iterator<Item = &'a AllocatedResources>,
    ) -> Result<(), Dimension> {
        let mut used = self.used_of_node(node.id).cloned().unwrap_or_default();
        if !leaving.is_empty() {
            let ids = self.allocs.ids_of_node(node.id).filter(|id| leaving.contains(id));
            for alloc in ids.filter_map(|id| self.alloc(id)).filter(|alloc| alloc.occupies()) {
                used.remove(&alloc.resources);
            }
        }
        for resources in new {
            fit::admit(node, &mut used, resources)?;
        }
        Ok(())
    }

    /// Writes an allocation; answers the one that was there before.
    pub(crate) fn store_alloc(&mut self, alloc: Arc<Allocation>) -> Option<Arc<Allocation>> {
        let old = self.allocs.put(alloc.clone());
        let node = self.nodes.by_id.get(&alloc.node_id);
        self.capacity.change_alloc(node.map(|node| &**node), old.as_deref(), Some(&alloc));
        old
    }

    pub(crate) fn drop_alloc(&mut self, id: AllocId) -> Option<Arc<Allocation>> {
        let old = self.allocs.remove(id)?;
        let node = self.nodes.by_id.get(&old.node_id);
        self.capacity.change_alloc(node.map(|node| &**node), Some(&old), None);
        Some(old)
    }

    /// Writes a node.
    pub(crate) fn store_node(&mut self, node: Arc<Node>) {
        let old = self.nodes.by_id.insert(node.id, node.clone());
        self.capacity.change_node(old.as_deref(), Some(&node));
    }

    pub(crate) fn drop_node(&mut self, id: NodeId) -> Option<Arc<Node>> {
        let old = self.nodes.by_id.remove(&id)?;
        self.capacity.change_node(Some(&old), None);
        Some(old)
    }
}
