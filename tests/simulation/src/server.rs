//! A server of the simulation: the real raft over a simulated disk and network, started again whenever it ends.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::FutureExt;
use proto::v1::Payload;
use raft::simulation::{Carrier, DiskCounts, Method, Process, Simulated};
use raft::{Options, Raft, StartError};
use state::{Command, Outcome};
use tonic::Status;

use crate::leader;
use crate::promise::Promise;
use crate::world::{Damage, End, SERVERS, Up, World, lock};

/// How long a client waits for a server.
const CLIENT_LIMIT: Duration = Duration::from_secs(8);
/// How long a forwarded request may take.
const FORWARD_LIMIT: Duration = Duration::from_secs(6);

/// What became of a command, and at which index.
pub(crate) type Committed = (u64, Outcome);

/// Why a command has no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Miss {
    /// Nothing happened.
    Nothing,
    /// It may have happened or may still happen.
    Unknown,
}

/// Starts a server again and again, as its supervisor would.
pub(crate) async fn run(world: Arc<World>, number: usize) {
    loop {
        let process = Process::new(world.draw());
        world.begins(number);
        let met = world.seats[number].disk.counts();
        *lock(&world.seats[number].process) = Some(process.clone());
        let start = process.live(raft::start(options(&world, number, &process)));
        let started = tokio::select! {
            biased;
            () = process.died() => None,
            started = start => Some(started),
        };
        match started {
            None => world.note(|| format!("s{number} died while it started")),
            Some(Ok(raft)) => {
                has_started(&world, number, &raft);
                *lock(&world.seats[number].up) = Some(Up { process: process.clone(), raft: raft.clone() });
                tokio::spawn(process.live(observe(Arc::clone(&world), number, raft.clone())));
                let leadership = raft.leadership();
                tokio::spawn(process.live(leader::watch(Arc::clone(&world), number, raft)));
                process.died().await;
                let term = leadership.borrow().term;
                world.seats[number].term.fetch_max(term, Ordering::AcqRel);
            }
            Some(Err(error)) => {
                process.kill();
                refused(&world, number, (&error, met));
            }
        }
        let seat = &world.seats[number];
        *lock(&seat.up) = None;
        let (end, down) = std::mem::replace(&mut *lock(&seat.end), (End::Killed, Duration::from_millis(200)));
        match end {
            End::Killed => seat.disk.process_ended(),
            End::Power(loss) => {
                let mut draws = raft::simulation::Draws::new(world.draw());
                seat.disk.power_lost(loss, &mut draws);
            }
        }
        world.note(|| format!("s{number} ended: {end:?}"));
        world.rot(number, end);
        tokio::time::sleep(down).await;
    }
}

fn options(world: &Arc<World>, number: usize, process: &Process) -> Options {
    let seat = &world.seats[number];
    let fatal = process.clone();
    let noted = Arc::clone(world);
    Options {
        data_dir: PathBuf::from("/data").join(&seat.name),
        name: seat.name.clone(),
        rpc_advertise: seat.addr.clone(),
        http_advertise: seat.addr.clone(),
        bootstrap_expect: SERVERS,
        retry_join: world.seats.iter().map(|seat| seat.addr.clone()).collect(),
        segment_bytes: 64 << 10,
        snapshot_after_entries: 40,
        keep_entries: 10,
        log_cache_bytes: 16 << 10,
        propose_timeout_ms: 5_000,
        read_timeout_ms: 3_000,
        fatal: Arc::new(move |reason| {
            noted.note(|| format!("s{number} ends itself: {reason}"));
            fatal.kill();
        }),
        simulated: Some(Simulated { disk: seat.disk.clone(), carrier: carrier(Arc::clone(world), number) }),
        ..Options::default()
    }
}

