//! The operator's commands: one file per command, all of them guests of the HTTP API.
//!
//! A command gives its exit status, or a `Failure` with the sentence for standard error.

mod alloc_logs;
mod alloc_status;
mod job_file;
mod job_inspect;
mod job_run;
mod job_status;
mod job_stop;
mod node_status;
mod server_members;
mod status;
mod version;

use crate::args::{
    AllocCommand, Command, General, JobCommand, NodeCommand, OperatorCommand, RaftCommand, ServerCommand,
};
use crate::console::{Console, Failure};
use crate::output;
use serde::Serialize;

/// Run a command to its end. `agent`, `demo` and `supervisor` are not commands of this kind; see `crate::run`.
pub async fn run(command: &Command) -> u8 {
    let console = general(command).map_or(Console::plain(), Console::of);
    let done = match command {
        Command::Version(_) => version::run(console),
        Command::Job(JobCommand::Run(args)) => job_run::run(args, console).await,
        Command::Job(JobCommand::Status(args)) => job_status::run(args, console).await,
        Command::Job(JobCommand::Stop(args)) => job_stop::run(args, console).await,
        Command::Job(JobCommand::Inspect(args)) => job_inspect::run(args, console).await,
        Command::Node(NodeCommand::Status(args)) => node_status::run(args, console).await,
        Command::Alloc(AllocCommand::Status(args)) => alloc_status::run(args, console).await,
        Command::Alloc(AllocCommand::Logs(args)) => alloc_logs::run(args, console).await,
        Command::Server(ServerCommand::Members(args)) => server_members::members(args, console).await,
        Command::Operator(OperatorCommand::Raft(RaftCommand::ListPeers(args))) => {
            server_members::peers(args, console).await
        }
        Command::Status(args) => status::run(args, console).await,
        Command::Agent(_) | Command::Demo(_) | Command::Supervisor(_) => {
            Err(Failure::new("this command is not run against an agent"))
        }
    };
    match done {
        Ok(status) => status,
        Err(failure) => {
            console.error(&failure.message);
            failure.exit
        }
    }
}

fn general(command: &Command) -> Option<&General> {
    Some(match command {
        Command::Job(JobCommand::Run(args)) => &args.general,
        Command::Job(JobCommand::Status(args)) => &args.general,
        Command::Job(JobCommand::Stop(args)) => &args.general,
        Command::Job(JobCommand::Inspect(args)) => &args.general,
        Command::Node(NodeCommand::Status(args)) => &args.general,
        Command::Alloc(AllocCommand::Status(args)) => &args.general,
        Command::Alloc(AllocCommand::Logs(args)) => &args.general,
        Command::Server(ServerCommand::Members(args)) => &args.general,
        Command::Operator(OperatorCommand::Raft(RaftCommand::ListPeers(args))) => &args.general,
        Command::Status(args) => &args.general,
        Command::Version(_) | Command::Agent(_) | Command::Demo(_) | Command::Supervisor(_) => return None,
    })
}

/// How an answer is wanted that is not laid out for people.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Raw {
    Json,
    Template(String),
}

/// `-json` or `-t`, if one of them was given.
fn raw(json: bool, template: Option<&str>) -> Result<Option<Raw>, Failure> {
    match (json, template.filter(|text| !text.is_empty())) {
        (true, Some(_)) => Err(Failure::new("Both json and template formatting are not allowed")),
        (false, Some(text)) => Ok(Some(Raw::Template(text.to_owned()))),
        (true, None) => Ok(Some(Raw::Json)),
        (false, None) => Ok(None),
    }
}

/// Print a value as JSON or through a template.
fn print_raw<T: Serialize>(console: Console, raw: &Raw, value: &T) -> Result<u8, Failure> {
    let failed = |why: String| Failure::new(format!("Error formatting the data: {why}"));
    let text = match raw {
        Raw::Json => output::pretty(value).map_err(|e| failed(e.to_string()))?,
        Raw::Template(template) => {
            let data = serde_json::to_value(value).map_err(|e| failed(e.to_string()))?;
            output::render(template, &data).map_err(|e| failed(e.to_string()))?
        }
    };
    console.line(text);
    Ok(0)
}

fn now_ns() -> i64 {
    runtime::Clock::system().now_ns()
}

/// A number given as text, with the error that Go's parser gives.
fn parse_index(name: &str, text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|_| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let why = if digits { "value out of range" } else { "invalid syntax" };
        Failure::new(format!(
            "Error parsing {name} value {text:?}: strconv.ParseUint: parsing {text:?}: {why}"
        ))
    })
}
