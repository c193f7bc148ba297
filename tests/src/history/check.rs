//! The check of [`super`], key by key.

use std::collections::BTreeMap;

use super::{Call, Operation, Outcome};

/// What a check looked at and what it found.
#[derive(Debug, Default, Clone)]
pub struct Checked {
    /// Reads and refusals that were compared with the writes.
    pub reads: u64,
    /// Writes without a condition.
    pub writes: u64,
    /// Check-and-sets that were taken or refused.
    pub conditional: u64,
    /// Writes of unknown outcome; some of them were seen.
    pub unknown: u64,
    /// What no register would have answered.
    pub violations: Vec<String>,
}

/// An operation with its place.
struct Placed<'a> {
    place: u64,
    writes: bool,
    end: u64,
    operation: &'a Operation,
}

/// Looks at all keys of a history.
pub fn check(operations: &[Operation]) -> Checked {
    let mut keys: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in operations {
        keys.entry(&operation.key).or_default().push(operation);
    }
    let mut checked = Checked::default();
    for operations in keys.into_values() {
        check_key(&operations, &mut checked);
    }
    checked
}

fn check_key(operations: &[&Operation], checked: &mut Checked) {
    let seen = seen(operations);
    let mut placed = Vec::new();
    let mut writes: BTreeMap<u64, &Operation> = BTreeMap::new();
    for operation in operations {
        let Some((place, is_write)) = place(operation, &seen, checked) else { continue };
        if is_write && let Some(other) = writes.insert(place, operation) {
            checked.violations.push(format!(
                "two writes have one index: {} and {}",
                told(other),
                told(operation)
            ));
        }
        let known = operation.outcome != Outcome::Unknown;
        let end = if known { operation.end } else { u64::MAX };
        placed.push(Placed { place, writes: is_write, end, operation });
    }
    answers(&placed, &writes, checked);
    real_time(&placed, checked);
}

/// Values that some read showed, and at which index.
fn seen<'a>(operations: &[&'a Operation]) -> BTreeMap<&'a str, u64> {
    let shown = operations.iter().filter_map(|operation| match &operation.outcome {
        Outcome::Read(index, Some(value)) => Some((value.as_str(), *index)),
        _ => None,
    });
    shown.collect()
}

/// Where an operation belongs, and whether it writes; `None` for what nobody saw.
fn place(operation: &Operation, seen: &BTreeMap<&str, u64>, checked: &mut Checked) -> Option<(u64, bool)> {
    match (&operation.call, &operation.outcome) {
        (Call::Read, Outcome::Read(index, _)) => {
            checked.reads += 1;
            Some((*index, false))
        }
        (Call::Write { expected: Some(_), .. }, Outcome::Refused(index)) => {
            checked.conditional += 1;
            Some((*index, false))
        }
        (Call::Write { expected, .. }, Outcome::Written(index)) => {
            *(if expected.is_some() { &mut checked.conditional } else { &mut checked.writes }) += 1;
            Some((*index, true))
        }
        (Call::Write { value, .. }, Outcome::Unknown) => {
            checked.unknown += 1;
            seen.get(value.as_str()).map(|index| (*index, true))
        }
        (Call::Write { value, .. }, Outcome::NotDone) => {
            if seen.contains_key(value.as_str()) {
                checked
                    .violations
                    .push(format!("what was turned away was written all the same: {}", told(operation)));
            }
            None
        }
        (Call::Read, Outcome::Unknown | Outcome::NotDone) => None,
        _ => {
            checked.violations.push(format!("an answer to another question: {}", told(operation)));
            None
        }
    }
}

/// Rules 1 and 2: what each answer says against the order of the writes.
fn answers(placed: &[Placed<'_>], writes: &BTreeMap<u64, &Operation>, checked: &mut Checked) {
    for Placed { place, operation, .. } in placed {
        let written = writes.get(place).and_then(|write| match &write.call {
            Call::Write { value, .. } => Some(value.as_str()),
            Call::Read => None,
        });
        let fault = match (&operation.call, &operation.outcome) {
            (Call::Read, Outcome::Read(0, Some(_))) => Some("a value without an index"),
            (Call::Read, Outcome::Read(0, None)) => None,
            (Call::Read, Outcome::Read(_, value)) if value.as_deref() != written => {
                Some("a value that was not written at that index")
            }
            (Call::Write { expected: Some(expected), .. }, Outcome::Refused(index)) => {
                (expected == index).then_some("refused although it named the right index")
            }
            (Call::Write { expected: Some(expected), .. }, Outcome::Written(_) | Outcome::Unknown) => {
                let before = writes.range(..place).next_back().map_or(0, |(index, _)| *index);
                (before != *expected).then_some("a check-and-set was taken although the index was another")
            }
            _ => None,
        };
        if let Some(fault) = fault {
            let before = writes.range(..place).next_back();
            let before = before.map_or_else(|| "nothing".to_owned(), |(_, write)| told(write));
            checked.violations.push(format!("{fault}: {}; before it: {before}", told(operation)));
        }
    }
}

/// Rule 3: a sweep over starts, with the furthest place among what had ended by then.
fn real_time(placed: &[Placed<'_>], checked: &mut Checked) {
    let mut by_start: Vec<&Placed<'_>> = placed.iter().collect();
    by_start.sort_by_key(|one| one.operation.start);
    let mut by_end: Vec<&Placed<'_>> = placed.iter().filter(|one| one.end != u64::MAX).collect();
    by_end.sort_by_key(|one| one.end);
    let mut ended = by_end.into_iter().peekable();
    let mut furthest: Option<&Placed<'_>> = None;
    for later in by_start {
        while let Some(one) = ended.next_if(|one| one.end < later.operation.start) {
            if furthest.is_none_or(|furthest| one.place >= furthest.place) {
                furthest = Some(one);
            }
        }
        let Some(earlier) = furthest else { continue };
        let behind = if later.writes { earlier.place >= later.place } else { earlier.place > later.place };
        if behind {
            checked.violations.push(format!(
                "an answer from the past: {} had ended before {}",
                told(earlier.operation),
                told(later.operation)
            ));
        }
    }
}

fn told(operation: &Operation) -> String {
    let Operation { key, client, start, end, call, outcome } = operation;
    format!("{client} {key} {call:?} → {outcome:?} ({start}–{end} µs)")
}

#[cfg(test)]
mod tests;
