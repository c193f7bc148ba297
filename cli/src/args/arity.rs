//! How many arguments each command takes, and the sentence it says otherwise.

use super::{PROGRAM, Refusal};

struct Rule {
    path: &'static str,
    least: usize,
    most: usize,
    sentence: &'static str,
    /// The command whose help is recommended, where it is another.
    help: Option<&'static str>,
    /// The exit status; a few commands of the original forget that they refused.
    exit: u8,
}

const ANY: usize = usize::MAX;

const NONE: &str = "This command takes no arguments";
const A_DEPLOYMENT: &str = "This command takes one argument: <deployment id>";
const A_FILENAME: &str = "This command takes one argument: <filename>";
const A_JOB: &str = "This command takes one argument: <job>";
const A_JOB_ID: &str = "This command takes one argument: <job id>";
const A_NAMESPACE: &str = "This command takes one argument: <namespace>";
const A_PATH: &str = "This command takes one argument: <path>";
const A_QUOTA: &str = "This command takes one argument: <quota>";
const A_POOL: &str = "This command takes one argument: <node-pool>";
const AN_INPUT: &str = "This command takes one argument: <input>";

const fn rule(path: &'static str, least: usize, most: usize, sentence: &'static str) -> Rule {
    Rule { path, least, most, sentence, help: None, exit: 1 }
}

