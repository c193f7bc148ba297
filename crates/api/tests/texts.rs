//! Durations and numbers in the form in which Go programs write and read them.

use model::go_duration::{format, parse};
use serde_json::Value;

fn cases(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("the vectors are JSON")
}

#[test]
fn durations_are_gos() {
    for case in cases(include_str!("../../../tests/vectors/duration.json")) {
        let Some(text) = case["parse"].as_str() else {
            let ns = case["ns"].as_i64().expect("nanoseconds");
            assert_eq!(format(ns), case["string"], "{case}");
            continue;
        };
        match parse(text) {
            Ok(ns) => {
                assert_eq!(Some(ns), case["ns"].as_i64(), "{case}");
                assert_eq!(format(ns), case["string"], "{case}");
            }
            Err(error) => assert_eq!(error.to_string(), case["error"], "{case}"),
        }
    }
}

/// What the original says of a constraint at registration, one fault a line.
#[test]
fn constraints_are_refused_in_the_originals_words() {
    let (mut bad, mut refused) = (Vec::new(), 0);
    for case in cases(include_str!("../../../tests/vectors/constraint.json")) {
        if case.get("operand").is_none() {
            continue;
        }
        let text = |member: &str, default: &str| case[member].as_str().unwrap_or(default).to_owned();
        let constraint = model::job::Constraint {
            l_target: text("ltarget", "${meta.left}"),
            operand: text("operand", ""),
            r_target: text("rtarget", case["rvalue"].as_str().unwrap_or("${meta.right}")),
        };
        let job = model::Job { constraints: vec![constraint].into(), ..model::Job::default() };
        let faults = job.validate().expect_err("an empty job has other faults");
        let line = faults.lines().iter().find(|line| line.starts_with("Constraint 1"));
        let want = case["error"].as_str().map(|lines| {
            let lines: Vec<_> = lines.lines().map(str::to_owned).collect();
            let inner = model::job::validate::Faults::from_lines(lines);
            format!("Constraint 1 validation failed: {inner}")
        });
        if line != want.as_ref() {
            bad.push(format!("{case}\n   got {line:?}"));
        }
        refused += usize::from(want.is_some());
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    assert!(refused > 0, "no case was refused");
}