/// P7 and P8: it is there again without manual work, and damage was not passed over.
fn has_started(world: &World, number: usize, raft: &Raft) {
    let stats = raft.stats();
    world.checked(Promise::P7, 1);
    world.note(|| {
        format!("s{number} started from {:?}, replayed {}", stats.state_source, stats.replayed_on_start)
    });
    if stats.torn_tail_bytes.is_some() {
        world.checked(Promise::P8, 1);
        world.fault(|faults| faults.torn_tails += 1);
    }
    let seat = &world.seats[number];
    let announced = seat.term.load(Ordering::Acquire);
    if stats.term < announced {
        let how =
            format!("s{number} has forgotten its vote: it was in term {announced} and is in {}", stats.term);
        world.break_promise(Promise::P7, how);
    }
    match lock(&seat.damaged).take_if(|damage| *damage != Damage::Wanted) {
        Some(Damage::LogBit) => {
            let how = format!("s{number} started over a log with a flipped bit");
            world.break_promise(Promise::P8, how);
        }
        Some(Damage::SnapshotBit(path, file)) => {
            world.checked(Promise::P8, 1);
            // By its number: the start may have built another one of the same name by now.
            if file.is_some() && seat.disk.number_of(&path) == file {
                let how = format!("s{number} started over a snapshot with a flipped bit");
                world.break_promise(Promise::P8, how);
            }
        }
        Some(Damage::Torn | Damage::Wanted) | None => {}
    }
}

/// P7 and P8: a refusal is an answer to damage, or to a disk that is still full or cannot write, and names a file of this
/// server.
fn refused(world: &World, number: usize, (error, met): (&StartError, DiskCounts)) {
    let seat = &world.seats[number];
    let text = error.to_string();
    world.note(|| format!("s{number} refuses to start: {text}"));
    let named = text.contains(&format!("/data/{}", seat.name));
    if of_the_disk(error, met, seat.disk.counts()) {
        // Nothing is wrong with what it holds: whoever supervises it tries until the disk can write again, and by then
        // it has to start, with whatever damage it had.
        match named {
            true => world.checked(Promise::P7, 1),
            false => world.break_promise(Promise::P7, format!("s{number} refuses without a file: {text}")),
        }
        return;
    }
    let damage = lock(&seat.damaged).take_if(|damage| *damage != Damage::Wanted);
    match damage {
        Some(damage) => {
            let placed = named && (damage != Damage::LogBit || text.contains("offset"));
            if placed {
                world.checked(Promise::P8, 1);
                world.checked(Promise::P7, 1);
            } else {
                world.break_promise(Promise::P8, format!("s{number} refuses without a place: {text}"));
            }
        }
        None => world.break_promise(Promise::P7, format!("s{number} refuses to start: {text}")),
    }
    // What an operator does then: remove the data directory, so that it joins as another.
    seat.disk.wipe();
    seat.term.store(0, Ordering::Release);
    world.fault(|faults| faults.wipes += 1);
}

/// Whether a start met a fault of the disk, and says so.
fn of_the_disk(error: &StartError, before: DiskCounts, after: DiskCounts) -> bool {
    let met = after.full > before.full || after.failed_syncs > before.failed_syncs;
    let mut cause = error.source();
    while let Some(found) = cause {
        if found.is::<std::io::Error>() {
            return met;
        }
        cause = found.source();
    }
    false
}

/// Looks at every state that the server shows.
async fn observe(world: Arc<World>, number: usize, raft: Raft) {
    loop {
        let mut batches = raft.subscribe(65_536);
        world.saw(number, batches.start());
        while let Ok(batch) = batches.next().await {
            world.saw(number, &batch.state);
        }
        tokio::task::yield_now().await;
    }
}

/// Brings raft's messages to the others.
fn carrier(world: Arc<World>, from: usize) -> Carrier {
    Arc::new(move |addr: String, method: Method, payload: Payload| {
        let world = Arc::clone(&world);
        async move {
            let Some(to) = world.server_at(&addr) else { return Err(Status::unknown("no such address")) };
            let way = world.network.cross(from, to);
            if let Some(again_ms) = way.again_ms {
                let (world, payload) = (Arc::clone(&world), payload.clone());
                // The answer to a repeated message goes nowhere.
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(way.delay_ms + again_ms)).await;
                    drop(hand_over(&world, from, to, (method, payload)).await);
                });
            }
            tokio::time::sleep(Duration::from_millis(way.delay_ms)).await;
            if way.lost {
                return futures::future::pending().await;
            }
            let answer = hand_over(&world, from, to, (method, payload)).await;
            let back = world.network.cross(to, from);
            tokio::time::sleep(Duration::from_millis(back.delay_ms)).await;
            if back.lost {
                return futures::future::pending().await;
            }
            answer
        }
        .boxed()
    })
}

