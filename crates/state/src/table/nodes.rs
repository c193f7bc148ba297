//! Nodes, by id.

use std::sync::Arc;

use imbl::OrdMap;
use model::Node;
use model::id::NodeId;

/// All nodes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nodes {
    pub(crate) by_id: OrdMap<NodeId, Arc<Node>>,
}
