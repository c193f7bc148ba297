//! The text that a job was made from, kept beside each of its versions.

use crate::wire::{Dict, wire};

/// Largest text that is kept, bytes: `job_max_source_size` of the original.
pub const SOURCE_MAX: usize = 1_000_000;

wire! {
    /// What somebody submitted.
    JobSubmission {
        "Format" format: String,
        "JobID" job_id: String,
        "JobModifyIndex" job_modify_index: u64,
        "Namespace" namespace: String,
        "Source" source: String,
        "VariableFlags" variable_flags: Dict,
        "Variables" variables: String,
        "Version" version: u64,
    }
}

/// A size as people read it: decimal units, one digit after the point below ten.
pub fn human_size(bytes: usize) -> String {
    let (mut size, mut unit) = (bytes as f64, "B");
    for larger in ["kB", "MB", "GB"] {
        if size < 1000.0 {
            break;
        }
        (size, unit) = (size / 1000.0, larger);
    }
    let tenths = (size * 10.0).round() / 10.0;
    if unit == "B" || tenths >= 10.0 { format!("{tenths:.0} {unit}") } else { format!("{tenths:.1} {unit}") }
}
