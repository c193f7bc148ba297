//! Collects what has ended, round by round, while this server leads.

use std::sync::Arc;
use std::time::Duration;

use controllers::gc::{Thresholds, candidates};
use state::Command;

use crate::app::App;

/// Runs until it is dropped with its tenure.
pub(crate) async fn run(app: Arc<App>, tenure: u64) {
    let mut interval = tokio::time::interval(Duration::from_millis(app.options.gc_interval_ms.max(1_000)));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let thresholds = app.options.gc;
        while collect_once(&app, tenure, thresholds).await {}
    }
}

/// One round; true when another is worth it.
async fn collect_once(app: &Arc<App>, tenure: u64, thresholds: Thresholds) -> bool {
    let (state, now_ns) = (app.state(), app.clock.now_ns());
    // The whole state is walked: not on a thread that answers requests.
    let walk = tokio::task::spawn_blocking(move || candidates(&state, now_ns, &thresholds));
    let Ok(what) = walk.await else { return false };
    if what.is_empty() {
        return false;
    }
    let count = what.len();
    match app.propose(Command::Collect { tenure, what }).await {
        Ok(_) => {
            tracing::debug!(count, "ended things were collected");
            // A candidate that apply refuses would come again and again: only full rounds are followed at once.
            count >= controllers::gc::COLLECT_MAX
        }
        Err(error) => {
            tracing::debug!(%error, "nothing was collected");
            false
        }
    }
}
