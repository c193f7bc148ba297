//! How a new state becomes visible: one pointer swap, one notification, one gap-free batch per reader.

use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use state::{Event, State};
use tokio::sync::{mpsc, watch};

use crate::lock::lock;
use crate::subscription::{Batch, Subscription};

/// How far the state machine has come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// Raft index of the last applied entry; `None` before the first.
    pub(crate) applied: Option<u64>,
    /// The state after it.
    pub(crate) state: Arc<State>,
}

/// The newest state and everybody who wants to know.
pub(crate) struct Publisher {
    newest: ArcSwap<State>,
    states: watch::Sender<Arc<State>>,
    progress: watch::Sender<Progress>,
    subscribers: Mutex<Vec<mpsc::Sender<Arc<Batch>>>>,
}

impl Publisher {
    pub(crate) fn new(state: Arc<State>, applied: Option<u64>) -> Publisher {
        Publisher {
            newest: ArcSwap::new(Arc::clone(&state)),
            states: watch::Sender::new(Arc::clone(&state)),
            progress: watch::Sender::new(Progress { applied, state }),
            subscribers: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn state(&self) -> Arc<State> {
        self.newest.load_full()
    }

    pub(crate) fn watch_state(&self) -> watch::Receiver<Arc<State>> {
        self.states.subscribe()
    }

    pub(crate) fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Makes `state` the newest. A subscriber that has no room left is dropped: it sees `Lagged` and
    /// starts again from a snapshot, because a batch that is left out cannot be made good.
    pub(crate) fn publish(
        &self,
        state: &Arc<State>,
        applied: Option<u64>,
        events: Option<Vec<(u64, Event)>>,
    ) {
        let mut subscribers = lock(&self.subscribers);
        self.newest.store(Arc::clone(state));
        if let Some(events) = events
            && !subscribers.is_empty()
        {
            let batch = Arc::new(Batch { state: Arc::clone(state), events });
            subscribers.retain(|subscriber| subscriber.try_send(Arc::clone(&batch)).is_ok());
        }
        drop(subscribers);
        if !Arc::ptr_eq(&self.states.borrow(), state) {
            self.states.send_replace(Arc::clone(state));
        }
        self.progress.send_replace(Progress { applied, state: Arc::clone(state) });
    }

    /// Replaces the state by one that no batch leads to: every subscription ends as lagged.
    pub(crate) fn replace(&self, state: &Arc<State>, applied: Option<u64>) {
        lock(&self.subscribers).clear();
        self.publish(state, applied, None);
    }

    /// Batches from the state that is newest now.
    pub(crate) fn subscribe(&self, capacity: usize) -> Subscription {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        let mut subscribers = lock(&self.subscribers);
        subscribers.push(sender);
        Subscription::new(self.state(), receiver)
    }
}
