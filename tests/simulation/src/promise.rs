//! The promises of `reliability`, how often each was checked, and the first that was broken.

use std::fmt;

use model::planted::Bug;

/// A promise, by the name that README and tests use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Promise {
    /// An acknowledged write is in every later linearizable read.
    P1 = 0,
    /// Settled: at most one running copy per name, and the desired count or a blocked evaluation.
    P2,
    /// No over-commit at any applied index.
    P3,
    /// Check-and-set is a linearizable register.
    P4,
    /// The index never falls on one server, and a blocking query returns when it is passed.
    P5,
    /// An agent that restarts starts nothing twice.
    P6,
    /// A killed server restarts without manual work, or refuses with a named file and offset.
    P7,
    /// A torn tail is recovered, a flipped bit is detected, a wrong clock breaks no safety.
    P8,
    /// A partitioned minority serves no write and no consistent read.
    P9,
    /// Replica states are equal at equal index.
    P10,
}

impl Promise {
    /// How many there are.
    pub const COUNT: usize = 10;
    /// All of them, in order.
    pub const ALL: [Promise; Promise::COUNT] = [
        Promise::P1,
        Promise::P2,
        Promise::P3,
        Promise::P4,
        Promise::P5,
        Promise::P6,
        Promise::P7,
        Promise::P8,
        Promise::P9,
        Promise::P10,
    ];
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A broken promise.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Which.
    pub promise: Promise,
    /// How.
    pub how: String,
    /// When, ms of the cluster's time.
    pub at_ms: u64,
}

/// The planted bugs that this level has to find. The others are those of processes, tables and HTTP: level B's.
pub const BUGS: [Bug; 11] = [
    Bug::AcknowledgeBeforeSync,
    Bug::VoteBeforeSync,
    Bug::DamagedRecordAccepted,
    Bug::PlanOnOldSnapshot,
    Bug::OldTenureAccepted,
    Bug::EvaluationForgotten,
    Bug::EnforceIndexEarly,
    Bug::ReadWithoutBarrier,
    Bug::ReadBehindFollowers,
    Bug::SnapshotSectionDropped,
    Bug::OlderSetAccepted,
];
