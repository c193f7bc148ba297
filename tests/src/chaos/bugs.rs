//! The planted bugs that this suite has to find: which faults bring each of them to light.

use model::planted::Bug;

use super::Kind;

/// A bug, and the faults under which it shows.
pub struct Hunt {
    /// The bug.
    pub bug: Bug,
    /// What is done while it is there.
    pub kinds: &'static [Kind],
}

/// Bugs of servers and client agents. Those of the pure rooms and of the log are hunted in a simulation.
pub const HUNTS: &[Hunt] = &[
    Hunt { bug: Bug::LostWakeUp, kinds: &[] },
    Hunt { bug: Bug::EnforceIndexEarly, kinds: &[] },
    Hunt { bug: Bug::ReadWithoutBarrier, kinds: &[Kind::MajorityLeads, Kind::MinorityLeads] },
    Hunt { bug: Bug::DoubleStart, kinds: &[Kind::KillAgent] },
    Hunt {
        bug: Bug::AppliedOutsideBatch,
        kinds: &[
            Kind::KillAll,
            Kind::KillFollower,
            Kind::KillAll,
            Kind::KillFollower,
            Kind::KillAll,
            Kind::KillFollower,
        ],
    },
];

/// Schedules after which a bug that was not found counts as missed.
pub const ATTEMPTS: u64 = 3;
