//! Help texts, made from the grammar: usage line, what the command does, its subcommands or its flags.

use super::{General, go_flags};
use clap::{Arg, Args};

/// Text lines are broken before this column.
const WIDTH: usize = 80;

/// The help of a command.
pub(crate) fn text(command: &clap::Command, path: &[String]) -> String {
    let mut out = format!("Usage: {}\n", usage(command));
    if let Some(about) = command.get_about().filter(|_| !path.is_empty()) {
        out.push('\n');
        wrap(&mut out, &about.to_string(), 2);
    }
    if command.has_subcommands() {
        out.push_str(if path.is_empty() { "\nCommands:\n" } else { "\nSubcommands:\n" });
        let listed: Vec<_> = command.get_subcommands().filter(|c| !c.is_hide_set()).collect();
        let width = listed.iter().map(|c| c.get_name().len()).max().unwrap_or(0);
        for subcommand in listed {
            let about = subcommand.get_about().map(ToString::to_string).unwrap_or_default();
            out.push_str(&format!("    {:width$}    {about}\n", subcommand.get_name()));
        }
    }
    let connection = <General as Args>::augment_args(clap::Command::new("general"));
    let has_connection = command.get_arguments().any(|arg| arg.get_long() == Some("address"));
    let is_general =
        |arg: &Arg| has_connection && connection.get_arguments().any(|g| g.get_long() == arg.get_long());
    let flags = |general: bool| {
        command
            .get_arguments()
            .filter(|arg| arg.get_long().is_some() && !arg.is_hide_set())
            .filter(move |arg| is_general(arg) == general)
    };
    section(&mut out, "General Options:", flags(true));
    section(&mut out, "Options:", flags(false));
    out
}

fn usage(command: &clap::Command) -> String {
    // clap gives the overridden usage back with its own heading in front.
    let text = command.clone().render_usage().to_string();
    text.trim_start_matches("Usage:").trim().to_owned()
}

fn section<'a>(out: &mut String, heading: &str, flags: impl Iterator<Item = &'a Arg>) {
    for (index, flag) in flags.enumerate() {
        if index == 0 {
            out.push_str(&format!("\n{heading}\n"));
        }
        let name = flag.get_long().unwrap_or_default();
        let value = match flag.get_value_names() {
            Some([value, ..]) if !go_flags::is_bool(flag) => {
                format!("=<{}>", value.to_lowercase())
            }
            _ => String::new(),
        };
        out.push_str(&format!("\n  -{name}{value}\n"));
        if let Some(help) = flag.get_help() {
            wrap(out, &help.to_string(), 4);
        }
    }
}

fn wrap(out: &mut String, text: &str, indent: usize) {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && indent + line.len() + 1 + word.len() > WIDTH {
            out.push_str(&format!("{:indent$}{line}\n", ""));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    out.push_str(&format!("{:indent$}{line}\n", ""));
}
