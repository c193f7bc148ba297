//! The one binary, `drover`: the agent and the operator's commands, which talk HTTP like everyone else.
//!
//! Nothing about jobs or nodes is decided here. A command asks the API and shows the answer; the agent turns its
//! configuration into the options of a server and a client agent and starts them.

pub mod agent;
pub mod args;
pub mod command;
pub mod complete;
pub mod console;

pub mod demo;
pub mod find;
pub mod frames;
pub mod http;
pub mod monitor;
pub mod output;
pub mod session;
pub mod top;
pub mod view;

use args::{Command, Invocation};
use console::Console;
use std::ffi::OsString;
use std::process::ExitCode;

/// Do what the words behind the program's name say, and give the exit status.
///
/// `supervisor` runs before any thread and any async runtime exists, because it blocks signals for its whole process.
pub fn run(words: impl Iterator<Item = OsString>) -> ExitCode {
    if let Some(line) = complete::asked(console::environment) {
        return on_runtime(false, async move { complete::run(&line).await });
    }
    let words: Vec<OsString> = words.collect();
    if let Some(install) = words.first().and_then(|word| autocompletion(word)) {
        return match complete::install::run(install, Console::plain()) {
            Ok(status) => ExitCode::from(status),
            Err(failure) => {
                Console::plain().error(&failure.message);
                ExitCode::from(failure.exit)
            }
        };
    }
    let Invocation { command, warning } = match args::parse(words) {
        Ok(invocation) => invocation,
        Err(refusal) => {
            let console = Console::plain();
            if !refusal.stderr.is_empty() {
                console.error(refusal.stderr.trim_end_matches('\n'));
            }
            if !refusal.stdout.is_empty() {
                console.write(refusal.stdout.as_bytes());
            }
            return ExitCode::from(refusal.exit);
        }
    };
    if !warning.is_empty() {
        Console::plain().error(warning.strip_suffix('\n').unwrap_or(&warning));
    }
    match command {
        Command::Supervisor(args) => {
            let status = client_agent::supervisor_main(args.words);
            ExitCode::from(u8::try_from(status).unwrap_or(1))
        }
        Command::Agent(args) => on_runtime(true, async move { agent::run(&args).await }),
        Command::Demo(args) => on_runtime(false, async move { demo::run(&args).await }),
        other => on_runtime(false, async move { command::run(&other).await }),
    }
}

/// Whether the first word of a line installs the completion of lines (`true`) or takes it away.
fn autocompletion(word: &std::ffi::OsStr) -> Option<bool> {
    match word.to_str()?.strip_prefix("-")?.trim_start_matches('-') {
        "autocomplete-install" => Some(true),
        "autocomplete-uninstall" => Some(false),
        _ => None,
    }
}

/// The agent uses every core; a command is one request after the other.
fn on_runtime(many_threads: bool, work: impl Future<Output = u8>) -> ExitCode {
    let mut builder = if many_threads {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    match builder.enable_all().build() {
        Ok(runtime) => {
            let status = runtime.block_on(work);
            // A blocked read of standard input must not keep the process.
            runtime.shutdown_background();
            ExitCode::from(status)
        }
        Err(error) => {
            Console::plain().error(format!("starting the runtime: {error}"));
            ExitCode::from(1)
        }
    }
}
