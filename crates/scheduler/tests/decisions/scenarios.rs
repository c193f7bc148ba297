//! Scenarios as text: a cluster, jobs and events, and what was decided. Each file cites what it comes from.
//!
//! A line that begins with `>` is a command, the lines after it are what came of it: `+` a new allocation, `-` one that
//! is to stop, `~` one that went over to another version in place, `!` one whose status the servers changed, and what
//! became of deployments and evaluations.

use crate::play::Play;

macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            check(include_str!(concat!("scenarios/", stringify!($name), ".txt")));
        })+
    };
}

scenarios! {
    batch, blocked, canaries, constraints, counts, deployments, disconnects, drains, in_place, lost_nodes, preemption,
    rescheduling, rolling, spreads, system,
}

/// Plays every scenario of a file: they are parted by lines that begin with `##` and name them.
fn check(text: &str) {
    let mut wrong = Vec::new();
    for scenario in text.split("\n## ").skip(1) {
        let (title, script) = scenario.split_once('\n').unwrap();
        let mut play = Play::default();
        let mut told = String::new();
        let expected: Vec<&str> = script.lines().filter(|line| !line.is_empty()).collect();
        for line in &expected {
            if let Some(command) = line.strip_prefix("> ") {
                told.push_str(&format!("> {command}\n{}", play.command(command)));
            } else if line.starts_with('#') {
                told.push_str(&format!("{line}\n"));
            }
        }
        let expected = expected.join("\n") + "\n";
        if told != expected {
            wrong.push(format!("## {title}\n{told}"));
        }
        play.check();
    }
    assert!(wrong.is_empty(), "decided otherwise:\n{}", wrong.join("\n"));
}