/// The receiver handles a message in a task of its own: it goes on when the sender has died meanwhile.
async fn hand_over(
    world: &World,
    from: usize,
    to: usize,
    (method, payload): (Method, Payload),
) -> Result<Payload, Status> {
    // openraft waits with a random choice after "unreachable", so a simulation answers in other words.
    let nobody = || Status::unknown("nobody answers");
    if world.network.is_cut(from, to) {
        return futures::future::pending().await;
    }
    let up = world.up(to).ok_or_else(nobody)?;
    let raft = up.raft.clone();
    let task = tokio::spawn(up.process.live(async move { raft.receive(method, payload).await }));
    let answer = tokio::select! {
        biased;
        () = up.process.died() => return Err(nobody()),
        answer = task => answer.map_err(|_panicked| nobody())?,
    };
    answer.map_err(|status| Status::unknown(status.message().to_owned()))
}

impl World {
    /// Has server `number` do something for a client; nothing comes back when it dies or takes too long.
    pub(crate) async fn at<T: Send + 'static>(
        &self,
        up: &Up,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let task = tokio::spawn(up.process.live(work));
        tokio::select! {
            biased;
            () = up.process.died() => None,
            answer = tokio::time::timeout(CLIENT_LIMIT, task) => answer.ok()?.ok(),
        }
    }

    /// Proposes a command at a server, which forwards it to the leader as `server/app/forward` does: at most once.
    pub(crate) async fn propose(
        self: &Arc<Self>,
        number: usize,
        command: Command,
    ) -> Result<Committed, Miss> {
        let up = self.up(number).ok_or(Miss::Nothing)?;
        let world = Arc::clone(self);
        let here = up.raft.clone();
        let handled = self.at(&up, async move { world.handle(number, &here, command).await }).await;
        handled.unwrap_or(Err(Miss::Unknown))
    }

    async fn handle(
        self: &Arc<Self>,
        number: usize,
        raft: &Raft,
        command: Command,
    ) -> Result<Committed, Miss> {
        let leadership = raft.leadership().borrow().clone();
        if leadership.is_leader {
            return propose(raft, self.envelope(number, command)).await;
        }
        let leader = leadership.leader.and_then(|leader| self.server_at(&leader.rpc_addr));
        let leader = leader.filter(|leader| *leader != number).ok_or(Miss::Nothing)?;
        tokio::time::timeout(FORWARD_LIMIT, self.forward(number, leader, command))
            .await
            .unwrap_or(Err(Miss::Unknown))
    }

    async fn forward(self: &Arc<Self>, from: usize, to: usize, command: Command) -> Result<Committed, Miss> {
        let way = self.network.cross(from, to);
        tokio::time::sleep(Duration::from_millis(way.delay_ms)).await;
        if way.lost || self.network.is_cut(from, to) {
            return futures::future::pending().await;
        }
        let up = self.up(to).ok_or(Miss::Nothing)?;
        let envelope = self.envelope(to, command);
        let raft = up.raft.clone();
        let answer = self.at(&up, async move { propose(&raft, envelope).await }).await;
        let back = self.network.cross(to, from);
        tokio::time::sleep(Duration::from_millis(back.delay_ms)).await;
        if back.lost {
            return futures::future::pending().await;
        }
        answer.unwrap_or(Err(Miss::Unknown))
    }
}

/// Proposes at the leader itself.
pub(crate) async fn propose(raft: &Raft, envelope: state::Envelope) -> Result<Committed, Miss> {
    match raft.propose(envelope).await {
        Ok(committed) => Ok((committed.index, committed.outcome)),
        Err(raft::ProposeError::Unknown(_)) => Err(Miss::Unknown),
        Err(_) => Err(Miss::Nothing),
    }
}
