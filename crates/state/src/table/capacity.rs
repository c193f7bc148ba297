//! What is taken of each node, and the nodes that may be given work, by class: kept with every change of a node or an
//! allocation, so that nobody who looks for a place has to walk over all of them. Nothing of it is stored; it is made
//! again from the rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;
use model::id::NodeId;
use model::resources::fit::Room;
use model::resources::used::Used;
use model::{Allocation, Node};

/// What the scheduler has to know of every node of a class before it looks at one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slot {
    /// What the node has for tasks.
    pub room: Room,
    /// What is taken of that.
    pub used: Room,
}

/// Nodes that may be given work and that are alike as far as constraints go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Class {
    nodes: OrdMap<NodeId, Slot>,
}

impl Class {
    /// Its nodes, by id.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Slot)> {
        self.nodes.iter().map(|(id, slot)| (*id, slot))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True without any; a state keeps no such class.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// One of them, to ask what they have in common.
    pub fn first(&self) -> Option<NodeId> {
        self.nodes.get_min().map(|(id, _)| *id)
    }
}

/// See the head of this file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Capacity {
    pub(crate) used: OrdMap<NodeId, Arc<Used>>,
    pub(crate) classes: OrdMap<Arc<str>, Class>,
}

impl Capacity {
    /// What all of these come to.
    pub(crate) fn of<'a>(
        nodes: impl Iterator<Item = &'a Node>,
        allocs: impl Iterator<Item = &'a Allocation>,
    ) -> Self {
        let mut used: BTreeMap<NodeId, Used> = BTreeMap::new();
        for alloc in allocs.filter(|alloc| alloc.occupies()) {
            used.entry(alloc.node_id).or_default().add(&alloc.resources);
        }
        used.retain(|_, used| *used != Used::default());
        let used = used.into_iter().map(|(node, used)| (node, Arc::new(used))).collect();
        let mut capacity = Capacity { used, classes: OrdMap::new() };
        for node in nodes {
            capacity.change_node(None, Some(node));
        }
        capacity
    }

    /// Takes note of an allocation that was written over an older one, or removed.
    pub(crate) fn change_alloc(
        &mut self,
        node: Option<&Node>,
        old: Option<&Allocation>,
        new: Option<&Allocation>,
    ) {
        let old = old.filter(|alloc| alloc.occupies());
        let new = new.filter(|alloc| alloc.occupies());
        let same = old.map(|alloc| &alloc.resources) == new.map(|alloc| &alloc.resources);
        let Some(node_id) = old.or(new).map(|alloc| alloc.node_id).filter(|_| !same) else {
            return;
        };
        let mut used = self.used.get(&node_id).cloned().unwrap_or_default();
        let taken = Arc::make_mut(&mut used);
        if let Some(old) = old {
            taken.remove(&old.resources);
        }
        if let Some(new) = new {
            taken.add(&new.resources);
        }
        let class = node.filter(|node| node.ready()).map(|node| node.computed_class.as_str());
        if let Some(slot) = class
            .and_then(|class| self.classes.get_mut(class))
            .and_then(|class| class.nodes.get_mut(&node_id))
        {
            slot.used = used.room;
        }
        match *used == Used::default() {
            true => self.used.remove(&node_id),
            false => self.used.insert(node_id, used),
        };
    }

    /// Takes note of a node that was written over an older one, or removed.
    pub(crate) fn change_node(&mut self, old: Option<&Node>, new: Option<&Node>) {
        let (old, new) = (old.filter(|node| node.ready()), new.filter(|node| node.ready()));
        if let Some(old) = old
            && new.is_none_or(|new| new.computed_class != old.computed_class)
            && let Some(class) = self.classes.get_mut(old.computed_class.as_str())
        {
            class.nodes.remove(&old.id);
            if class.is_empty() {
                self.classes.remove(old.computed_class.as_str());
            }
        }
        if let Some(new) = new {
            let used = self.used.get(&new.id).map_or(Room::default(), |used| used.room);
            let slot = Slot { room: Room::of_node(new), used };
            let class = new.computed_class.as_str();
            if !self.classes.contains_key(class) {
                self.classes.insert(class.into(), Class::default());
            }
            if let Some(class) = self.classes.get_mut(class) {
                class.nodes.insert(new.id, slot);
            }
        }
    }
}
