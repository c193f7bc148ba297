//! P4, and the reads of P1: histories of shared variables and jobs are those of linearizable registers.

use super::{Promise, Verdict};
use crate::history::{Operation, check};

/// Checks a history. What is wrong with a check-and-set is P4's, what is wrong with a read P1's.
pub fn judge(verdict: &Verdict, operations: &[Operation]) {
    let checked = check(operations);
    verdict.checked(Promise::P4, checked.conditional);
    verdict.checked(Promise::P1, checked.reads + checked.writes);
    for fault in checked.violations {
        let conditional = ["a check-and-set", "refused", "two writes"];
        let conditional = conditional.iter().any(|word| fault.starts_with(word));
        verdict.broken(if conditional { Promise::P4 } else { Promise::P1 }, fault);
    }
}
