//! Argv by the rules of Go's flag package, with its error texts.
//!
//! `-name` and `--name` are the same; a boolean takes a value only behind `=`, everything else takes the next word;
//! flags end at the first word that is none, at `-` and at `--`; of a flag given twice the last counts. Which flags
//! exist and which are boolean is asked of clap's grammar, so there is one list of flags.

use super::go_value::{GoError, boolean};
use super::{Refusal, help};
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction};
use std::any::TypeId;
use std::collections::BTreeMap;
use std::error::Error;

/// A line in the one form clap sees.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct NormalLine {
    /// `--name` or `--name=value`.
    pub(crate) flags: Vec<String>,
    /// The words behind the flags.
    pub(crate) arguments: Vec<String>,
}

/// Split the words behind a command into flags and arguments.
pub(crate) fn read(
    command: &clap::Command,
    path: &[String],
    words: Vec<String>,
) -> Result<NormalLine, Refusal> {
    let refuse = |mut message: String| {
        if path == ["status"] {
            // The original reads this command's flags in another place, which says it once more.
            message = format!("{message}\nError parsing arguments: {message:?}");
        }
        Refusal::flags(message, help::text(command, path))
    };
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut arguments = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        }
        if !word.starts_with('-') || word == "-" {
            arguments.push(word);
            break;
        }
        let body = word.strip_prefix("--").or_else(|| word.strip_prefix('-')).unwrap_or_default();
        if body.is_empty() || body.starts_with(['-', '=']) {
            return Err(refuse(format!("bad flag syntax: {word}")));
        }
        let (name, given) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (body, None),
        };
        let Some(flag) = flag(command, name) else {
            return Err(refuse(format!("flag provided but not defined: -{name}")));
        };
        let value = if is_bool(flag) {
            let text = given.unwrap_or_else(|| "true".to_owned());
            match boolean(&text) {
                Some(value) => value.to_string(),
                None => {
                    return Err(refuse(format!("invalid boolean value {text:?} for -{name}: parse error")));
                }
            }
        } else {
            match given.or_else(|| words.next()) {
                Some(value) => value,
                None => return Err(refuse(format!("flag needs an argument: -{name}"))),
            }
        };
        let values = values.entry(name.to_owned()).or_default();
        if !matches!(flag.get_action(), ArgAction::Append) {
            values.clear();
        }
        values.push(value);
    }
    arguments.extend(words);
    Ok(NormalLine { flags: spell(command, values), arguments })
}

/// The flags as clap wants them: a switch stands or does not, everything else has its value behind `=`.
fn spell(command: &clap::Command, values: BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut flags = Vec::new();
    for (name, values) in values {
        let switch = flag(command, &name).is_some_and(|f| matches!(f.get_action(), ArgAction::SetTrue));
        for value in values {
            match (switch, value.as_str()) {
                (true, "true") => flags.push(format!("--{name}")),
                (true, _) => {}
                (false, _) => flags.push(format!("--{name}={value}")),
            }
        }
    }
    flags
}

fn flag<'a>(command: &'a clap::Command, name: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| arg.get_long() == Some(name))
}

/// Whether a flag takes a value only behind `=`.
pub(crate) fn is_bool(flag: &Arg) -> bool {
    matches!(flag.get_action(), ArgAction::SetTrue)
        || flag.get_value_parser().type_id() == TypeId::of::<bool>()
}

/// What clap still can object to after the line is normalized: a value that its type does not accept.
pub(crate) fn refuse(command: &clap::Command, path: &[String], error: &clap::Error) -> Refusal {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    let message = match (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue)) {
        (Some(flag), Some(value)) => {
            let name = flag.trim_start_matches('-').split([' ', '=']).next().unwrap_or_default();
            let said = error.source().and_then(|source| source.downcast_ref::<GoError>());
            let why = said.map_or_else(|| "parse error".to_owned(), ToString::to_string);
            format!("invalid value {value:?} for flag -{name}: {why}")
        }
        // Not reachable while arity.rs and the grammar agree; still an answer a user can act on.
        _ => error.kind().to_string(),
    };
    Refusal::flags(message, help::text(command, path))
}
