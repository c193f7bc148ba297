//! What goes wrong, drawn from the seed: crashes at any step, power losses, torn sectors, flipped bits, full disks and
//! failing syncs, lost, repeated and overtaking messages, one-way cuts, slow leaders, clock jumps, silent nodes and
//! stragglers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use raft::simulation::{DiskCounts, Draws, PowerLoss};
use state::{Outcome, Refusal};

use crate::promise::Promise;
use crate::server::propose;
use crate::world::{Damage, End, NODES, SERVERS, World, lock};

/// The longest pause between two faults, ms.
const PAUSE_MS: u64 = 900;

/// How often what was done.
#[derive(Debug, Clone, Copy, Default)]
pub struct FaultCounts {
    /// Processes killed.
    pub kills: u64,
    /// Processes that lost their power.
    pub power_losses: u64,
    /// All servers lost it at once.
    pub blackouts: u64,
    /// Unsynced writes that a power loss met, or a sync that failed.
    pub unsynced_writes: u64,
    /// Sectors that were lost of them.
    pub lost_sectors: u64,
    /// Sectors that a power loss tore.
    pub torn_sectors: u64,
    /// Torn tails that a start dropped.
    pub torn_tails: u64,
    /// Bits flipped.
    pub flipped_bits: u64,
    /// Times that a disk was full.
    pub full_disks: u64,
    /// Writes that were refused for it.
    pub refused_writes: u64,
    /// Syncs that failed.
    pub failed_syncs: u64,
    /// Servers wiped after they refused to start.
    pub wipes: u64,
    /// Messages between servers.
    pub messages: u64,
    /// Those that were lost or met a cut.
    pub lost: u64,
    /// Those that came twice.
    pub twice: u64,
    /// Links cut in one direction.
    pub one_way_cuts: u64,
    /// Servers cut off altogether.
    pub isolations: u64,
    /// Leaders that applied later than their followers.
    pub slow_leaders: u64,
    /// Jumps of a server's clock.
    pub clock_jumps: u64,
    /// Nodes that fell silent.
    pub silent_nodes: u64,
    /// Client agents that died.
    pub agents_killed: u64,
    /// Sets that came to an agent after newer ones.
    pub older_sets: u64,
    /// Commands of a tenure that had ended.
    pub stragglers: u64,
    /// Elections won.
    pub leaders: u64,
    /// Plans that apply trimmed.
    pub trimmed: u64,
    /// Evaluations that a worker handed back.
    pub handed_back: u64,
}

impl FaultCounts {
    /// Names and numbers, in the order of the list.
    pub fn table(&self) -> [(&'static str, u64); 26] {
        [
            ("processes killed", self.kills),
            ("power losses", self.power_losses),
            ("blackouts of all servers", self.blackouts),
            ("unsynced writes met", self.unsynced_writes),
            ("sectors lost", self.lost_sectors),
            ("sectors torn", self.torn_sectors),
            ("torn tails dropped", self.torn_tails),
            ("bits flipped", self.flipped_bits),
            ("full disks", self.full_disks),
            ("writes refused", self.refused_writes),
            ("syncs failed", self.failed_syncs),
            ("servers wiped", self.wipes),
            ("messages", self.messages),
            ("messages lost", self.lost),
            ("messages twice", self.twice),
            ("one-way cuts", self.one_way_cuts),
            ("servers cut off", self.isolations),
            ("leaders that apply slowly", self.slow_leaders),
            ("clock jumps", self.clock_jumps),
            ("nodes silent", self.silent_nodes),
            ("agents killed", self.agents_killed),
            ("older sets", self.older_sets),
            ("stragglers", self.stragglers),
            ("elections", self.leaders),
            ("plans trimmed", self.trimmed),
            ("evaluations handed back", self.handed_back),
        ]
    }

    /// Adds what another run counted.
    pub fn add(&mut self, other: &FaultCounts) {
        for (mine, (_, theirs)) in self.fields().into_iter().zip(other.table()) {
            *mine += theirs;
        }
    }

    fn fields(&mut self) -> [&mut u64; 26] {
        [
            &mut self.kills,
            &mut self.power_losses,
            &mut self.blackouts,
            &mut self.unsynced_writes,
            &mut self.lost_sectors,
            &mut self.torn_sectors,
            &mut self.torn_tails,
            &mut self.flipped_bits,
            &mut self.full_disks,
            &mut self.refused_writes,
            &mut self.failed_syncs,
            &mut self.wipes,
            &mut self.messages,
            &mut self.lost,
            &mut self.twice,
            &mut self.one_way_cuts,
            &mut self.isolations,
            &mut self.slow_leaders,
            &mut self.clock_jumps,
            &mut self.silent_nodes,
            &mut self.agents_killed,
            &mut self.older_sets,
            &mut self.stragglers,
            &mut self.leaders,
            &mut self.trimmed,
            &mut self.handed_back,
        ]
    }

    pub(crate) fn disk(&mut self, counts: &DiskCounts) {
        self.unsynced_writes += counts.unsynced_writes;
        self.lost_sectors += counts.lost_sectors;
        self.torn_sectors += counts.torn_sectors;
        self.refused_writes += counts.full;
        self.failed_syncs += counts.failed_syncs;
    }
}

struct Trouble {
    world: Arc<World>,
    draws: Draws,
    /// A disk may be damaged once: two damaged ones are more than a minority.
    damage_left: bool,
}

/// Makes trouble for so long, then stops; what it broke stays broken until the world is healed.
pub(crate) async fn run(world: Arc<World>, for_ms: u64) {
    let draws = Draws::new(world.draw());
    let until = world.now_ms() + for_ms;
    let damage_left = true;
    let mut trouble = Trouble { world, draws, damage_left };
    while trouble.world.now_ms() < until && !trouble.world.is_broken() {
        let pause = 20 + trouble.draws.below(PAUSE_MS);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        trouble.make().await;
    }
}

impl Trouble {
    async fn make(&mut self) {
        let server = usize::try_from(self.draws.below(SERVERS as u64)).unwrap_or(0);
        match self.draws.below(25) {
            0..=2 => self.end(server, End::Killed),
            3..=5 => self.end_with_power(server),
            6 => self.blackout(),
            7 => self.damage(server),
            8 => self.full_disk(server).await,
            9 => self.failing_sync(server),
            10..=11 => self.weather(),
            12..=13 => self.one_way_cut(server),
            14..=16 => self.isolate(server),
            17..=18 => self.world.network.mend(),
            19 => self.clock_jump(server),
            20 => self.silent_node(),
            21 => self.isolate_leader(),
            22 => self.slow_leader(),
            _ => self.straggler().await,
        }
    }

