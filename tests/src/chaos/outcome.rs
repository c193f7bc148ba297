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
    /// What can be checked where it ran.
    pub promises: &'static [Promise],
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
        self.promises = other.promises;
        self.verdict.add(&other.verdict);
        self.took += other.took;
    }

    /// Why this is no success; empty when it is one.
    pub fn faults_found(&self) -> Vec<String> {
        let mut found = Vec::new();
        for promise in Promise::ALL {
            let of = self.verdict.of(promise);
            if of.checks == 0 && self.promises.contains(&promise) {
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
        let (slowest, faults) = (self.slowest.unwrap_or(0.0), self.faults.values().sum::<u64>());
        let (seconds, broken) = (took.as_secs_f64(), self.verdict.violations());
        writeln!(f, "{runs} runs, {faults} faults, {broken} violations, {seconds:.0} s")?;
        writeln!(
            f,
            "{operations} operations ({unknown} of unknown outcome), at least {slowest:.0}/s before the first fault"
        )?;
        writeln!(f, "\n| Fault | Times |\n|---|---:|")?;
        for (kind, count) in &self.faults {
            writeln!(f, "| {kind} | {count} |")?;
        }
        writeln!(f, "\n| Promise | Checks | Violations |\n|---|---:|---:|")?;
        for promise in Promise::ALL {
            let of = self.verdict.of(promise);
            let checks = match self.promises.contains(&promise) {
                true => of.checks.to_string(),
                false => "not at this level".to_owned(),
            };
            writeln!(f, "| {promise} {} | {checks} | {} |", promise.meaning(), of.broken)?;
        }
        for promise in Promise::ALL {
            for told in self.verdict.of(promise).told {
                writeln!(f, "\n{promise} broken: {told}")?;
            }
        }
        Ok(())
    }
}
