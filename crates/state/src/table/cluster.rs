//! What operators keep: namespaces, node pools and the configurations of the whole cluster.

use std::sync::Arc;

use model::{AutopilotConfiguration, Namespace, NodePool, SchedulerConfiguration};

use super::named::Named;

/// All of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cluster {
    pub(crate) namespaces: Named<Namespace>,
    pub(crate) pools: Named<NodePool>,
    /// `None` until the first leader has begun.
    pub(crate) scheduler: Option<Arc<SchedulerConfiguration>>,
    /// `None` until the first leader has begun.
    pub(crate) autopilot: Option<Arc<AutopilotConfiguration>>,
}
