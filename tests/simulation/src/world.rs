//! What all parts of a simulated world share: servers' seats, network, clock, events, and the checks that are made
//! whenever a state is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::NodeId;
use model::id::Seed;
use raft::Raft;
use raft::simulation::{Draws, PowerLoss, Process, SimulatedDisk};
use state::{Command, Envelope, State};
use tokio::time::Instant;
use uuid::Uuid;

use crate::Report;
use crate::faults::FaultCounts;
use crate::history::History;
use crate::network::Network;
use crate::promise::{Broken, Promise};

pub(crate) const SERVERS: usize = 3;
pub(crate) const NODES: usize = 3;
pub(crate) const CLIENTS: usize = 3;
/// The cluster's time begins here, ns since 1970.
const EPOCH_NS: i64 = 1_700_000_000_000_000_000;
/// Rows are hashed at every index that this divides.
const HASH_EVERY: u64 = 8;

/// How a server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The process ends; what it wrote is in the page cache.
    Killed,
    /// The power goes.
    Power(PowerLoss),
}

/// A server that runs.
#[derive(Clone)]
pub(crate) struct Up {
    pub(crate) process: Process,
    pub(crate) raft: Raft,
}

/// A server's place: its disk stays when its process ends.
pub(crate) struct Seat {
    pub(crate) name: String,
    pub(crate) addr: String,
    pub(crate) disk: SimulatedDisk,
    pub(crate) process: Mutex<Option<Process>>,
    pub(crate) up: Mutex<Option<Up>>,
    /// How it ends when it ends next, and how long it is down then.
    pub(crate) end: Mutex<(End, Duration)>,
    /// A bit of this file was turned around, or its last writes torn, while it was down.
    pub(crate) damaged: Mutex<Option<Damage>>,
    pub(crate) skew_ns: AtomicI64,
    /// The newest term that it has announced: its vote in it is on its disk.
    pub(crate) term: AtomicU64,
    /// Nodes heard of since the leader's driver looked last.
    pub(crate) heard: Mutex<BTreeSet<NodeId>>,
    /// Held by whoever waits for a read point here, and by whoever waits for news.
    pub(crate) reading: tokio::sync::Mutex<()>,
    pub(crate) waiting: tokio::sync::Mutex<()>,
    /// The newest index that this process has applied, and the newest that it has answered with.
    shown: AtomicU64,
    served: AtomicU64,
}

/// What was done to a disk beyond losing what was not synced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Damage {
    /// A bit is to flip once the server is down; it may start before, if it was down already.
    Wanted,
    /// A bit of the log.
    LogBit,
    /// A bit of the snapshot that had this name, and this number of a file.
    SnapshotBit(std::path::PathBuf, Option<u64>),
    /// Sectors torn in two.
    Torn,
}

/// Everything.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) seats: Vec<Seat>,
    pub(crate) network: Network,
    pub(crate) history: Mutex<History>,
    pub(crate) faults: Mutex<FaultCounts>,
    /// Commands that leaders made, with their tenures: a straggler may come with one later.
    pub(crate) stragglers: Mutex<Vec<Command>>,
    /// Nodes whose agents are out of reach until then, ms.
    pub(crate) muted: Mutex<BTreeMap<usize, u64>>,
    pub(crate) machines: Mutex<crate::agent::Machines>,
    /// The faults are over.
    pub(crate) calm: std::sync::atomic::AtomicBool,
    draws: Mutex<Draws>,
    log: Mutex<Log>,
    seen: Mutex<Seen>,
    start: Instant,
    keep: bool,
}

struct Log {
    hash: u64,
    events: Vec<String>,
    checked: [u64; Promise::COUNT],
    broken: Option<Broken>,
}

#[derive(Default)]
struct Seen {
    /// Hash of the rows at an index.
    rows: BTreeMap<u64, u64>,
    /// The newest index whose state was looked at.
    newest: u64,
    /// When an index was first seen anywhere, by server.
    first: BTreeMap<(usize, u64), u64>,
}

