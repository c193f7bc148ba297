//! Placement: the recorded cases, a brute-force oracle, and the same answer to the same question.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

mod cluster;
mod constraint;
mod deterministic;
mod oracle;
mod preemption;
mod recorded;
mod resources;
mod version;

use serde_json::Value;

/// The cases of a file of `tests/vectors`.
fn vectors(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}
