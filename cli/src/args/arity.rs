//! How many arguments each command takes, and the sentence it says otherwise.

use super::{PROGRAM, Refusal};

struct Rule {
    path: &'static str,
    least: usize,
    most: usize,
    sentence: &'static str,
    /// The command whose help is recommended, where it is another.
    help: Option<&'static str>,
}

const ANY: usize = usize::MAX;

const fn rule(path: &'static str, least: usize, most: usize, sentence: &'static str) -> Rule {
    Rule { path, least, most, sentence, help: None }
}

const RULES: &[Rule] = &[
    rule("agent", 0, 0, "This command takes no arguments"),
    rule("demo", 0, 0, "This command takes no arguments"),
    rule("version", 0, ANY, ""),
    rule("status", 0, ANY, ""),
    rule("fmt", 0, ANY, ""),
    rule("top", 0, 0, "This command takes no arguments"),
    rule("job run", 1, 1, "This command takes one argument: <path>"),
    rule("job stop", 1, ANY, "This command takes at least one argument: <job>"),
    rule("job inspect", 1, 1, "This command takes one argument: <job>"),
    // The original recommends the help of `status` here.
    Rule {
        path: "job status",
        least: 0,
        most: 1,
        sentence: "This command takes either no arguments or one: <job>",
        help: Some("status"),
    },
    rule("node status", 0, 1, "This command takes either one or no arguments"),
    rule(
        "alloc status",
        0,
        1,
        "This command takes one of the following argument conditions:\n * A single <allocation>\n * No arguments, with \
         output format specified",
    ),
    // Two sentences of one command: the first that is broken is said.
    rule("alloc logs", 1, ANY, "An allocation ID is required"),
    rule("alloc logs", 0, 2, "This command takes one or two arguments"),
    rule("job plan", 1, 1, "This command takes one argument: <path>"),
    rule("job validate", 1, 1, "This command takes one argument: <path>"),
    rule("job init", 0, 1, "This command takes either no arguments or one: <filename>"),
    rule("job history", 1, 1, "This command takes one argument: <job>"),
    rule("job revert", 2, 2, "This command takes two arguments: <job> <version|tag>"),
    rule("job dispatch", 1, 2, "This command takes one or two argument: <parameterized job> [input source]"),
    rule("job periodic force", 1, 1, "This command takes one argument: <job id>"),
    rule("job promote", 1, 1, "This command takes one argument: <job id>"),
    rule("job scale", 2, 3, "Command requires at least two arguments and no more than three"),
    rule("job scaling-events", 1, 1, "This command takes one argument: <job>"),
    rule("job eval", 1, 1, "This command takes one argument: <job>"),
    rule("job allocs", 1, 1, "This command takes one argument: <job>"),
    rule("job deployments", 1, 1, "This command takes one argument: <job>"),
    rule("job start", 1, 1, "This command takes one argument: <job>"),
    rule("job explain", 1, 1, "This command takes one argument: <job>"),
    rule("job wait", 1, 1, "This command takes one argument: <job>"),
    rule("job restart", 1, 1, "This command takes one argument: <job>"),
    rule("job action", 1, 1, "This command takes one argument: <action>"),
    rule("job logs", 1, 1, "This command takes one argument: <job>"),
    rule("job tag apply", 1, 1, "This command takes one argument: <job>"),
    rule("job tag unset", 1, 1, "This command takes one argument: <job>"),
    rule("alloc stop", 1, 1, "This command takes one argument: <alloc-id>"),
    rule("alloc restart", 1, 2, "This command takes one or two arguments: <alloc-id> <task-name>"),
    rule("alloc signal", 1, 2, "This command takes up to two arguments: <alloc-id> <task>"),
    rule("alloc checks", 1, 1, "An allocation ID is required"),
    rule("alloc why", 1, 1, "This command takes one argument: <alloc-id>"),
    rule("node drain", 0, 1, "This command takes one argument: <node>"),
    rule("node eligibility", 0, 1, "This command takes one argument: <node>"),
    rule("eval list", 0, 0, "This command takes no arguments"),
    rule("eval status", 1, 1, "This command takes one argument"),
    rule("eval delete", 0, 1, "This command takes zero or one argument"),
    rule("namespace list", 0, 0, "This command takes no arguments"),
    rule("namespace status", 1, 1, "This command takes one argument: <namespace>"),
    rule("namespace inspect", 1, 1, "This command takes one argument: <namespace>"),
    rule("namespace apply", 1, 1, "This command takes one argument: <input>"),
    rule("namespace delete", 1, 1, "This command takes one argument: <namespace>"),
    rule("deployment list", 0, 0, "This command takes no arguments"),
    rule("deployment status", 0, 1, "This command takes one argument: <deployment id>"),
    rule("deployment fail", 1, 1, "This command takes one argument: <deployment id>"),
    rule("deployment pause", 1, 1, "This command takes one argument: <deployment id>"),
    rule("deployment resume", 1, 1, "This command takes one argument: <deployment id>"),
    rule("deployment promote", 1, 1, "This command takes one argument: <deployment id>"),
    rule("deployment unblock", 1, 1, "This command takes one argument: <deployment id>"),
    rule("operator whatif", 0, 0, "This command takes no arguments"),
    rule("system gc", 0, 0, "This command takes no arguments"),
    rule("system reconcile summaries", 0, 0, "This command takes no arguments"),
    rule("server members", 0, 0, "This command takes no arguments"),
    rule("operator raft list-peers", 0, 0, "This command takes no arguments"),
];

/// Check the number of arguments of a command.
pub(crate) fn check(path: &[String], arguments: &[String]) -> Result<(), Refusal> {
    let path = path.join(" ");
    let broken = |rule: &&Rule| rule.path == path && !(rule.least..=rule.most).contains(&arguments.len());
    let Some(rule) = RULES.iter().find(broken) else {
        return Ok(());
    };
    let help = rule.help.unwrap_or(rule.path);
    Err(Refusal::error(format!("{}\n{}", rule.sentence, advice(help))))
}

/// The line behind a sentence about how a command is used.
pub(crate) fn advice(path: &str) -> String {
    format!("For additional help try '{PROGRAM} {path} -help'")
}
