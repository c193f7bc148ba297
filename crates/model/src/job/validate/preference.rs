//! Affinities and spreads.

use std::collections::BTreeSet;

use super::{Faults, constraint};
use crate::job::{Affinity, Operand, Spread};

/// Faults of a list of affinities, one line for each that has any.
pub(super) fn affinities(affinities: &[Affinity], faults: &mut Faults) {
    for (number, affinity) in affinities.iter().enumerate() {
        let inner = affinity.faults();
        if !inner.is_empty() {
            faults.add(format!("Affinity {} validation failed: {inner}", number + 1));
        }
    }
}

/// Faults of a list of spreads, one line for each that has any.
pub(super) fn spreads(spreads: &[Spread], faults: &mut Faults) {
    for (number, spread) in spreads.iter().enumerate() {
        let inner = spread.faults();
        if !inner.is_empty() {
            faults.add(format!("Spread {} validation failed: {inner}", number + 1));
        }
    }
}

impl Affinity {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        if self.operand.is_empty() {
            faults.add("Missing affinity operand");
        }
        match Operand::parse(&self.operand).filter(|_| !self.operand.is_empty()) {
            Some(Operand::DistinctHosts | Operand::DistinctProperty | Operand::IsSet | Operand::IsNotSet)
            | None => faults.add(format!("Unknown affinity operator \"{}\"", self.operand)),
            Some(operand) => faults.0.extend(constraint::text_fault(operand, &self.r_target)),
        }
        match self.weight.unwrap_or(0) {
            0 => faults.add("Affinity weight cannot be zero"),
            weight if !(-100..=100).contains(&weight) => {
                faults.add("Affinity weight must be within the range [-100,100]");
            }
            _ => {}
        }
        faults
    }
}

impl Spread {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        if !(1..=100).contains(&self.weight.unwrap_or(0)) {
            faults.add("Spread block must have a positive weight from 0 to 100");
        }
        if self.attribute.is_empty() {
            faults.add("Missing spread attribute");
        }
        let mut seen = BTreeSet::new();
        let mut sum = 0_i64;
        for target in &self.spread_target {
            if !seen.insert(&target.value) {
                faults.add(format!("Spread target value \"{}\" already defined", target.value));
            }
            if !(0..=100).contains(&target.percent) {
                faults.add(format!(
                    "Spread target percentage for value \"{}\" must be between 0 and 100",
                    target.value
                ));
            }
            sum = sum.saturating_add(target.percent);
        }
        if sum > 100 {
            faults.add(format!("Sum of spread target percentages must not be greater than 100%; got {sum}%"));
        }
        faults
    }
}
