//! What runs amount to, and the table that says so.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::Kind;
use crate::invariant::{Promise, Verdict};

/// Fewer operations a second before the first fault prove nothing.
pub const RATE_MIN: f64 = 100.0;

/// One run or several.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// How many runs.
    pub runs: u64,
    /// Operations with a definite answer.
    pub operations: u64,
    /// Operations whose outcome nobody knows.
    pub unknown: u64,
    /// The lowest rate before a first fault, operations a second.
    pub slowest: Option<f64>,
    /// Faults by kind.
    pub faults: BTreeMap<Kind, u64>,
    /// Checks and violations.
    pub verdict: Verdict,
    /// How long it took.
    pub took: Duration,
}

impl Outcome {
    /// Adds another run.
    pub fn add(&mut self, other: &Outcome) {
        self.runs += other.runs;
        self.operations += other.operations;
        self.unknown += other.unknown;
        self.slowest = [self.slowest, other.slowest].into_iter().flatten().reduce(f64::min);
        for (kind, count) in &other.faults {
            *self.faults.entry(*kind).or_default() += count;
        }
        self.verdict.add(&other.verdict);
        self.took += other.took;
    }

    /// Why this is no success; empty when it is one. `promises` are those that have to have been checked.
    pub fn faults_found(&self, promises: &[Promise]) -> Vec<String> {
        let mut found = Vec::new();
        for promise in Promise::ALL {
            let of = self.verdict.of(promise);
            if of.checks == 0 && promises.contains(&promise) {
                found.push(format!("{promise} was never checked"));
            }
            if of.broken > 0 {
                found.push(format!("{promise} was broken {} times", of.broken));
            }
        }
        if let Some(rate) = self.slowest.filter(|rate| *rate < RATE_MIN) {
            found.push(format!("{rate:.0} operations a second before the first fault prove nothing"));
        }
        found
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { runs, operations, unknown, took, .. } = self;
        let slowest = self.slowest.unwrap_or(0.0);
        writeln!(
            f,
            "{runs} runs, {operations} operations ({unknown} of unknown outcome), at least {slowest:.0}/s before the first fault, {:.0} s",
            took.as_secs_f64()
        )?;
        writeln!(f, "\n| Fault | Times |\n|---|---:|")?;
        for (kind, count) in &self.faults {
            writeln!(f, "| {kind} | {count} |")?;
        }
        writeln!(f, "\n| Promise | Checks | Violations |\n|---|---:|---:|")?;
        for promise in Promise::ALL {
            let of = self.verdict.of(promise);
            writeln!(f, "| {promise} | {} | {} |", of.checks, of.broken)?;
        }
        for promise in Promise::ALL {
            for told in self.verdict.of(promise).told {
                writeln!(f, "\n{promise} broken: {told}")?;
            }
        }
        Ok(())
    }
}
