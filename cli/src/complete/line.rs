//! What a half-typed line is about to say.

use crate::args;

/// What the last word is going to be.
pub(super) enum Half<'a> {
    /// A command of a group.
    Command { group: &'a clap::Command, path: Vec<String>, last: String },
    /// A flag.
    Flag { command: &'a clap::Command, last: String },
    /// The value of a flag; `words` are all words behind the command.
    Value { flag: String, words: Vec<String>, last: String },
    /// An argument, the first one or another.
    Argument { path: Vec<String>, words: Vec<String>, first: bool, last: String },
    /// Nothing that is known.
    Nothing,
}

impl Half<'_> {
    /// What of it is there.
    pub(super) fn last(&self) -> &str {
        match self {
            Half::Command { last, .. }
            | Half::Flag { last, .. }
            | Half::Value { last, .. }
            | Half::Argument { last, .. } => last,
            Half::Nothing => "",
        }
    }
}

/// Read a line that begins with the program's name.
pub(super) fn read<'a>(grammar: &'a clap::Command, line: &str) -> Half<'a> {
    let mut words: Vec<String> = line.split_whitespace().skip(1).map(str::to_owned).collect();
    let last =
        if line.ends_with(char::is_whitespace) { String::new() } else { words.pop().unwrap_or_default() };
    let words = args::expanded(&words);
    let (mut command, mut path, mut at) = (grammar, Vec::new(), 0);
    while command.has_subcommands() {
        let Some(word) = words.get(at) else {
            return Half::Command { group: command, path, last };
        };
        let Some(next) = command.find_subcommand(word) else { return Half::Nothing };
        path.push(next.get_name().to_owned());
        (command, at) = (next, at + 1);
    }
    let words = words[at..].to_vec();
    // Behind the first argument there are no flags any more.
    let (open, arguments) = scan(command, &words);
    match open {
        Some(flag) => Half::Value { flag, words, last },
        None if arguments == 0 && last.starts_with('-') => with_sign(command, words, last),
        None => Half::Argument { path, words, first: arguments == 0, last },
    }
}

/// A flag, or behind its equals sign the value of it.
fn with_sign(command: &clap::Command, words: Vec<String>, last: String) -> Half<'_> {
    match last.trim_start_matches('-').split_once('=') {
        Some((flag, value)) => Half::Value { flag: flag.to_owned(), words, last: value.to_owned() },
        None => Half::Flag { command, last },
    }
}

/// The flag that the next word is the value of, and how many arguments there are.
fn scan(command: &clap::Command, words: &[String]) -> (Option<String>, usize) {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(name) = word.strip_prefix('-').filter(|name| !name.is_empty()) else {
            return (None, words.len() + 1);
        };
        let name = name.strip_prefix('-').unwrap_or(name);
        let takes = |arg: &&clap::Arg| arg.get_long() == Some(name) && !args::is_bool(arg);
        let valued = command.get_arguments().find(takes).is_some();
        if valued && words.next().is_none() {
            return (Some(name.to_owned()), 0);
        }
    }
    (None, 0)
}

/// The flags of a command.
pub(super) fn flags(command: &clap::Command) -> Vec<String> {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    shown.filter_map(|arg| arg.get_long()).map(|name| format!("-{name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> String {
        let grammar = args::grammar();
        match read(&grammar, line) {
            Half::Command { path, last, .. } => format!("command of {path:?}: {last}"),
            Half::Flag { last, .. } => format!("flag: {last}"),
            Half::Value { flag, last, .. } => format!("value of {flag}: {last}"),
            Half::Argument { path, words, first, last } => {
                let which = if first { "first argument" } else { "argument" };
                format!("{which} of {path:?} behind {words:?}: {last}")
            }
            Half::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn what_comes_next() {
        for (line, next) in [
            ("drover", "command of []: "),
            ("drover jo", "command of []: jo"),
            ("drover job ", "command of [\"job\"]: "),
            ("drover job st", "command of [\"job\"]: st"),
            ("drover job status ", "first argument of [\"job\", \"status\"] behind []: "),
            ("drover job status -ver", "flag: -ver"),
            (
                "drover job status -verbose we",
                "first argument of [\"job\", \"status\"] behind [\"-verbose\"]: we",
            ),
            ("drover job status -namespace ", "value of namespace: "),
            ("drover job status -namespace=de", "value of namespace: de"),
            (
                "drover stop -verbose=false w",
                "first argument of [\"job\", \"stop\"] behind [\"-verbose=false\"]: w",
            ),
            (
                "drover alloc exec abc /bin/ec -",
                "argument of [\"alloc\", \"exec\"] behind [\"abc\", \"/bin/ec\"]: -",
            ),
            ("drover nosuch x", "nothing"),
        ] {
            assert_eq!(told(line), next, "{line}");
        }
    }
}
