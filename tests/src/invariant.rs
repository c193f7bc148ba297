//! The promises P1 to P10 of the reliability page: one file for each, and what came of checking them.

pub mod acknowledged;
pub mod fits;
pub mod indexes;
pub mod minority;
pub mod registers;
pub mod replicas;
pub mod restarts;
pub mod settled;
pub mod snapshot;
pub mod tasks;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Violations of one promise that are told in full; more are only counted.
const TOLD_MAX: usize = 8;

/// What is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// An acknowledged write is in every later linearizable read.
    P1,
    /// Settled: at most one running copy of a name; the count is reached, or a blocked evaluation says why not.
    P2,
    /// No node is over-committed.
    P3,
    /// Every check-and-set is a linearizable register.
    P4,
    /// Indexes never fall; a blocking query returns when its index is passed, and not before.
    P5,
    /// A client agent that is killed keeps its tasks, starts none twice and loses no exit code.
    P6,
    /// A killed server restarts without manual work, or refuses with a file and an offset.
    P7,
    /// A torn tail is recovered, a flipped bit is noticed.
    P8,
    /// A minority serves no write and no consistent read; a stale read says so.
    P9,
    /// Replicas are equal at equal index.
    P10,
}

impl Promise {
    /// All of them, in order.
    pub const ALL: [Promise; 10] = [
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

    /// What is promised, for a table.
    pub fn meaning(self) -> &'static str {
        match self {
            Promise::P1 => "An acknowledged write is in every later consistent read",
            Promise::P2 => "Settled, one copy of a name runs, and as many as wanted or it says why not",
            Promise::P3 => "No node is over-committed",
            Promise::P4 => "A check-and-set is taken exactly if its index is the current one",
            Promise::P5 => "Indexes never fall; blocking queries return when theirs is passed",
            Promise::P6 => "A killed client agent keeps its tasks and their exit codes",
            Promise::P7 => "A killed server restarts by itself",
            Promise::P8 => "Damaged files are recovered from or named; a wrong clock breaks nothing",
            Promise::P9 => "A minority serves no write and no consistent read",
            Promise::P10 => "Replicas are equal at equal index",
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}"))
    }
}

/// How often each promise was checked, and what was found broken. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Verdict(Arc<Mutex<BTreeMap<Promise, Found>>>);

/// What was found of one promise.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// How often it was checked.
    pub checks: u64,
    /// How often it was broken.
    pub broken: u64,
    /// The first of those, in words.
    pub told: Vec<String>,
}

impl Verdict {
    fn change(&self, promise: Promise, change: impl FnOnce(&mut Found)) {
        change(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(promise).or_default());
    }

    /// It was looked at so many times.
    pub fn checked(&self, promise: Promise, times: u64) {
        self.change(promise, |found| found.checks += times);
    }

    /// It was broken, and so.
    pub fn broken(&self, promise: Promise, how: impl Into<String>) {
        self.change(promise, |found| {
            found.broken += 1;
            if found.told.len() < TOLD_MAX {
                found.told.push(how.into());
            }
        });
    }

    /// One check, with its result.
    pub fn expect(&self, promise: Promise, holds: bool, otherwise: impl FnOnce() -> String) {
        self.checked(promise, 1);
        if !holds {
            self.broken(promise, otherwise());
        }
    }

    /// What was found of one promise.
    pub fn of(&self, promise: Promise) -> Found {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&promise).cloned().unwrap_or_default()
    }

    /// How often anything was broken.
    pub fn violations(&self) -> u64 {
        Promise::ALL.into_iter().map(|promise| self.of(promise).broken).sum()
    }

    /// Adds what another one found.
    pub fn add(&self, other: &Verdict) {
        for promise in Promise::ALL {
            let theirs = other.of(promise);
            self.change(promise, |found| {
                found.checks += theirs.checks;
                found.broken += theirs.broken;
                found.told.extend(theirs.told);
                found.told.truncate(TOLD_MAX);
            });
        }
    }
}
