//! What clients did and heard, and whether it is linearizable.
//!
//! # Why this checker is right
//!
//! A history is linearizable when every operation can be given a point between its call and its return such that the
//! operations, taken in the order of their points, are what one register would have answered. Finding such points is
//! hard in general. Here it is not, because the answers carry them:
//!
//! 1. The state machine steps its index by one for every command. A write that was acknowledged names the index `i` at
//!    which it was applied, and a register remembers the index of its last change. So the order of the acknowledged
//!    writes of a register is not searched for, it is read off: by index. Two writes with one index are an error.
//! 2. A read of a register gives its value and the index `m` of the change that it shows (0 for "never written"). Its
//!    place in the order is behind the write at `m` and before the next write that is known.
//! 3. A write whose outcome is unknown has no index. It may have taken effect at any point after its call, or never. It
//!    binds nobody until a read shows its value (values are unique); from then on it is a write at the index that the
//!    read gave, and as such has to fit with everybody else.
//!
//! The order so fixed is a linearization if and only if it contradicts nothing that was heard:
//!
//! - *One value for one index.* All who saw the change at `m` saw the same value, and it is the value of the write that
//!   was acknowledged at `m`, if one was; otherwise it is that of a write with unknown outcome, called before the read
//!   returned. (The register answers what was written.)
//! - *Real time.* If A returned before B was called, then A's index is not above B's: for two writes strictly, and when
//!   B is a read, it shows a change at least as new as the one that A made or showed. (Points lie within calls.) When B
//!   is a write and A a read that showed `m`, B's index is above `m`.
//! - *Stops.* A stop that was acknowledged at `i` says that the job was stopped there, perhaps since earlier. A read
//!   called afterwards shows a change at `i` or later, or an earlier one whose value is "stopped".
//! - *Check-and-set.* A conditional write that succeeded at `i` and had asked for `e` found the register at `e`: no
//!   known write lies between `e` and `i`. One that was refused, applied at `i`, names the index `a` that it found:
//!   `a` is not what it had asked for, and no known write lies between `a` and `i`.
//!
//! Necessary: each rule follows from the meaning of a register, so a violation is a fault. Sufficient: with the indexes as
//! points, rules one and three say that every operation answers what a register in that order would, and rule two that
//! the order respects real time; reads between two writes can be ordered by their calls. Registers are independent of
//! each other, and a history is linearizable when each of its objects is, so they are looked at one by one.

use std::collections::BTreeMap;

use crate::promise::Promise;

/// The value of a register that is stopped: every stop writes the same.
pub(crate) const STOPPED: u64 = 999_999;

/// A register: a job or a variable.
pub(crate) type Key = String;

/// One operation of one client.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) client: usize,
    pub(crate) key: Key,
    /// Numbers of call and return in one count over all clients; an operation without an answer returns never.
    pub(crate) called: u64,
    pub(crate) returned: u64,
    pub(crate) what: What,
}

/// What was asked and answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// Written at an index, perhaps on the condition that the last change was at another.
    Wrote { value: u64, index: u64, expected: Option<u64> },
    /// Written or not.
    MayHaveWritten { value: u64 },
    /// Refused at an index, because the last change was not where it was expected; where it was instead, if told.
    Refused { index: u64, expected: u64, actual: Option<u64> },
    /// Seen to be stopped at an index, by a change there or an earlier one; what was last written is [`STOPPED`].
    Stopped { index: u64 },
    /// Read: the last change, and its value.
    Read { modified: u64, value: u64 },
}

/// All operations.
#[derive(Debug, Default)]
pub(crate) struct History {
    operations: Vec<Operation>,
    clock: u64,
}

/// What a check found.
pub(crate) struct Verdict {
    /// How often each promise was looked at.
    pub(crate) checked: Vec<(Promise, u64)>,
    /// The first contradiction.
    pub(crate) broken: Option<(Promise, String)>,
}

impl History {
    /// The number of the next call or return.
    pub(crate) fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// Notes an operation that has ended, one way or the other.
    pub(crate) fn push(&mut self, operation: Operation) {
        self.operations.push(operation);
    }

    /// Operations that had an answer.
    pub(crate) fn acknowledged(&self) -> u64 {
        let open = |operation: &&Operation| matches!(operation.what, What::MayHaveWritten { .. });
        (self.operations.len() - self.operations.iter().filter(open).count()) as u64
    }

    /// Looks at every register.
    pub(crate) fn check(&self) -> Verdict {
        let mut by_key: BTreeMap<&Key, Vec<&Operation>> = BTreeMap::new();
        for operation in &self.operations {
            by_key.entry(&operation.key).or_default().push(operation);
        }
        let mut verdict = Verdict { checked: Vec::new(), broken: None };
        for (key, operations) in by_key {
            if let Err((promise, how)) = check_register(&operations, &mut verdict.checked) {
                verdict.broken.get_or_insert((promise, format!("{key}: {how}")));
            }
        }
        verdict
    }
}

type Contradiction = (Promise, String);

fn check_register(all: &[&Operation], checked: &mut Vec<(Promise, u64)>) -> Result<(), Contradiction> {
    let writes = values_by_index(all)?;
    checked.push((Promise::P1, real_time(all)?));
    checked.push((Promise::P4, conditions(all, &writes)?));
    Ok(())
}