const RULES: &[Rule] = &[
    rule("agent", 0, 0, NONE),
    rule("demo", 0, 0, NONE),
    rule("version", 0, ANY, ""),
    rule("status", 0, ANY, ""),
    rule("fmt", 0, ANY, ""),
    rule("top", 0, 0, NONE),
    rule("job run", 1, 1, A_PATH),
    rule("job stop", 1, ANY, "This command takes at least one argument: <job>"),
    rule("job inspect", 1, 1, A_JOB),
    // The original recommends the help of `status` here.
    Rule {
        path: "job status",
        least: 0,
        most: 1,
        sentence: "This command takes either no arguments or one: <job>",
        help: Some("status"),
        exit: 1,
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
    rule("job plan", 1, 1, A_PATH),
    rule("job validate", 1, 1, A_PATH),
    rule("job init", 0, 1, "This command takes either no arguments or one: <filename>"),
    rule("job history", 1, 1, A_JOB),
    rule("job revert", 2, 2, "This command takes two arguments: <job> <version|tag>"),
    rule("job dispatch", 1, 2, "This command takes one or two argument: <parameterized job> [input source]"),
    rule("job periodic force", 1, 1, A_JOB_ID),
    rule("job promote", 1, 1, A_JOB_ID),
    // The original recommends no help here.
    Rule {
        help: Some(""),
        ..rule("job scale", 2, 3, "Command requires at least two arguments and no more than three")
    },
    rule("job scaling-events", 1, 1, A_JOB),
    rule("job eval", 1, 1, A_JOB),
    rule("job allocs", 1, 1, A_JOB),
    rule("job deployments", 1, 1, A_JOB),
    rule("job start", 1, 1, A_JOB),
    rule("job explain", 1, 1, A_JOB),
    rule("job wait", 1, 1, A_JOB),
    rule("job restart", 1, 1, A_JOB),
    rule("job action", 1, 1, "This command takes one argument: <action>"),
    rule("job logs", 1, 1, A_JOB),
    rule("job tag apply", 1, 1, A_JOB),
    rule("job tag unset", 1, 1, A_JOB),
    rule("alloc stop", 1, 1, "This command takes one argument: <alloc-id>"),
    rule("alloc restart", 1, 2, "This command takes one or two arguments: <alloc-id> <task-name>"),
    rule("alloc signal", 1, 2, "This command takes up to two arguments: <alloc-id> <task>"),
    rule("alloc checks", 1, 1, "An allocation ID is required"),
    rule("alloc why", 1, 1, "This command takes one argument: <alloc-id>"),
    rule("node drain", 0, 1, "This command takes one argument: <node>"),
    rule("node eligibility", 0, 1, "This command takes one argument: <node>"),
    rule("eval list", 0, 0, NONE),
    rule("eval status", 1, 1, "This command takes one argument"),
    rule("eval delete", 0, 1, "This command takes zero or one argument"),
    rule("namespace list", 0, 0, NONE),
    rule("namespace status", 1, 1, A_NAMESPACE),
    rule("namespace inspect", 1, 1, A_NAMESPACE),
    rule("namespace apply", 1, 1, AN_INPUT),
    rule("namespace delete", 1, 1, A_NAMESPACE),
    rule("deployment list", 0, 0, NONE),
    rule("deployment status", 0, 1, A_DEPLOYMENT),
    rule("deployment fail", 1, 1, A_DEPLOYMENT),
    rule("deployment pause", 1, 1, A_DEPLOYMENT),
    rule("deployment resume", 1, 1, A_DEPLOYMENT),
    rule("deployment promote", 1, 1, A_DEPLOYMENT),
    rule("deployment unblock", 1, 1, A_DEPLOYMENT),
    rule("operator whatif", 0, 0, NONE),
    Rule { exit: 0, ..rule("system gc", 0, 0, NONE) },
    Rule { exit: 0, ..rule("system reconcile summaries", 0, 0, NONE) },
    rule("server members", 0, 0, NONE),
    rule("server join", 1, ANY, "One or more node addresses must be given as arguments"),
    rule("server force-leave", 1, 1, "This command takes one argument: <node>"),
    rule("agent-info", 0, 0, NONE),
    rule("monitor", 0, 0, NONE),
    rule("ui", 0, 1, "This command takes no or one optional argument, [<identifier>]"),
    rule("node meta read", 0, 0, NONE),
    rule("node pool list", 0, 0, NONE),
    rule("node pool info", 1, 1, A_POOL),
    rule("node pool init", 0, 1, "This command takes either no arguments or one: <filename>"),
    rule("node pool apply", 1, 1, AN_INPUT),
    rule("node pool delete", 1, 1, A_POOL),
    rule("node pool nodes", 1, 1, A_POOL),
    rule("node pool jobs", 1, 1, A_POOL),
    rule("service list", 0, 0, NONE),
    rule("service info", 1, 1, "This command takes one argument: <service_name>"),
    rule("service delete", 2, 2, "This command takes two arguments: <service_name> and <service_id>"),
    rule("var list", 0, 1, "This command takes flags and either no arguments or one: <prefix>"),
    rule("var get", 1, 1, A_PATH),
    rule("var put", 1, ANY, "Not enough arguments (expected >1, got 0)"),
    rule("var purge", 1, 1, A_PATH),
    rule("var init", 0, 1, "This command takes no arguments or one: <filename>"),
    rule("var lock", 1, ANY, "Not enough arguments (expected >2, got 0)"),
    rule("var lock", 2, ANY, "Not enough arguments (expected >2, got 1)"),
    rule("operator api", 1, ANY, "A path or URL is required"),
    rule("operator api", 0, 1, A_PATH),
    rule("operator autopilot get-config", 0, 0, NONE),
    rule("operator autopilot set-config", 0, 0, NONE),
    rule("operator autopilot health", 0, 0, NONE),
    rule("operator debug", 0, 0, NONE),
    rule("operator gossip keyring generate", 0, 0, NONE),
    rule("operator gossip keyring list", 0, 0, NONE),
    rule("operator gossip keyring install", 1, 1, "This command takes one argument: <key>"),
    rule("operator gossip keyring use", 1, 1, "This command takes one argument: <key>"),
    rule("operator gossip keyring remove", 1, 1, "This command takes one argument: <key>"),
    rule("operator metrics", 0, 0, NONE),
    rule("operator raft list-peers", 0, 0, NONE),
    rule("operator raft remove-peer", 0, 0, NONE),
    rule("operator raft transfer-leadership", 0, 0, NONE),
    rule("operator root keyring list", 0, 0, "This command requires no arguments."),
    rule("operator root keyring rotate", 0, 0, "This command requires no arguments."),
    rule("operator root keyring remove", 1, 1, "This command requires one argument: <key ID>"),
    rule("operator scheduler get-config", 0, 0, NONE),
    rule("operator scheduler set-config", 0, 0, NONE),
    rule("operator snapshot save", 0, 1, "This command takes up to one argument: <filename>"),
    rule("operator snapshot inspect", 1, 1, A_FILENAME),
    rule("operator snapshot restore", 1, 1, A_FILENAME),
    rule("operator snapshot state", 1, 1, "This command takes one argument: <file>"),
    rule("operator utilization", 0, 0, NONE),
    rule("scaling policy list", 0, 0, NONE),
    rule(
        "scaling policy info",
        0,
        1,
        "This command takes one of the following argument conditions:\n * A single <policy_id>\n * No arguments, with output format specified",
    ),
    rule("quota list", 0, 0, NONE),
    rule("quota status", 1, 1, A_QUOTA),
    rule("quota inspect", 1, 1, A_QUOTA),
    rule("quota delete", 1, 1, A_QUOTA),
    rule("quota apply", 1, 1, AN_INPUT),
    rule("sentinel list", 0, 0, NONE),
    rule("sentinel read", 1, 1, "This command takes exactly one argument: <policy>"),
    rule("sentinel delete", 1, 1, "This command takes one argument: <policy>"),
    rule("sentinel apply", 2, 2, "This command takes exactly two arguments: <policy name> <policy file>"),
    rule("license get", 0, 0, NONE),
    rule("recommendation list", 0, 0, NONE),
    rule("recommendation info", 1, 1, "This command takes one argument: <recommendation_id>"),
    rule("plugin status", 0, 1, "This command takes either no arguments or one: <plugin>"),
    rule("volume status", 0, 1, "This command takes either no arguments or one: <id>"),
    rule("volume deregister", 1, 1, "This command takes one argument: <vol id>"),
    rule("acl bootstrap", 0, 1, "This command takes up to one argument"),
    rule("acl policy list", 0, 0, NONE),
    rule("acl policy info", 1, 1, "This command takes one argument: <policy>"),
    rule("acl policy delete", 1, 1, "This command takes one argument: <policy>"),
    rule("acl policy self", 0, 0, NONE),
    rule("acl token list", 0, 0, NONE),
    rule("acl token info", 1, 1, "This command takes one argument: <token_accessor_id>"),
    rule("acl token delete", 1, 1, "This command takes one argument: <token_accessor_id>"),
    rule("acl token self", 0, 0, NONE),
    rule("acl role list", 0, 0, NONE),
    rule("acl role info", 1, 1, "This command takes one argument: <acl_role_id>"),
    rule("acl role delete", 1, 1, "This command takes one argument: <acl_role_id>"),
    rule("acl auth-method list", 0, 0, NONE),
    rule("acl auth-method info", 1, 1, "This command takes one argument: <acl_auth_method_name>"),
    rule("acl auth-method delete", 1, 1, "This command takes one argument: <acl_auth_method_name>"),
    rule("acl binding-rule list", 0, 0, NONE),
    rule("acl binding-rule info", 1, 1, "This command takes one argument: <acl_binding_rule_id>"),
    rule("acl binding-rule delete", 1, 1, "This command takes one argument: <acl_binding_rule_id>"),
    rule("login", 0, 0, NONE),
];

/// Check the number of arguments of a command.
pub(crate) fn check(path: &[String], arguments: &[String]) -> Result<(), Refusal> {
    let path = path.join(" ");
    let broken = |rule: &&Rule| rule.path == path && !(rule.least..=rule.most).contains(&arguments.len());
    let Some(rule) = RULES.iter().find(broken) else {
        return Ok(());
    };
    let help = match rule.help.unwrap_or(rule.path) {
        "" => String::new(),
        help => format!("\n{}", advice(help)),
    };
    Err(Refusal { exit: rule.exit, ..Refusal::error(format!("{}{help}", rule.sentence)) })
}

/// The line behind a sentence about how a command is used.
pub(crate) fn advice(path: &str) -> String {
    format!("For additional help try '{PROGRAM} {path} -help'")
}