    fn loss(&mut self) -> PowerLoss {
        match self.draws.below(3) {
            0 => PowerLoss::Everything,
            _ => PowerLoss::Sectors,
        }
    }

    /// Ends a server, now or some steps later.
    fn end(&mut self, server: usize, end: End) {
        let down = Duration::from_millis(30 + self.draws.below(1_500));
        let seat = &self.world.seats[server];
        let Some(process) = lock(&seat.process).clone().filter(raft::simulation::Process::is_alive) else {
            return;
        };
        *lock(&seat.end) = (end, down);
        self.world.fault(|faults| match end {
            End::Killed => faults.kills += 1,
            End::Power(_) => faults.power_losses += 1,
        });
        match self.draws.below(4) {
            0 => process.kill(),
            1..=2 => process.die_after(1 + self.draws.below(60)),
            // By steps alone it would hardly ever be met there.
            _ => process.die_in_sync(1 + self.draws.below(4)),
        }
        self.world.note(|| format!("s{server} is to end: {end:?}"));
    }

    fn end_with_power(&mut self, server: usize) {
        let loss = self.loss();
        self.end(server, End::Power(loss));
    }

    fn blackout(&mut self) {
        self.world.fault(|faults| faults.blackouts += 1);
        for server in 0..SERVERS {
            self.end_with_power(server);
        }
    }

    /// Ends a server; while it is down, a bit of its disk rots, or its last sectors turn out to be torn in two.
    fn damage(&mut self, server: usize) {
        if !std::mem::take(&mut self.damage_left) {
            return;
        }
        if self.draws.below(3) == 0 {
            // They are torn when it ends: a start that was under way until then has nothing to do with it.
            self.end(server, End::Power(PowerLoss::Torn));
        } else {
            // Which bit, is drawn when it is down.
            *lock(&self.world.seats[server].damaged) = Some(Damage::Wanted);
            self.end(server, End::Killed);
        }
    }

    /// A full disk has room again after a while.
    async fn full_disk(&mut self, server: usize) {
        self.world.fault(|faults| faults.full_disks += 1);
        self.world.note(|| format!("the disk of s{server} is full"));
        self.world.seats[server].disk.set_full(true);
        let full_ms = self.draws.below(1_500);
        tokio::time::sleep(Duration::from_millis(full_ms)).await;
        self.world.seats[server].disk.set_full(false);
    }

    /// A server ends itself when a sync fails; the power goes with it, so that nothing unsynced is left by luck.
    fn failing_sync(&mut self, server: usize) {
        let loss = self.loss();
        let seat = &self.world.seats[server];
        *lock(&seat.end) = (End::Power(loss), Duration::from_millis(400));
        seat.disk.fail_next_sync();
        self.world.note(|| format!("the next sync of s{server} fails"));
    }

    fn weather(&mut self) {
        let (lost, twice, slowest) = (self.draws.below(120), self.draws.below(80), 2 + self.draws.below(40));
        self.world.network.set(lost, twice, slowest);
        self.world.note(|| format!("network: {lost} lost, {twice} twice, {slowest} ms"));
    }

    fn one_way_cut(&mut self, from: usize) {
        let to = (from + 1 + usize::try_from(self.draws.below(2)).unwrap_or(0)) % SERVERS;
        self.world.fault(|faults| faults.one_way_cuts += 1);
        self.world.network.cut(from, to);
        self.world.note(|| format!("s{to} does not hear s{from}"));
    }

