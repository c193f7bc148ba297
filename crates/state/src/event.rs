//! What apply tells the leader's controllers and the agents' sessions.

use std::sync::Arc;

use model::id::{JobKey, NodeId};
use model::{Allocation, Deployment, Evaluation, Node};

/// Something that changed. Events carry the object as it is now, so that a reader needs no second look-up.
#[derive(Debug, Clone)]
pub enum Event {
    /// A leader took over.
    Tenure(u64),
    /// A job was registered, stopped or purged.
    Job(JobKey),
    /// An evaluation was made or changed.
    Eval(Arc<Evaluation>),
    /// A node was registered or changed.
    Node(Arc<Node>),
    /// An allocation was made or changed, by servers or client agent.
    Alloc {
        /// As it is now.
        alloc: Arc<Allocation>,
        /// The servers changed it: the node's desired set differs.
        desired_changed: bool,
        /// It has just stopped taking up room.
        freed: bool,
    },
    /// An allocation was removed; its node's desired set differs.
    AllocRemoved(NodeId),
    /// A deployment was made or changed.
    Deployment(Arc<Deployment>),
}
