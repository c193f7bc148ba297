//! P7 and P8: a server that was killed comes back by itself, and damage is recovered from or named.

use std::process::ExitStatus;

use super::{Promise, Verdict};

/// What a server did when it was started on what the last one left.
#[derive(Debug, Clone)]
pub enum Start {
    /// It answers.
    Answers,
    /// It ended, with the end of its log.
    Ended(ExitStatus, String),
    /// It runs and does not answer.
    Silent,
}

/// What was done to its files while it was down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Files {
    /// Nothing.
    Whole,
    /// The end of the log is torn, as a power cut leaves it.
    Torn(String),
    /// A bit of the log was flipped.
    LogFlipped(String),
    /// A bit of something that can be made anew was flipped: tables or snapshots.
    CopyFlipped(String),
}

/// Judges a start. True when the server runs; otherwise it has to be wiped.
pub fn judge(verdict: &Verdict, server: &str, files: &Files, start: &Start) -> bool {
    let runs = matches!(start, Start::Answers);
    let told = || format!("{server} with {files:?}: {start:?}");
    match files {
        Files::Whole => verdict.expect(Promise::P7, runs, told),
        Files::Torn(_) => verdict.expect(Promise::P8, runs, told),
        // Copies may be made anew, or the server says that it cannot and what to do.
        Files::CopyFlipped(_) => verdict.expect(Promise::P8, runs || names_a_file(start), told),
        // An entry of the log is not made anew: it has to be noticed.
        Files::LogFlipped(_) => verdict.expect(Promise::P8, !runs && names_a_file(start), told),
    }
    runs
}

/// Whether the end of the log says which file is bad.
fn names_a_file(start: &Start) -> bool {
    matches!(start, Start::Ended(_, log) if log.contains("server/raft") && (log.contains("offset") || log.contains("data directory")))
}
