//! `disconnect.stop_on_client_after`: how long an allocation runs on while no server is heard.
//!
//! The servers have replaced it by then. A job that must never run twice says so with this, and its tasks are stopped
//! here, by nobody's order, as if the servers had given it.

use std::time::Duration;

use model::{DesiredStatus, TaskGroup};

use super::runner::{AllocRunner, LOOK_MAX};
use crate::clock::now_ns;

/// How long, in ns; in either spelling.
fn patience(group: &TaskGroup) -> Option<i64> {
    let block = group.disconnect.as_ref().and_then(|block| block.stop_on_client_after);
    block.or(group.stop_after_client_disconnect).map(|patience| patience.0).filter(|&patience| patience > 0)
}

impl AllocRunner {
    /// Stops the allocation once no server has been heard for so long. Says when to look again at the latest.
    pub(super) async fn watch_contact(&mut self) -> Duration {
        let patience = self.alloc.borrow().group().and_then(patience);
        let silent_since = *self.contact.borrow_and_update();
        let (Some(patience), Some(since), false) = (patience, silent_since, self.stopping()) else {
            return LOOK_MAX;
        };
        let left_ns = patience.saturating_sub(now_ns().saturating_sub(since));
        if left_ns > 0 {
            return Duration::from_nanos(left_ns.unsigned_abs()).min(LOOK_MAX);
        }
        tracing::warn!(alloc = %self.row.alloc.id, "no server is heard: the allocation is stopped here");
        self.row.alloc.desired_status = DesiredStatus::Stop;
        self.keep_row().await;
        LOOK_MAX
    }
}