/// One value for one index.
fn values_by_index(all: &[&Operation]) -> Result<BTreeMap<u64, u64>, Contradiction> {
    let mut writes = BTreeMap::new();
    for operation in all {
        if let What::Wrote { value, index, .. } = operation.what
            && writes.insert(index, value).is_some()
        {
            return Err((Promise::P4, format!("two writes were acknowledged at index {index}")));
        }
    }
    for operation in all {
        let What::Read { modified, value } = operation.what else { continue };
        if modified == 0 {
            continue;
        }
        let known = writes.get(&modified).copied();
        let open = || {
            all.iter().any(|other| {
                let may = match other.what {
                    What::MayHaveWritten { value: written } => written == value,
                    What::Stopped { .. } => value == STOPPED,
                    _ => false,
                };
                may && other.called < operation.returned
            })
        };
        if known.is_some_and(|known| known != value) || known.is_none() && !open() {
            let how =
                format!("client {} read {value} as of {modified}, which nobody wrote", operation.client);
            return Err((Promise::P1, how));
        }
        writes.insert(modified, value);
    }
    Ok(writes)
}

/// Whatever ended before another began has no later place.
fn real_time(all: &[&Operation]) -> Result<u64, Contradiction> {
    let mut pairs = 0;
    for before in all {
        if let What::Stopped { index } = before.what {
            pairs += after_stop(all, before, index)?;
        }
        let place = match before.what {
            What::Wrote { index, .. } => index,
            What::Read { modified, .. } => modified,
            _ => continue,
        };
        for after in all.iter().filter(|after| before.returned < after.called) {
            let (found, strictly) = match after.what {
                What::Wrote { index, .. } => (index, true),
                What::Read { modified, .. } => (modified, false),
                _ => continue,
            };
            pairs += 1;
            if found < place || strictly && found == place {
                let how = format!(
                    "{:?} of client {} came after {:?} of client {} had ended",
                    after.what, after.client, before.what, before.client
                );
                return Err((Promise::P1, how));
            }
        }
    }
    Ok(pairs)
}

/// Nobody sees a job running that was stopped before, unless somebody has started it again.
fn after_stop(all: &[&Operation], stop: &Operation, index: u64) -> Result<u64, Contradiction> {
    let mut looked_at = 0;
    for after in all.iter().filter(|after| stop.returned < after.called) {
        let What::Read { modified, value } = after.what else { continue };
        looked_at += 1;
        if modified < index && value != STOPPED {
            let how =
                format!("client {} read {value} as of {modified} after a stop at {index}", after.client);
            return Err((Promise::P1, how));
        }
    }
    Ok(looked_at)
}

/// What conditional writes found.
fn conditions(all: &[&Operation], writes: &BTreeMap<u64, u64>) -> Result<u64, Contradiction> {
    let mut looked_at = 0;
    for operation in all {
        let (index, found) = match operation.what {
            What::Wrote { index, expected: Some(expected), .. } => (index, expected),
            What::Refused { index, actual: Some(actual), expected } => {
                if actual == expected {
                    let how = format!("a write was refused although the last change was at {expected}");
                    return Err((Promise::P4, how));
                }
                (index, actual)
            }
            _ => continue,
        };
        looked_at += 1;
        if let Some((between, _)) = writes.range(found + 1..index).next() {
            let how = format!(
                "client {}: {:?}, but there was a write at {between}",
                operation.client, operation.what
            );
            return Err((Promise::P4, how));
        }
    }
    Ok(looked_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(operations: Vec<(u64, u64, What)>) -> Option<Promise> {
        let mut history = History::default();
        for (called, returned, what) in operations {
            history.push(Operation { client: 0, key: "k".into(), called, returned, what });
        }
        history.check().broken.map(|(promise, _)| promise)
    }

    fn wrote(value: u64, index: u64, expected: Option<u64>) -> What {
        What::Wrote { value, index, expected }
    }

    fn read(modified: u64, value: u64) -> What {
        What::Read { modified, value }
    }

    #[test]
    fn sound_histories_pass() {
        assert_eq!(history(vec![(1, 2, wrote(7, 10, Some(0))), (3, 4, read(10, 7))]), None);
        // Concurrent: the read may come before the write.
        assert_eq!(history(vec![(1, 4, wrote(7, 10, None)), (2, 3, read(0, 0))]), None);
        // A write without an answer that a read shows, and one that never happens.
        let open = What::MayHaveWritten { value: 8 };
        assert_eq!(history(vec![(1, u64::MAX, open.clone()), (5, 6, read(11, 8))]), None);
        assert_eq!(history(vec![(1, u64::MAX, open), (5, 6, read(0, 0))]), None);
    }

    #[test]
    fn every_rule_finds_its_fault() {
        // A stale read, a lost write, a value from nowhere.
        assert_eq!(history(vec![(1, 2, wrote(7, 10, None)), (3, 4, read(0, 0))]), Some(Promise::P1));
        assert_eq!(
            history(vec![(1, 2, wrote(7, 10, None)), (3, 4, wrote(8, 12, None)), (5, 6, read(10, 7))]),
            Some(Promise::P1)
        );
        assert_eq!(history(vec![(1, 2, read(3, 9))]), Some(Promise::P1));
        // Two conditional writes on the same ground, and a refusal without one.
        let both = vec![
            (1, 2, wrote(7, 10, Some(0))),
            (3, 6, wrote(8, 12, Some(10))),
            (4, 7, wrote(9, 13, Some(10))),
        ];
        assert_eq!(history(both), Some(Promise::P4));
        let refused = What::Refused { index: 11, expected: 5, actual: Some(5) };
        assert_eq!(history(vec![(1, 2, refused)]), Some(Promise::P4));
    }
}
