//! What the agents have seen: every allocation, when first, and whether it runs.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use model::{AllocId, NodeId};

/// What all agents together have counted.
#[derive(Debug, Default)]
pub struct Counters {
    /// Sessions that a server welcomed.
    pub sessions: AtomicU64,
    /// Desired sets that were taken.
    pub sets: AtomicU64,
    /// Sets that were older than the last one.
    pub old_sets: AtomicU64,
    /// Status updates that a server acknowledged.
    pub acknowledged: AtomicU64,
    /// Allocations that were started.
    pub started: AtomicU64,
}

impl Counters {
    pub(super) fn count(counter: &AtomicU64, more: usize) {
        counter.fetch_add(more as u64, Ordering::Relaxed);
    }
}

/// One allocation, as its agent knows it.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// Its name: `job.group[index]`.
    pub name: String,
    /// Where it is.
    pub node: NodeId,
    /// When its node was first told of it.
    pub seen: Instant,
    /// When it started, if it did.
    pub started: Option<Instant>,
    /// Whether it runs now.
    pub running: bool,
}

/// What all agents of a swarm have seen.
#[derive(Debug, Default)]
pub struct Books {
    /// What they have counted.
    pub counters: Counters,
    allocs: Mutex<BTreeMap<AllocId, Sighting>>,
}

impl Books {
    fn allocs(&self) -> MutexGuard<'_, BTreeMap<AllocId, Sighting>> {
        self.allocs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A node was told of an allocation; only the first time counts.
    pub(super) fn seen(&self, id: AllocId, name: &str, node: NodeId) {
        let fresh =
            || Sighting { name: name.to_owned(), node, seen: Instant::now(), started: None, running: false };
        self.allocs().entry(id).or_insert_with(fresh);
    }

    pub(super) fn runs(&self, id: AllocId, running: bool) {
        if let Some(sighting) = self.allocs().get_mut(&id) {
            if running && sighting.started.is_none() {
                sighting.started = Some(Instant::now());
                Counters::count(&self.counters.started, 1);
            }
            sighting.running = running;
        }
    }

    /// Everything that was ever seen. Copies it: for after a run.
    pub fn sightings(&self) -> BTreeMap<AllocId, Sighting> {
        self.allocs().clone()
    }

    /// How many allocations were ever seen.
    pub fn count(&self) -> usize {
        self.allocs().len()
    }

    /// Where copies of each name run now.
    pub fn copies(&self) -> BTreeMap<String, Vec<(AllocId, NodeId)>> {
        let mut copies: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (id, sighting) in self.allocs().iter().filter(|(_, sighting)| sighting.running) {
            copies.entry(sighting.name.clone()).or_default().push((*id, sighting.node));
        }
        copies
    }
}
