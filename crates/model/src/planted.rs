//! Bugs on purpose, with which the fault suites show that they would find them.
//!
//! Without the feature `planted` every question is answered `false` at compile time and nothing of this is left in the
//! program. With it, one build holds them all and [`plant`] chooses one at run time.

use std::fmt;

/// A bug that may be planted: what it breaks, and which promise a suite then has to miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Bug {
    /// The log calls back before fdatasync (P1).
    AcknowledgeBeforeSync = 1,
    /// A vote is answered before it is durable: two leaders of one term (P1, P10).
    VoteBeforeSync,
    /// A start takes a record whose checksum is wrong (P8).
    DamagedRecordAccepted,
    /// The table store keeps its applied position in another batch than the rows (P7, P10).
    AppliedOutsideBatch,
    /// A blocking query is not woken by its table (P5).
    LostWakeUp,
    /// Apply takes a plan's word that it fits (P3).
    PlanOnOldSnapshot,
    /// Apply takes commands of a tenure that has ended (P3, P10).
    OldTenureAccepted,
    /// An evaluation that nobody acknowledged in time is not delivered again (P2).
    EvaluationForgotten,
    /// `EnforceIndex` is compared with the snapshot that the request saw, not in apply (P4).
    EnforceIndexEarly,
    /// A read that should be consistent is answered from local state (P1, P9).
    ReadWithoutBarrier,
    /// A leader's read point leaves out what it has told its followers to be committed and has not applied itself (P1).
    ReadBehindFollowers,
    /// A snapshot leaves out one of its sections (P1, P10).
    SnapshotSectionDropped,
    /// A client agent that restarts starts its tasks again (P6).
    DoubleStart,
    /// A client agent acts on a set of allocations that is older than the last one (P6).
    OlderSetAccepted,
}

impl Bug {
    /// Every bug, in the order of the list.
    pub const ALL: [Bug; 14] = [
        Bug::AcknowledgeBeforeSync,
        Bug::VoteBeforeSync,
        Bug::DamagedRecordAccepted,
        Bug::AppliedOutsideBatch,
        Bug::LostWakeUp,
        Bug::PlanOnOldSnapshot,
        Bug::OldTenureAccepted,
        Bug::EvaluationForgotten,
        Bug::EnforceIndexEarly,
        Bug::ReadWithoutBarrier,
        Bug::ReadBehindFollowers,
        Bug::SnapshotSectionDropped,
        Bug::DoubleStart,
        Bug::OlderSetAccepted,
    ];

    /// The bug of that name, as [`fmt::Display`] writes it.
    pub fn named(name: &str) -> Option<Bug> {
        Bug::ALL.into_iter().find(|bug| bug.to_string() == name)
    }
}

/// Its name in words with hyphens: `acknowledge-before-sync`.
impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format!("{self:?}");
        for (at, letter) in name.char_indices() {
            if letter.is_uppercase() && at > 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", letter.to_ascii_lowercase())?;
        }
        Ok(())
    }
}

#[cfg(feature = "planted")]
static CHOSEN: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);

/// Plants `bug` in this process, and only that one; `None` takes it out again.
#[cfg(feature = "planted")]
pub fn plant(bug: Option<Bug>) {
    CHOSEN.store(bug.map_or(0, |bug| bug as u8), std::sync::atomic::Ordering::SeqCst);
}

/// Whether `bug` is planted here.
#[cfg(feature = "planted")]
pub fn is(bug: Bug) -> bool {
    CHOSEN.load(std::sync::atomic::Ordering::Relaxed) == bug as u8
}

/// Whether `bug` is planted here: never, in this build.
#[cfg(not(feature = "planted"))]
pub const fn is(_bug: Bug) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bug_is_found_by_its_name() {
        assert_eq!(Bug::AcknowledgeBeforeSync.to_string(), "acknowledge-before-sync");
        for bug in Bug::ALL {
            assert_eq!(Bug::named(&bug.to_string()), Some(bug));
            assert!(!is(bug), "{bug} is planted although nobody asked for it");
        }
        assert_eq!(Bug::named("none"), None);
    }
}