    fn isolate(&mut self, server: usize) {
        self.world.network.mend();
        self.world.fault(|faults| faults.isolations += 1);
        for other in (0..SERVERS).filter(|other| *other != server) {
            self.world.network.cut(server, other);
            self.world.network.cut(other, server);
        }
        self.world.note(|| format!("s{server} is cut off"));
    }

    fn isolate_leader(&mut self) {
        if let Some((leader, _)) = self.world.leading() {
            self.isolate(leader);
        }
    }

    /// A leader that applies later than its followers: what they show, it must not deny.
    fn slow_leader(&mut self) {
        let Some((leader, _)) = self.world.leading() else { return };
        let slow_ms = 500 + self.draws.below(4_000);
        let Some(process) = lock(&self.world.seats[leader].process).clone() else { return };
        process.apply_slowly_for(Duration::from_millis(slow_ms));
        self.world.fault(|faults| faults.slow_leaders += 1);
        self.world.note(|| format!("s{leader} applies slowly for {slow_ms} ms"));
    }

    fn clock_jump(&mut self, server: usize) {
        let by_ms = i64::try_from(self.draws.below(7_200_000)).unwrap_or(0) - 3_600_000;
        self.world.fault(|faults| faults.clock_jumps += 1);
        self.world.checked(Promise::P8, 1);
        self.world.seats[server].skew_ns.store(by_ms * 1_000_000, Ordering::Relaxed);
        self.world.note(|| format!("the clock of s{server} is {by_ms} ms off"));
    }

    fn silent_node(&mut self) {
        let node = usize::try_from(self.draws.below(NODES as u64)).unwrap_or(0);
        let until = self.world.now_ms() + 1_000 + self.draws.below(6_000);
        self.world.fault(|faults| faults.silent_nodes += 1);
        lock(&self.world.muted).insert(node, until);
        self.world.note(|| format!("node {node} is silent until {until}"));
    }

    /// A command of an ended tenure arrives late. Nothing of it may happen.
    async fn straggler(&mut self) {
        let kept = lock(&self.world.stragglers).clone();
        let Some((server, up)) = self.world.leading() else { return };
        let tenure = up.raft.state().tenure();
        let old = kept.iter().filter(|command| tenure_of(command).is_some_and(|of| of < tenure));
        let old: Vec<_> = old.cloned().collect();
        let pick = usize::try_from(self.draws.below(old.len() as u64)).unwrap_or(0);
        let Some(command) = old.get(pick).cloned() else { return };
        self.world.fault(|faults| faults.stragglers += 1);
        let envelope = self.world.envelope(server, command);
        let raft = up.raft.clone();
        let answer = self.world.at(&up, async move { propose(&raft, envelope).await }).await;
        if let Some(Ok((index, outcome))) = answer {
            self.world.checked(Promise::P3, 1);
            if outcome != Outcome::Refused(Refusal::StaleTenure) {
                let how = format!("a command of an ended tenure was applied at {index}: {outcome:?}");
                self.world.break_promise(Promise::P3, how);
            }
        }
    }
}

fn tenure_of(command: &state::Command) -> Option<u64> {
    match command {
        state::Command::UpdateEvals { tenure, .. }
        | state::Command::ApplyPlan { tenure, .. }
        | state::Command::SetNodeStatus { tenure, .. } => Some(*tenure),
        _ => None,
    }
}

impl World {
    /// What is wrong with the disk of server `number` once it is down: torn sectors, or the bit that was to rot, of the
    /// newest snapshot or of what the log has synced.
    pub(crate) fn rot(&self, number: usize, end: End) {
        let seat = &self.seats[number];
        let mut damaged = lock(&seat.damaged);
        if end == End::Power(PowerLoss::Torn) {
            *damaged = Some(Damage::Torn);
        }
        if *damaged != Some(Damage::Wanted) {
            return;
        }
        if end != End::Killed {
            // What the power took with it is dropped, and a bit of that proves nothing.
            *damaged = None;
            return;
        }
        let files = seat.disk.files();
        let kind = |suffix: &str| {
            let of_kind =
                files.iter().filter(|(path, _)| path.extension().is_some_and(|found| found == suffix));
            of_kind.cloned().next_back()
        };
        let snapshot = kind("snap").filter(|_| self.draw().is_multiple_of(2));
        let file = snapshot.clone().or_else(|| kind("seg")).filter(|(_, written)| *written > 0);
        let Some((path, written)) = file else {
            *damaged = None;
            return;
        };
        let offset = usize::try_from(self.draw() % written as u64).unwrap_or(0);
        let file = seat.disk.number_of(&path);
        seat.disk.flip_bit(&path, offset, u8::try_from(self.draw() % 8).unwrap_or(0));
        self.fault(|faults| faults.flipped_bits += 1);
        self.note(|| format!("a bit of {} flips at {offset}", path.display()));
        *damaged = Some(snapshot.map_or(Damage::LogBit, |_| Damage::SnapshotBit(path, file)));
    }
}
