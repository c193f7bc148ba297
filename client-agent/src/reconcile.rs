//! Desired × running → actions. Pure: what a complete desired set means for the allocations that this node has.
//!
//! Refuses to guess: an allocation is stopped only because a complete set says so or leaves it out, never
//! because a body has not come yet.

use std::collections::BTreeMap;

use model::AllocId;
use model::planted::{self, Bug};

/// What a desired set says of one allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DesiredAlloc {
    /// Changes whenever the servers change the allocation.
    pub alloc_modify_index: u64,
    /// False for `stop` and `evict`.
    pub run: bool,
    /// Stop it without its `shutdown_delay`.
    pub no_shutdown_delay: bool,
}

/// What the node has of one allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownAlloc {
    /// Index of the body that it has.
    pub alloc_modify_index: u64,
    /// It has been told to stop.
    pub stopping: bool,
}

/// What to do about one allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Ask the servers for its body.
    Want,
    /// Stop its tasks, keep what is known of it.
    Stop,
    /// Stop its tasks, then forget it and remove its directory.
    Forget,
}

/// Whether a desired set may be acted on: an older one than the last is dropped.
pub fn acceptable(index: u64, last_index: u64) -> bool {
    index >= last_index || planted::is(Bug::OlderSetAccepted)
}

/// Compares a complete desired set with what the node has. Stops come before wants, so that room is made first.
pub fn reconcile(
    desired: &BTreeMap<AllocId, DesiredAlloc>,
    known: &BTreeMap<AllocId, KnownAlloc>,
) -> Vec<(AllocId, Action)> {
    let mut actions = Vec::new();
    for (id, have) in known {
        match desired.get(id) {
            None => actions.push((*id, Action::Forget)),
            Some(wanted) if !wanted.run && !have.stopping => actions.push((*id, Action::Stop)),
            Some(_) => {}
        }
    }
    for (id, wanted) in desired {
        let news = known.get(id).is_none_or(|have| have.alloc_modify_index < wanted.alloc_modify_index);
        if news {
            actions.push((*id, Action::Want));
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(number: u128) -> AllocId {
        AllocId(Uuid::from_u128(number))
    }

    #[test]
    fn table() {
        let wanted = |alloc_modify_index, run| {
            Some(DesiredAlloc { alloc_modify_index, run, no_shutdown_delay: false })
        };
        let have = |alloc_modify_index, stopping| Some(KnownAlloc { alloc_modify_index, stopping });
        let cases: &[(Option<DesiredAlloc>, Option<KnownAlloc>, &[Action])] = &[
            (wanted(5, true), None, &[Action::Want]),
            (wanted(5, false), None, &[Action::Want]),
            (wanted(5, true), have(5, false), &[]),
            (wanted(6, true), have(5, false), &[Action::Want]),
            (wanted(6, false), have(5, false), &[Action::Stop, Action::Want]),
            (wanted(6, false), have(6, true), &[]),
            (wanted(4, true), have(5, false), &[]),
            (None, have(5, false), &[Action::Forget]),
            (None, have(5, true), &[Action::Forget]),
        ];
        for (desired, known, expected) in cases {
            let desired_set = desired.iter().map(|d| (id(1), *d)).collect();
            let known_set = known.iter().map(|k| (id(1), *k)).collect();
            let actions: Vec<Action> =
                reconcile(&desired_set, &known_set).into_iter().map(|(_, a)| a).collect();
            assert_eq!(&actions, expected, "{desired:?} × {known:?}");
        }
    }

    #[test]
    fn an_older_set_is_dropped_and_a_repeated_one_is_harmless() {
        assert!(!acceptable(6, 7));
        assert!(acceptable(7, 7));
        assert!(acceptable(8, 7));
    }
}
