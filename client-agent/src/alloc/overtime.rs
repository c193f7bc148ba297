//! `max_run_duration`: how long a batch group may take from its arrival, whatever its tasks do meanwhile.
//!
//! Its time over, all tasks are killed and no `poststop` task is started; kill timeouts and shutdown delays come on
//! top. That is no failure: the allocation is complete, and says why.

use std::time::Duration;

use super::runner::{AllocRunner, LOOK_MAX};
use crate::clock::now_ns;

/// What the allocation says of itself then, in the original's words.
pub(super) const DESCRIPTION: &str = "allocation exceeded max_run_duration";

impl AllocRunner {
    /// Notices that the time is over, and writes that down before anything is killed. Says when to look again at the
    /// latest. An update in place may have changed the limit.
    pub(super) async fn watch_time(&mut self) -> Duration {
        let limit = self.alloc.borrow().group().and_then(|group| group.max_run_duration);
        let Some(limit) = limit.filter(|_| !self.row.overtime && !self.stopping() && !self.all_dead()) else {
            return LOOK_MAX;
        };
        let left_ns = limit.0.saturating_sub(now_ns().saturating_sub(self.row.began_ns));
        if left_ns > 0 {
            return Duration::from_nanos(left_ns.unsigned_abs()).min(LOOK_MAX);
        }
        tracing::info!(alloc = %self.row.alloc.id, "the group has had its time");
        self.row.overtime = true;
        self.keep_row().await;
        LOOK_MAX
    }
}
