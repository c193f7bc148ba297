//! The network between the servers: each message is delayed by itself, so that they overtake each other; some are
//! lost, some come twice, and a link may be cut in one direction.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use raft::simulation::Draws;

/// The links between servers.
pub(crate) struct Network {
    links: Mutex<Links>,
}

struct Links {
    draws: Draws,
    cut: BTreeSet<(usize, usize)>,
    /// Counts the changes of what is cut.
    changes: u64,
    /// Of a thousand messages so many are lost.
    lost: u64,
    /// Of a thousand messages so many come twice.
    twice: u64,
    /// The longest way, ms.
    slowest_ms: u64,
    counts: NetworkCounts,
}

/// What happened to messages.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NetworkCounts {
    pub(crate) sent: u64,
    pub(crate) lost: u64,
    pub(crate) twice: u64,
    pub(crate) cut: u64,
}

/// The way of one message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crossing {
    pub(crate) delay_ms: u64,
    pub(crate) lost: bool,
    /// It comes again so much later.
    pub(crate) again_ms: Option<u64>,
}

impl Network {
    pub(crate) fn new(seed: u64) -> Network {
        let links = Links {
            draws: Draws::new(seed),
            cut: BTreeSet::new(),
            changes: 0,
            lost: 0,
            twice: 0,
            slowest_ms: 3,
            counts: NetworkCounts::default(),
        };
        Network { links: Mutex::new(links) }
    }

    fn links(&self) -> std::sync::MutexGuard<'_, Links> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the network is from now on.
    pub(crate) fn set(&self, lost: u64, twice: u64, slowest_ms: u64) {
        let mut links = self.links();
        (links.lost, links.twice, links.slowest_ms) = (lost, twice, slowest_ms);
    }

    /// Cuts one direction.
    pub(crate) fn cut(&self, from: usize, to: usize) {
        let mut links = self.links();
        links.changes += 1;
        links.cut.insert((from, to));
    }

    /// Mends every link.
    pub(crate) fn mend(&self) {
        let mut links = self.links();
        links.changes += 1;
        links.cut.clear();
    }

    pub(crate) fn is_cut(&self, from: usize, to: usize) -> bool {
        self.links().cut.contains(&(from, to))
    }

    /// Since which change `server` neither hears nor is heard by any of the others; `None` when it is not so. The same
    /// answer twice says that it was so all the while.
    pub(crate) fn alone_since(&self, server: usize, servers: usize) -> Option<u64> {
        let links = self.links();
        let mut others = (0..servers).filter(|other| *other != server);
        let alone =
            others.all(|other| links.cut.contains(&(server, other)) && links.cut.contains(&(other, server)));
        alone.then_some(links.changes)
    }

    /// Draws the way of a message.
    pub(crate) fn cross(&self, from: usize, to: usize) -> Crossing {
        let mut links = self.links();
        let links = &mut *links;
        links.counts.sent += 1;
        let delay_ms = 1 + links.draws.below(links.slowest_ms);
        let unlucky = links.draws.below(1_000) < links.lost;
        let twice = links.draws.below(1_000) < links.twice;
        let again_ms = twice.then(|| 1 + links.draws.below(links.slowest_ms * 8));
        let cut = links.cut.contains(&(from, to));
        links.counts.lost += u64::from(unlucky);
        links.counts.cut += u64::from(cut);
        links.counts.twice += u64::from(twice);
        Crossing { delay_ms, lost: unlucky || cut, again_ms }
    }

    pub(crate) fn counts(&self) -> NetworkCounts {
        self.links().counts
    }
}
