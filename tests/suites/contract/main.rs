//! The recorded conversations with the original, replayed against this program.
//!
//! Steps that do not match yet are listed in `open.txt`, with the issue that they wait for and the reason. A step that
//! does not match and is not listed fails the suite, and so does a listed one that matches, unless its issue is `timing`.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

mod agent;
mod described;
mod tap;
mod walk;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use agent::Agent;
use described::Described;

const OPEN: &str = include_str!("open.txt");
/// The list is never longer than this. Fewer is progress that has to be noted here.
const OPEN_MAX: usize = 7;

/// A step that does not match yet.
struct Open {
    needs: &'static str,
    scenario: &'static str,
    step: &'static str,
    /// Differs on a slow machine and matches on a fast one.
    sometimes: bool,
}

fn open_steps() -> Vec<Open> {
    let lines = OPEN.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let steps = lines.map(|line| {
        let parts: Vec<&str> = line.split(" | ").collect();
        let [needs, scenario, step, issue, reason] = parts[..] else {
            panic!("open.txt: not `needs | scenario | step | issue | reason`: {line}");
        };
        assert!(!issue.is_empty() && !reason.is_empty(), "open.txt: no reason: {line}");
        Open { needs, scenario, step, sometimes: issue == "timing" }
    });
    steps.collect()
}

/// Replays what an agent of one kind has to answer; says which of its steps differ, with their scenarios.
fn replay(agent: &Agent, needs: &str, only: &str) -> Vec<(String, String)> {
    let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/contract.py");
    let mut command = Command::new("python3");
    command.arg(checker).args(["check", "--needs", needs, "--addr", &agent.address()]);
    if !only.is_empty() {
        command.args(["--only", only]);
    }
    let output = command.env("CONTRACT_PATIENCE", "1").output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let summary = told.lines().last().unwrap_or_default();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(summary.contains("steps match, "), "the replay broke off: {told}{errors}");
    println!("{needs} {only}: {summary}");
    let mut scenario = String::new();
    let mut different = Vec::new();
    for line in told.lines() {
        match line.strip_prefix("    ") {
            Some(difference) => different.push((scenario.clone(), difference.to_owned())),
            None => scenario = line.split(": ").next().unwrap_or_default().to_owned(),
        }
        assert!(!line.contains("; stopped: "), "a scenario broke off: {line}");
    }
    different
}

fn check(needs: &'static str, start: fn() -> Agent) {
    let agent = &start();
    let open: Vec<Open> = open_steps().into_iter().filter(|open| open.needs == needs).collect();
    let mut hit = BTreeSet::new();
    let mut known = |(scenario, difference): &(String, String)| {
        let at = open.iter().position(|open| {
            open.scenario == *scenario && difference.starts_with(&format!("{}: ", open.step))
        });
        at.map(|at| hit.insert(at)).is_some()
    };
    let first: Vec<_> = replay(agent, needs, "").into_iter().filter(|step| !known(step)).collect();
    // A machine with other work may show a state a moment too early or too late: those are asked once more, of an agent
    // that has nothing left of the first time.
    let again: BTreeSet<&String> = first.iter().map(|(scenario, _)| scenario).collect();
    println!("{first:?}");
    let second = again.into_iter().flat_map(|scenario| replay(&start(), needs, scenario));
    let unknown: Vec<_> = second.filter(|step| !known(step)).collect();
    let unknown: Vec<_> =
        unknown.into_iter().map(|(name, difference)| format!("{name}: {difference}")).collect();
    assert!(unknown.is_empty(), "differs from the recording:\n{}\n{}", unknown.join("\n"), agent.log());
    let matching = open.iter().enumerate().filter(|(at, open)| !open.sometimes && !hit.contains(at));
    let matching: Vec<_> = matching.map(|(_, open)| format!("{}: {}", open.scenario, open.step)).collect();
    assert!(matching.is_empty(), "matches by now, and is to be taken off open.txt:\n{}", matching.join("\n"));
    as_described(agent);
}

/// Whatever was answered on the way is as the agent's own document describes it.
fn as_described(agent: &Agent) {
    let mut described = Described::new(&agent.get("/v1/openapi.json").unwrap());
    let heard = agent.exchanges();
    assert!(heard.len() > 50, "only {} answers were heard", heard.len());
    let faults: Vec<String> = heard.iter().filter_map(|heard| described.fault(heard)).collect();
    let (answered, all) = (&described.answered, described.operations());
    println!("{} answers, {} of {} operations", heard.len(), answered.len(), all.len());
    println!("not answered: {:?}", all.difference(answered).collect::<Vec<_>>());
    let (count, shown) = (faults.len(), faults.iter().take(40).cloned().collect::<Vec<_>>().join("\n"));
    assert!(faults.is_empty(), "{count} answers are not as the document describes them:\n{shown}");
}

/// The checker is the one that the recordings were made with, in Python.
fn python() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: no python3 to replay the recordings with");
    }
    there
}

#[test]
fn the_list_of_open_steps_only_shrinks() {
    assert_eq!(open_steps().len(), OPEN_MAX);
}

#[test]
fn a_server_answers_as_recorded() {
    if python() {
        check("server", Agent::server);
    }
}

#[test]
fn a_dev_agent_answers_as_recorded() {
    if python() {
        check("dev", Agent::dev);
    }
}

#[test]
fn what_the_recordings_leave_out_is_as_described() {
    let agent = Agent::dev();
    let refused = walk::ask_everything(&agent);
    assert!(refused.is_empty(), "did not succeed:\n{}\n{}", refused.join("\n"), agent.log());
    as_described(&agent);
}
