//! What the leader's controllers and the watchers are fed with.

use std::sync::Arc;

use state::{Event, State};
use tokio::sync::mpsc;

/// Everything one committed range changed.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The state after it.
    pub state: Arc<State>,
    /// The clients' index and event, in order.
    pub events: Vec<(u64, Event)>,
}

/// Why a subscription gives no more batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscriptionError {
    /// The reader was slower than its capacity, a snapshot was installed, or the server stops: what
    /// follows would have a gap. Subscribe again and start from its state.
    #[error("subscription has a gap")]
    Lagged,
}

/// Batches without gaps, beginning after [`Subscription::start`].
#[derive(Debug)]
pub struct Subscription {
    start: Arc<State>,
    batches: mpsc::Receiver<Arc<Batch>>,
}

impl Subscription {
    pub(crate) fn new(start: Arc<State>, batches: mpsc::Receiver<Arc<Batch>>) -> Subscription {
        Subscription { start, batches }
    }

    /// The state that the first batch follows.
    pub fn start(&self) -> &Arc<State> {
        &self.start
    }

    /// The next batch. Batches that were sent before a gap still come first.
    ///
    /// # Errors
    /// [`SubscriptionError::Lagged`] once there is a gap; from then on always.
    pub async fn next(&mut self) -> Result<Arc<Batch>, SubscriptionError> {
        self.batches.recv().await.ok_or(SubscriptionError::Lagged)
    }
}
