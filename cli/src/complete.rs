//! Completion of half-typed lines: the shell asks this program with the line in `COMP_LINE` and shows what it prints.
//!
//! Commands and flags come from the grammar, ids from the cluster. A completion says nothing when it knows nothing: an
//! error in the middle of somebody's line helps nobody.

pub mod install;
mod line;
mod values;

use crate::args;
use crate::console::Console;
use line::Half;
use std::collections::BTreeSet;

/// Variable with the whole line.
const LINE: &str = "COMP_LINE";
/// Variable with the place of the cursor in it, in bytes.
const POINT: &str = "COMP_POINT";

/// The line that a shell wants completed, up to the cursor.
pub fn asked(environment: impl Fn(&str) -> Option<String>) -> Option<String> {
    let line = environment(LINE)?;
    let point = environment(POINT).and_then(|text| text.parse().ok()).unwrap_or(line.len());
    Some(line.get(..point).unwrap_or(&line).to_owned())
}

/// Print what the last word of the line may become, one a line.
pub async fn run(line: &str) -> u8 {
    let candidates = candidates(line).await;
    if !candidates.is_empty() {
        let lines: Vec<String> = candidates.into_iter().collect();
        Console::plain().line(lines.join("\n"));
    }
    0
}

async fn candidates(line: &str) -> BTreeSet<String> {
    let grammar = args::grammar();
    let half = line::read(&grammar, line);
    let all: Vec<String> = match &half {
        Half::Command { group, path, .. } => args::spellings(group, path),
        Half::Flag { command, .. } => line::flags(command),
        Half::Value { flag, words, last } => values::of_flag(flag, words, last).await,
        Half::Argument { path, words, first, last } => values::of_argument(path, words, *first, last).await,
        Half::Nothing => Vec::new(),
    };
    let last = half.last();
    all.into_iter().filter(|candidate| candidate.starts_with(last)).collect()
}
