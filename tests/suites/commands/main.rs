//! What the original's command line printed, step by step, compared with what this one prints beside a fresh agent.
//!
//! Steps that do not match yet are listed in `open.txt`, with the reason. A step that does not match and is not listed
//! fails the suite, and so does a listed one that matches, unless its reason begins with `timing`.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use tests::agent::Agent;

const PROGRAM: &str = env!("CARGO_BIN_EXE_drover-under-test");
const OPEN: &str = include_str!("open.txt");
/// The list is never longer than this. Fewer is progress that has to be noted here.
const OPEN_MAX: usize = 14;

/// A step of a case.
type Step = (String, usize);

/// Steps that do not match yet, and whether each may.
fn open_steps() -> Vec<(Step, bool)> {
    let lines = OPEN.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let steps = lines.map(|line| {
        let parts: Vec<&str> = line.split(" | ").collect();
        let [case, step, reason] = parts[..] else {
            panic!("open.txt: not `case | step | reason`: {line}");
        };
        assert!(!reason.is_empty(), "open.txt: no reason: {line}");
        let number = step.parse().unwrap_or_else(|_| panic!("open.txt: no step: {line}"));
        ((case.to_owned(), number), reason.starts_with("timing"))
    });
    steps.collect()
}

/// Runs the steps of the cases that begin with `only`, or all; says which differ, and how.
fn replay(agent: &Agent, only: &str) -> Vec<(Step, String)> {
    let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("cli/record.py");
    let mut command = Command::new("python3");
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg(checker).args(["check", "--bin", PROGRAM, "--addr", &agent.address()]);
    if !only.is_empty() {
        command.args(["--only", only]);
    }
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let summary = told.lines().last().unwrap_or_default();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(summary.contains("steps match, "), "the replay broke off: {told}{errors}");
    println!("{only} {summary}");
    let mut different: Vec<(Step, String)> = Vec::new();
    for line in told.lines() {
        match (line.strip_prefix("    "), line.split_once(" step ")) {
            (Some(difference), _) => {
                let (_, text) = different.last_mut().expect("a difference is below its step");
                text.push_str(&format!("\n    {difference}"));
            }
            (None, Some((case, rest))) => {
                let number = rest.split(':').next().and_then(|number| number.parse().ok()).unwrap();
                different.push(((case.to_owned(), number), line.to_owned()));
            }
            (None, None) => {}
        }
    }
    different
}

#[test]
fn the_list_of_open_steps_only_shrinks() {
    assert_eq!(open_steps().len(), OPEN_MAX);
}

#[test]
fn commands_print_as_recorded() {
    // The checker is the one that the recordings were made with, in Python.
    let python =
        Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !python {
        println!("skipped: no python3 to replay the recordings with");
        return;
    }
    let open = open_steps();
    let listed: BTreeSet<&Step> = open.iter().map(|(step, _)| step).collect();
    let mut hit: BTreeSet<Step> = BTreeSet::new();
    let mut unlisted = |found: Vec<(Step, String)>| -> Vec<(Step, String)> {
        hit.extend(found.iter().map(|(step, _)| step.clone()));
        found.into_iter().filter(|(step, _)| !listed.contains(step)).collect()
    };
    let agent = Agent::dev(Path::new(PROGRAM));
    let first = unlisted(replay(&agent, ""));
    // A machine with other work may show a state a moment too early or too late: those are asked once more.
    let again: BTreeSet<&String> = first.iter().map(|((case, _), _)| case).collect();
    let mut unknown = Vec::new();
    for case in again {
        let agent = Agent::dev(Path::new(PROGRAM));
        unknown.extend(unlisted(replay(&agent, case)).into_iter().filter(|((of, _), _)| of == case));
    }
    let unknown: Vec<String> = unknown.into_iter().map(|(_, text)| text).collect();
    assert!(unknown.is_empty(), "differs from the recording:\n{}\n{}", unknown.join("\n"), agent.log());
    let matching: Vec<_> = open
        .iter()
        .filter(|(step, sometimes)| !sometimes && !hit.contains(step))
        .map(|(step, _)| step)
        .collect();
    assert!(matching.is_empty(), "matches by now, and is to be taken off open.txt: {matching:?}");
}
