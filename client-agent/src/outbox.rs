//! Status updates on their way to the servers: the newest of each allocation, kept until it is acknowledged.
//!
//! An update holds the whole state of its allocation, so a newer one replaces an older one and nothing queues up.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{AllocId, AllocUpdate};
use tokio::sync::Notify;

/// Updates sent in one message.
pub(crate) const BATCH_MAX: usize = 64;

/// What waits for the servers.
#[derive(Default)]
pub(crate) struct Outbox {
    inner: Mutex<Inner>,
    filled: Notify,
}

#[derive(Default)]
struct Inner {
    /// By allocation, with the traceparent of what led to it.
    waiting: BTreeMap<AllocId, (AllocUpdate, String)>,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is one insertion or removal: a panic elsewhere leaves nothing half made.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an update, or replaces the one that waits. To be flushed to the store before.
    pub(crate) fn put(&self, update: AllocUpdate, traceparent: String) {
        self.lock().waiting.insert(update.id, (update, traceparent));
        self.filled.notify_one();
    }

    /// Forgets what waits for an allocation.
    pub(crate) fn remove(&self, id: AllocId) {
        self.lock().waiting.remove(&id);
    }

    /// The next batch, without taking it out.
    pub(crate) fn batch(&self) -> Vec<(AllocUpdate, String)> {
        self.lock().waiting.values().take(BATCH_MAX).cloned().collect()
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Waits until something waits.
    pub(crate) async fn filled(&self) {
        loop {
            let notified = self.filled.notified();
            if self.len() > 0 {
                return;
            }
            notified.await;
        }
    }

    /// Takes out those of a batch that have not been replaced since it was sent.
    pub(crate) fn acknowledge(&self, sent: &[AllocUpdate]) {
        let mut inner = self.lock();
        for update in sent {
            if inner.waiting.get(&update.id).is_some_and(|(waiting, _)| waiting == update) {
                inner.waiting.remove(&update.id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(number: u128, time: i64) -> AllocUpdate {
        let id = AllocId(uuid::Uuid::from_u128(number));
        AllocUpdate { id, modify_time_ns: time, ..AllocUpdate::default() }
    }

    #[test]
    fn an_update_that_was_replaced_after_it_was_sent_stays() {
        let outbox = Outbox::default();
        outbox.put(update(1, 1), String::new());
        outbox.put(update(2, 1), String::new());
        let sent: Vec<AllocUpdate> = outbox.batch().into_iter().map(|(update, _)| update).collect();
        outbox.put(update(1, 2), String::new());
        outbox.acknowledge(&sent);
        let left: Vec<i64> = outbox.batch().into_iter().map(|(update, _)| update.modify_time_ns).collect();
        assert_eq!(left, [2]);
    }

    #[test]
    fn a_batch_is_bounded() {
        let outbox = Outbox::default();
        (0..200).for_each(|number| outbox.put(update(number, 0), String::new()));
        assert_eq!(outbox.batch().len(), BATCH_MAX);
    }
}
