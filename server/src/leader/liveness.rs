//! Signs of life on their way from sessions to the leader's heartbeats, and which server holds which session.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::NodeId;

/// Signs of life since the last look.
#[derive(Default)]
pub(crate) struct Liveness {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    heard: BTreeSet<NodeId>,
    reset: BTreeSet<NodeId>,
    holder: BTreeMap<NodeId, u64>,
}

/// What was noted since the last look.
pub(crate) struct Signs {
    pub(crate) heard: BTreeSet<NodeId>,
    pub(crate) reset: BTreeSet<NodeId>,
}

impl Liveness {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A server says whom it has heard, and whose stream was reset.
    pub(crate) fn note(
        &self,
        server: u64,
        heard: impl Iterator<Item = NodeId>,
        reset: impl Iterator<Item = NodeId>,
    ) {
        let mut inner = self.lock();
        for node in reset {
            if inner.holder.get(&node) == Some(&server) {
                inner.holder.remove(&node);
                inner.reset.insert(node);
            }
        }
        for node in heard {
            inner.holder.insert(node, server);
            inner.heard.insert(node);
            inner.reset.remove(&node);
        }
    }

    /// Takes what was noted.
    pub(crate) fn take(&self) -> Signs {
        let mut inner = self.lock();
        Signs { heard: std::mem::take(&mut inner.heard), reset: std::mem::take(&mut inner.reset) }
    }

    /// The server that holds a node's session, as far as the leader knows.
    pub(crate) fn holder(&self, node: NodeId) -> Option<u64> {
        self.lock().holder.get(&node).copied()
    }

    /// Forgets everything: a new tenure begins.
    pub(crate) fn clear(&self) {
        *self.lock() = Inner::default();
    }
}
