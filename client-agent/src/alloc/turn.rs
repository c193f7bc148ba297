//! An allocation's turn: what it takes the place of on this node ends first.
//!
//! The scheduler counts the room of a predecessor, or of what was preempted, as its successor's; both at once would be
//! more than the node has, and a static port or a host volume cannot be had twice.

use std::future;

use model::{AllocId, AllocUpdate, Allocation};
use tokio::sync::watch;

use crate::context::Directory;

/// Those that have to end first.
#[derive(Default)]
pub(super) struct Turn(Vec<watch::Receiver<AllocUpdate>>);

impl Turn {
    /// Whoever of the allocation's predecessors still runs on this node.
    pub(super) fn of(alloc: &Allocation, directory: &Directory) -> Self {
        let before =
            [alloc.previous_allocation].into_iter().chain(alloc.preempted_allocations.iter().copied());
        let running = |id: AllocId| {
            let update = directory.get(id)?.update.clone();
            let ended = update.borrow().client_status.terminal();
            (!ended).then_some(update)
        };
        Turn(before.filter_map(running).collect())
    }

    /// True when there is nobody left to wait for.
    pub(super) fn come(&self) -> bool {
        self.0.is_empty()
    }

    /// Waits for the next one to end; for ever when there is none. May be dropped and called again.
    pub(super) async fn wait(&mut self) {
        let Some(next) = self.0.last_mut() else { return future::pending().await };
        // One that is forgotten has ended before.
        let _ = next.wait_for(|update| update.client_status.terminal()).await;
        self.0.pop();
    }
}
