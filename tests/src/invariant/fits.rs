//! P3: on every node, what is wanted there fits it.

use super::snapshot::Saved;
use super::{Promise, Verdict};

/// Looks at a whole state: room on nodes, and everything else that must hold of any state.
pub fn check(verdict: &Verdict, server: &str, saved: &Saved) {
    verdict.checked(Promise::P3, saved.state.nodes().count() as u64);
    if let Err(fault) = saved.state.check() {
        verdict.broken(Promise::P3, format!("{server} at index {}: {fault}", saved.index));
    }
}
