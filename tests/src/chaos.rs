//! Fault runs: a cluster under load, faults one after the other as a seed draws them, then healing, settling, and a look
//! at every promise.
//!
//! A run goes through the kinds of faults in a fixed order and begins where its seed says; how hard, how long and whom a
//! fault hits is drawn from the seed. So runs of consecutive seeds go through all kinds, and one number brings a
//! schedule back: what the machine makes of it in time is its own.

pub mod bugs;
pub mod containers;
pub mod loopback;
pub mod outcome;
pub mod run;
pub mod site;
mod whole;

use std::fmt;
use std::time::Duration;

use runtime::Mint;

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The leader is killed and comes back.
    KillLeader,
    /// The leader is cut off from everybody else, with a minority.
    MinorityLeads,
    /// A follower stands still for a while.
    PauseFollower,
    /// All servers are killed at once.
    KillAll,
    /// A follower's syncs take long.
    SlowDisk,
    /// A follower is wiped and joins anew: a snapshot is installed under load.
    Wipe,
    /// The leadership is handed over.
    Transfer,
    /// A follower is cut off with a minority.
    MajorityLeads,
    /// The client agent is killed and started again.
    KillAgent,
    /// The leader's messages do not arrive at a follower; the follower's do.
    OneWay,
    /// A follower's log ends in a record that was being written.
    TornTail,
    /// Two halves see each other only through one server.
    Bridge,
    /// The leader stands still for a while.
    PauseLeader,
    /// A follower is killed and stays away until it needs a snapshot.
    KillFollower,
    /// The leader's syncs hang.
    HangingDisk,
    /// Everything takes longer to arrive.
    Delay,
    /// A follower is taken out of the cluster and comes back as a new one.
    Replace,
    /// A bit of a follower's log is flipped.
    FlipLog,
    /// Every connection is reset, again and again.
    Reset,
    /// The leader's syncs fail.
    FailingDisk,
    /// One server after the other is stopped and started, as in an upgrade.
    Rolling,
    /// A bit of a follower's tables is flipped.
    FlipTables,
    /// Half of the simulated client agents restart.
    RestartSwarm,
    /// The leader's clock jumps, and jumps back.
    ClockJump,
    /// The leader's disk is full.
    FullDisk,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}"))
    }
}

/// One fault of a schedule.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What happens.
    pub kind: Kind,
    /// For how long.
    pub length: Duration,
    /// Quiet before it.
    pub pause: Duration,
}

/// What a run does, all of it drawn from its seed.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What everything is drawn from.
    pub seed: u64,
    /// How many servers there are.
    pub servers: usize,
    /// The faults, in order.
    pub steps: Vec<Step>,
    /// It is over as soon as anything is found broken: a planted bug, then.
    pub hunts: bool,
}

/// Every fifth run has five servers.
const FIVE: u64 = 5;
/// Without one of each row something is promised that a run does not look at: restarts, damage, minorities.
const NEEDED: [&[Kind]; 3] = [
    &[Kind::KillLeader, Kind::KillFollower, Kind::KillAll, Kind::Rolling, Kind::FailingDisk],
    &[Kind::TornTail, Kind::FlipLog, Kind::FlipTables],
    &[Kind::MinorityLeads, Kind::MajorityLeads],
];

impl Plan {
    /// The plan of a seed: as many faults as fit into `time`, of the kinds that the site knows.
    pub fn draw(seed: u64, kinds: &[Kind], time: Duration) -> Plan {
        let mint = Mint::seeded(seed);
        let servers = if seed % FIVE == 4 { 5 } else { 3 };
        let millis = |from: u64, below: u64| Duration::from_millis(from + mint.below(below - from));
        // A fault, what it takes to come back from it, and the pause before it take about five seconds.
        let count = (usize::try_from(time.as_secs()).unwrap_or(usize::MAX) / 5).clamp(1, 1_000);
        let begin = usize::try_from(seed).unwrap_or(0).wrapping_mul(count);
        let drawn = (0..count).map(|number| kinds[begin.wrapping_add(number) % kinds.len()]);
        let mut drawn: Vec<Kind> = drawn.collect();
        for needed in NEEDED {
            let known = needed.iter().find(|kind| kinds.contains(kind));
            if let Some(known) = known.filter(|_| !needed.iter().any(|kind| drawn.contains(kind))) {
                drawn.push(*known);
            }
        }
        let step = |kind| Step { kind, length: millis(800, 4_000), pause: millis(200, 1_500) };
        Plan { seed, servers, steps: drawn.into_iter().map(step).collect(), hunts: false }
    }

    /// A plan of faults of one's own choice.
    pub fn of(seed: u64, kinds: &[Kind]) -> Plan {
        let mint = Mint::seeded(seed);
        let step = |kind: &Kind| Step {
            kind: *kind,
            length: Duration::from_millis(1_000 + mint.below(2_000)),
            pause: Duration::from_millis(200 + mint.below(800)),
        };
        Plan { seed, servers: 3, steps: kinds.iter().map(step).collect(), hunts: false }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn consecutive_seeds_go_through_every_kind_and_one_seed_draws_the_same_again() {
        let kinds = loopback::KINDS;
        let time = Duration::from_secs(40);
        let runs = (7..7 + kinds.len().div_ceil(8) as u64).map(|seed| Plan::draw(seed, kinds, time));
        let hit: BTreeSet<Kind> = runs.flat_map(|plan| plan.steps).map(|step| step.kind).collect();
        assert_eq!(hit, kinds.iter().copied().collect());
        let told = |seed| format!("{:?}", Plan::draw(seed, kinds, time));
        assert_eq!(told(3), told(3));
        assert_ne!(told(3), told(4));
    }
}
