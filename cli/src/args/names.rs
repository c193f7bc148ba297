//! Which command a line names: groups and subcommands, the original's aliases and hyphen forms, help and version.

use super::{PROGRAM, Refusal, help};

/// Other spellings, as users of the original type them. `status` is a command of its own.
const ALIASES: &[(&str, &[&str])] = &[
    ("run", &["job", "run"]),
    ("stop", &["job", "stop"]),
    ("inspect", &["job", "inspect"]),
    ("plan", &["job", "plan"]),
    ("validate", &["job", "validate"]),
    ("init", &["job", "init"]),
    ("start", &["job", "start"]),
    ("action", &["job", "action"]),
    ("eval-status", &["eval", "status"]),
    ("logs", &["alloc", "logs"]),
    ("exec", &["alloc", "exec"]),
    ("fs", &["alloc", "fs"]),
    ("alloc-checks", &["alloc", "checks"]),
    ("node-status", &["node", "status"]),
    ("alloc-status", &["alloc", "status"]),
    ("server-members", &["server", "members"]),
];

/// Spellings that the original warns about.
const DEPRECATED: &[&str] = &["server-members"];

/// Commands of the original that are not built. They are named here so that using one says what is the matter, in
/// place of a usage text in which the user looks for a typing error.
const UNBUILT: &[&str] = &[
    "check",
    "setup",
    "tls",
    "windows",
    "acl token create",
    "acl token update",
    "acl policy apply",
    "acl role create",
    "acl role update",
    "acl auth-method create",
    "acl auth-method update",
    "acl binding-rule create",
    "acl binding-rule update",
    "license inspect",
    "monitor export",
    "quota init",
    "volume claim",
    "volume create",
    "volume delete",
    "volume detach",
    "volume init",
    "volume register",
    "volume snapshot",
    "alloc pause",
    "node identity",
    "node intro",
    "operator client-state",
    "operator raft info",
    "operator raft logs",
    "operator raft state",
];

/// The command a line names.
pub(crate) struct Found<'a> {
    /// Its grammar.
    pub(crate) command: &'a clap::Command,
    /// Its names, from the group inwards.
    pub(crate) path: Vec<String>,
    /// The words behind the names.
    pub(crate) rest: Vec<String>,
    /// What to say about the spelling; mostly empty.
    pub(crate) warning: String,
}

/// Find the command. A line that names none, or asks for help, is refused with the text that belongs to it.
pub(crate) fn find<'a>(grammar: &'a clap::Command, words: &[String]) -> Result<Found<'a>, Refusal> {
    let Some(first) = words.first() else {
        return Err(Refusal::help(help::text(grammar, &[]), 127));
    };
    if is_help(first) {
        return Err(Refusal::help(help::text(grammar, &[]), 0));
    }
    if matches!(first.as_str(), "-v" | "-version" | "--version") {
        return find(grammar, &["version".to_owned()]);
    }
    if first.starts_with('-') {
        return Err(Refusal::error(
            "Invalid flags before the subcommand. If these flags are for\n\
             the subcommand, please put them after the subcommand.",
        ));
    }
    let words = expand(words);
    let (mut command, mut path, mut at) = (grammar, Vec::new(), 0);
    while command.has_subcommands() {
        let next = words.get(at).and_then(|word| command.find_subcommand(word));
        let Some(next) = next else {
            return Err(no_subcommand(command, &path, words.get(at)));
        };
        path.push(next.get_name().to_owned());
        (command, at) = (next, at + 1);
    }
    let rest = words[at..].to_vec();
    // Help may stand behind arguments too, but not behind `--`.
    if rest.iter().take_while(|word| *word != "--").any(|word| is_help(word)) {
        return Err(Refusal::help(help::text(command, &path), 0));
    }
    Ok(Found { command, path, rest, warning: warning(first) })
}

fn is_help(word: &str) -> bool {
    matches!(word, "-h" | "-help" | "--help" | "--h")
}

/// A line with the alias at its beginning written out.
pub(crate) fn expanded(words: &[String]) -> Vec<String> {
    if words.is_empty() { Vec::new() } else { expand(words) }
}

/// The names that may stand in a group, aliases included; deprecated ones are understood, not offered.
pub(crate) fn spellings(group: &clap::Command, path: &[String]) -> Vec<String> {
    let shown = group.get_subcommands().filter(|command| !command.is_hide_set());
    let mut names: Vec<String> = shown.map(|command| command.get_name().to_owned()).collect();
    if path.is_empty() {
        let offered = ALIASES.iter().map(|(alias, _)| *alias).filter(|alias| !DEPRECATED.contains(alias));
        names.extend(offered.map(str::to_owned));
    }
    names
}

fn expand(words: &[String]) -> Vec<String> {
    match ALIASES.iter().find(|(alias, _)| *alias == words[0]) {
        Some((_, path)) => path.iter().map(|w| (*w).to_owned()).chain(words[1..].iter().cloned()).collect(),
        None => words.to_vec(),
    }
}

/// The words go on where the grammar has no such command, or end where it needs one.
fn no_subcommand(group: &clap::Command, path: &[String], word: Option<&String>) -> Refusal {
    if let Some(word) = word {
        let mut full = path.to_vec();
        full.push(word.clone());
        let full = full.join(" ");
        if UNBUILT.contains(&full.as_str()) {
            return Refusal::error(format!("{PROGRAM} {full} is not supported yet"));
        }
        if is_help(word) {
            return Refusal::help(help::text(group, path), 0);
        }
    }
    Refusal::help(help::text(group, path), if path.is_empty() { 127 } else { 1 })
}

fn warning(spelling: &str) -> String {
    if !DEPRECATED.contains(&spelling) {
        return String::new();
    }
    let new = ALIASES
        .iter()
        .find(|(alias, _)| *alias == spelling)
        .map(|(_, path)| path.join(" "))
        .unwrap_or_default();
    format!(
        "WARNING! The \"{PROGRAM} {spelling}\" command is deprecated. Please use \"{PROGRAM}\n{new}\" instead. This command \
         will be removed a later version of\nNomad.\n\n"
    )
}