/// Locks, also after a panic elsewhere.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(crate) fn new(seed: u64, keep: bool) -> Arc<World> {
        let mut draws = Draws::new(seed);
        let network = Network::new(draws.next_number());
        let seat = |number: usize| Seat {
            name: format!("s{number}"),
            addr: format!("10.0.0.{}:4647", number + 1),
            disk: SimulatedDisk::default(),
            process: Mutex::new(None),
            up: Mutex::new(None),
            end: Mutex::new((End::Killed, Duration::from_millis(300))),
            damaged: Mutex::new(None),
            skew_ns: AtomicI64::new(0),
            term: AtomicU64::new(0),
            heard: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            waiting: tokio::sync::Mutex::default(),
            shown: AtomicU64::new(0),
            served: AtomicU64::new(0),
        };
        let log = Log { hash: 0xCBF2_9CE4_8422_2325, events: Vec::new(), checked: [0; 10], broken: None };
        Arc::new(World {
            seed,
            seats: (0..SERVERS).map(seat).collect(),
            network,
            history: Mutex::default(),
            faults: Mutex::default(),
            stragglers: Mutex::default(),
            muted: Mutex::default(),
            machines: Mutex::default(),
            calm: std::sync::atomic::AtomicBool::new(false),
            draws: Mutex::new(draws),
            log: Mutex::new(log),
            seen: Mutex::default(),
            start: Instant::now(),
            keep,
        })
    }

    /// A number of the world's own; each part draws one and has numbers of its own from then on.
    pub(crate) fn draw(&self) -> u64 {
        lock(&self.draws).next_number()
    }

    pub(crate) fn mint(&self) -> Uuid {
        uuid::Builder::from_random_bytes(
            (u128::from(self.draw()) << 64 | u128::from(self.draw())).to_be_bytes(),
        )
        .into_uuid()
    }

    pub(crate) fn seed(&self) -> Seed {
        Seed(self.mint())
    }

    /// Time since the world began, ms: what monotonic clocks show.
    pub(crate) fn now_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// What the wall clock of a server shows.
    pub(crate) fn wall_ns(&self, server: usize) -> i64 {
        let since = i64::try_from(self.start.elapsed().as_nanos()).unwrap_or(i64::MAX);
        EPOCH_NS + since + self.seats[server].skew_ns.load(Ordering::Relaxed)
    }

    pub(crate) fn envelope(&self, server: usize, command: Command) -> Envelope {
        Envelope { trace: String::new(), now_ns: self.wall_ns(server), command }
    }

    pub(crate) fn up(&self, server: usize) -> Option<Up> {
        lock(&self.seats[server].up).clone().filter(|up| up.process.is_alive())
    }

    /// The server that says it leads, if any.
    pub(crate) fn leading(&self) -> Option<(usize, Up)> {
        let leads = |up: &Up| up.raft.leadership().borrow().is_leader;
        (0..SERVERS).find_map(|number| self.up(number).filter(leads).map(|up| (number, up)))
    }

    /// Waits for a leader.
    pub(crate) async fn leader(&self) -> (usize, Up) {
        loop {
            if let Some(found) = self.leading() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) fn server_at(&self, addr: &str) -> Option<usize> {
        self.seats.iter().position(|seat| seat.addr == addr)
    }

    /// Notes an event: it goes into the hash, and into the list where that is kept.
    pub(crate) fn note(&self, event: impl FnOnce() -> String) {
        let text = format!("{:>7} {}", self.now_ms(), event());
        let mut log = lock(&self.log);
        log.hash = fnv(log.hash, text.as_bytes());
        if self.keep {
            log.events.push(text);
        }
    }

    /// A promise was looked at `times` and held.
    pub(crate) fn checked(&self, promise: Promise, times: u64) {
        lock(&self.log).checked[promise as usize] += times;
    }

    /// A promise does not hold; the first one counts.
    pub(crate) fn break_promise(&self, promise: Promise, how: String) {
        self.note(|| format!("BROKEN {promise}: {how}"));
        let at_ms = self.now_ms();
        lock(&self.log).broken.get_or_insert(Broken { promise, how, at_ms });
    }

    pub(crate) fn is_broken(&self) -> bool {
        lock(&self.log).broken.is_some()
    }

    /// Looks at a state that a server has just shown.
    pub(crate) fn saw(&self, server: usize, state: &State) {
        let index = state.index();
        let before = self.seats[server].shown.swap(index, Ordering::AcqRel);
        if index < before {
            let how = format!("the index of s{server} fell from {before} to {index}");
            self.break_promise(Promise::P5, how);
        }
        self.checked(Promise::P5, 1);
        let now_ms = self.now_ms();
        let mut seen = lock(&self.seen);
        seen.first.entry((server, index)).or_insert(now_ms);
        let fresh = index > seen.newest;
        seen.newest = seen.newest.max(index);
        drop(seen);
        if fresh {
            self.checked(Promise::P3, 1);
            if let Err(why) = state.check() {
                self.break_promise(Promise::P3, format!("at index {index}: {why}"));
            }
        }
        if index.is_multiple_of(HASH_EVERY) {
            self.compare(server, state);
        }
        self.note(|| format!("s{server} applied {index}"));
    }

    /// P5: a server has answered with an index.
    pub(crate) fn serves(&self, server: usize, index: u64) {
        let before = self.seats[server].served.fetch_max(index, Ordering::AcqRel);
        self.checked(Promise::P5, 1);
        if index < before {
            let how = format!("s{server} answered with index {index} after {before}");
            self.break_promise(Promise::P5, how);
        }
    }

    /// P10: whoever shows an index shows the same rows.
    pub(crate) fn compare(&self, server: usize, state: &State) {
        let mut hash = 0xCBF2_9CE4_8422_2325;
        for (key, value) in state.rows() {
            hash = fnv(fnv(hash, key.as_bytes()), &value);
        }
        let index = state.index();
        let known = *lock(&self.seen).rows.entry(index).or_insert(hash);
        self.checked(Promise::P10, 1);
        if known != hash {
            self.break_promise(
                Promise::P10,
                format!("s{server} has other rows at index {index} than others had"),
            );
        }
    }

    /// A new process shows what it shows.
    pub(crate) fn begins(&self, server: usize) {
        self.seats[server].shown.store(0, Ordering::Release);
        self.seats[server].served.store(0, Ordering::Release);
        // Nor was anything passed in its time: a wiped server may be asked from 0 again.
        lock(&self.seen).first.retain(|(other, _), _| *other != server);
    }

    /// When a server first showed an index above `index`, ms.
    pub(crate) fn shown_above(&self, server: usize, index: u64) -> Option<u64> {
        let seen = lock(&self.seen);
        seen.first.range((server, index + 1)..=(server, u64::MAX)).map(|(_, at)| *at).min()
    }

    pub(crate) fn fault(&self, count: impl FnOnce(&mut FaultCounts)) {
        count(&mut lock(&self.faults));
    }

    /// Lets go of the servers: nobody runs them any more.
    pub(crate) fn leave(&self) {
        for seat in &self.seats {
            lock(&seat.up).take();
        }
    }

    pub(crate) fn report(&self) -> Report {
        let mut faults = *lock(&self.faults);
        let network = self.network.counts();
        (faults.lost, faults.twice, faults.messages) =
            (network.lost + network.cut, network.twice, network.sent);
        for seat in &self.seats {
            faults.disk(&seat.disk.counts());
        }
        let log = lock(&self.log);
        Report {
            seed: self.seed,
            broken: log.broken.clone(),
            checked: log.checked,
            faults,
            trace: log.hash,
            events: log.events.clone(),
            acknowledged: lock(&self.history).acknowledged(),
        }
    }
}

fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}
