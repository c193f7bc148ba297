//! The last events of the cluster, for whoever follows them: `/v1/event/stream`.
//!
//! What is kept are the objects themselves, shared with the state; they become JSON only for those who listen.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use model::Job;
use model::id::JobKey;
use raft::Batch;
use state::Event;
use tokio::sync::watch;

/// Commands whose events are kept: `event_buffer_size` of the original.
const KEPT_MAX: usize = 100;

/// What one command did.
pub(crate) struct Happened {
    /// Counts what was kept since this server started.
    pub(crate) number: u64,
    /// Index of the command.
    pub(crate) index: u64,
    pub(crate) events: Vec<Event>,
    /// Jobs among the events, as they were right after it; `None` for those that are gone.
    pub(crate) jobs: BTreeMap<JobKey, Option<Arc<Job>>>,
}

/// The last events.
pub(crate) struct Events {
    kept: Mutex<VecDeque<Arc<Happened>>>,
    newest: watch::Sender<u64>,
    /// Whoever waits for a smaller number hears no more.
    first: AtomicU64,
}

impl Default for Events {
    fn default() -> Self {
        Events { kept: Mutex::default(), newest: watch::Sender::new(0), first: AtomicU64::new(0) }
    }
}

impl Events {
    /// Keeps what a batch of commands did.
    pub(crate) fn keep(&self, batch: &Batch) {
        let mut rest = batch.events.as_slice();
        while let Some(&(index, _)) = rest.first() {
            let count = rest.iter().take_while(|(other, _)| *other == index).count();
            let (mine, later) = rest.split_at(count);
            rest = later;
            let events: Vec<Event> = mine.iter().map(|(_, event)| event.clone()).collect();
            let keys = events.iter().filter_map(|event| match event {
                Event::Job(key) => Some(key.clone()),
                _ => None,
            });
            let jobs = keys.map(|key| (key.clone(), batch.state.job(&key).cloned())).collect();
            self.push(index, events, jobs);
        }
    }

    fn push(&self, index: u64, events: Vec<Event>, jobs: BTreeMap<JobKey, Option<Arc<Job>>>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let number = *self.newest.borrow() + 1;
        kept.push_back(Arc::new(Happened { number, index, events, jobs }));
        if kept.len() > KEPT_MAX {
            kept.pop_front();
        }
        drop(kept);
        self.newest.send_replace(number);
    }

    /// Forgets everything and ends the streams: what happened before has been undone, and no event says so.
    pub(crate) fn end(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clear();
        let number = *self.newest.borrow() + 1;
        self.first.store(number + 1, Ordering::Release);
        drop(kept);
        self.newest.send_replace(number);
    }

    /// The number of the first thing kept at that index or later; 0 is the oldest.
    pub(crate) fn number_at(&self, index: u64) -> u64 {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|happened| happened.index >= index).map(|happened| happened.number);
        found.unwrap_or(*self.newest.borrow() + 1)
    }

    /// The first thing kept with that number or a later one; waits for it. `None` ends the stream.
    pub(crate) async fn next(&self, number: u64) -> Option<Arc<Happened>> {
        let mut newest = self.newest.subscribe();
        loop {
            if number > 0 && number < self.first.load(Ordering::Acquire) {
                return None;
            }
            {
                let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(found) = kept.iter().find(|happened| happened.number >= number) {
                    return Some(found.clone());
                }
            }
            newest.changed().await.ok()?;
        }
    }
}
