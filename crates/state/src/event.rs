//! What apply tells the leader's controllers and the agents' sessions.

use std::sync::Arc;

use model::id::{JobKey, NodeId};
use model::{Allocation, Deployment, Evaluation, Node, NodePool, ServiceRegistration};

/// Something that changed. Events carry the object as it is now, so that a reader needs no second look-up.
#[derive(Debug, Clone)]
pub enum Event {
    /// A leader took over.
    Tenure(u64),
    /// A job was registered, stopped or purged.
    Job(JobKey),
    /// The clock of a periodic job has moved on.
    Launched(JobKey),
    /// An evaluation was made or changed.
    Eval(Arc<Evaluation>),
    /// A node was registered or changed.
    Node(Arc<Node>),
    /// A node was removed; carries it as it was.
    NodeRemoved(Arc<Node>),
    /// A node pool was made, changed or removed.
    NodePool {
        /// As it is now, or was.
        pool: Arc<NodePool>,
        /// It is gone.
        deleted: bool,
    },
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
    /// A service was registered, changed or deregistered.
    Service {
        /// As it is now, or was.
        registration: Arc<ServiceRegistration>,
        /// It is gone.
        deleted: bool,
    },
}
