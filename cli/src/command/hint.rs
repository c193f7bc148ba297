//! Where the web interface shows what a command showed, on standard error behind the answer.
//!
//! `NOMAD_CLI_SHOW_HINTS=0` and the agent's own configuration turn hints off. A hint is never worth a fault: what
//! cannot be found out is left out.

use super::job_file;
use crate::args::{
    AllocCommand, Command, EvalCommand, Format, General, JobCommand, NodeCommand, ServerCommand, VarCommand,
};
use crate::console::{Console, client, environment};
use crate::find;
use crate::http::{ApiClient, path_segment};
use serde_json::Value;

/// What can be seen where.
#[derive(Debug, PartialEq, Eq)]
struct Hint {
    sentence: &'static str,
    /// Below the address of the interface.
    path: String,
}

fn hint(sentence: &'static str, path: impl Into<String>) -> Option<Hint> {
    Some(Hint { sentence, path: path.into() })
}

/// Say where the interface shows what the command showed.
pub(super) async fn after(command: &Command) {
    let off = |value: String| matches!(value.as_str(), "0" | "f" | "F" | "false" | "FALSE" | "False");
    if environment("NOMAD_CLI_SHOW_HINTS").is_some_and(off) {
        return;
    }
    let Some(general) = hinting(command) else { return };
    let Ok(client) = client(general) else { return };
    if let Some(hint) = of(command, &client).await
        && shown(&client).await
    {
        let base = client.url("/ui", &[("region", ""), ("namespace", "")]);
        let base = base.split('?').next().unwrap_or_default();
        Console::plain().error(format!("\n\n==> {} in the Web UI: {base}{}", hint.sentence, hint.path));
    }
}

/// Whether an answer was laid out for people.
fn for_people(format: &Format) -> bool {
    !format.json && format.t.as_deref().unwrap_or_default().is_empty()
}

/// The connection of a command that gives hints.
fn hinting(command: &Command) -> Option<&General> {
    match command {
        Command::Job(JobCommand::Status(args)) => Some(&args.general).filter(|_| for_people(&args.format)),
        Command::Job(JobCommand::Run(args)) => Some(&args.general).filter(|_| !args.output),
        Command::Node(NodeCommand::Status(args)) => Some(&args.general).filter(|_| for_people(&args.format)),
        Command::Alloc(AllocCommand::Status(args)) => {
            Some(&args.general).filter(|_| for_people(&args.format))
        }
        Command::Eval(EvalCommand::List(args)) => Some(&args.general).filter(|_| for_people(&args.format)),
        Command::Eval(EvalCommand::Status(args)) => Some(&args.general).filter(|_| for_people(&args.format)),
        Command::Server(ServerCommand::Members(args)) => {
            Some(&args.general).filter(|_| for_people(&args.format))
        }
        Command::Var(VarCommand::List(args)) => Some(&args.general),
        Command::Var(VarCommand::Get(args)) => Some(&args.general),
        _ => None,
    }
}

async fn of(command: &Command, client: &ApiClient) -> Option<Hint> {
    match command {
        Command::Job(JobCommand::Status(args)) => match &args.job {
            None => hint("View and manage Nomad jobs", "/jobs"),
            Some(prefix) => {
                let job = find::job(client, prefix).await.ok()?;
                hint("View job details and metrics", job_path(&job.id, &job.namespace))
            }
        },
        Command::Job(JobCommand::Run(args)) => {
            // Standard input has been read already, and cannot be read again.
            let job = (args.path != "-").then(|| job_file::read(&args.path, &args.source).ok()).flatten()?;
            let namespace = job_file::field(&job, "Namespace").unwrap_or(&client.connection().namespace);
            hint("View this job", job_path(job_file::field(&job, "ID")?, namespace))
        }
        Command::Node(NodeCommand::Status(args)) => match &args.node {
            None if args.own => None,
            None => hint("View and manage Nomad clients", "/clients"),
            Some(prefix) => {
                let node = find::node(client, prefix).await.ok()?;
                hint("View client details and metrics", format!("/clients/{}", node.id))
            }
        },
        Command::Alloc(AllocCommand::Status(args)) => {
            let alloc = find::alloc(client, args.allocation.as_deref()?, false, 0).await.ok()?;
            hint("View allocation details", format!("/allocations/{}", alloc.id))
        }
        Command::Eval(EvalCommand::List(_)) => hint("View and manage evaluations", "/evaluations"),
        Command::Eval(EvalCommand::Status(args)) => {
            let evals =
                client.get::<Vec<Value>>("/v1/evaluations", &[("prefix", &args.evaluation)]).await.ok()?.0;
            let id = evals.first()?["ID"].as_str()?;
            hint("View evaluation details", format!("/evaluations?currentEval={id}"))
        }
        Command::Server(ServerCommand::Members(_)) => hint("View and manage Nomad servers", "/servers"),
        Command::Var(VarCommand::List(args)) => match args.prefix.as_deref().unwrap_or_default() {
            "" => hint("View and manage Nomad variables", "/variables"),
            prefix => hint("View and manage Nomad variables", format!("/variables/path/{prefix}")),
        },
        Command::Var(VarCommand::Get(args)) => {
            let at = named(&args.path, &client.connection().namespace);
            hint("View variable details", format!("/variables/var/{at}"))
        }
        _ => None,
    }
}

fn named(id: &str, namespace: &str) -> String {
    format!("{id}@{}", if namespace.is_empty() { "default" } else { namespace })
}

fn job_path(id: &str, namespace: &str) -> String {
    format!("/jobs/{}", named(&path_segment(id), namespace))
}

/// Whether the agent has an interface and says so.
async fn shown(client: &ApiClient) -> bool {
    let agent = client.get::<Value>("/v1/agent/self", &[]).await;
    agent.is_ok_and(|(agent, _)| {
        let ui = &agent["config"]["UI"];
        ["Enabled", "ShowCLIHints"].iter().all(|switch| ui[*switch].as_bool() != Some(false))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args;

    async fn of_line(line: &str) -> Option<(&'static str, String)> {
        let command = args::parse(line.split(' ').map(Into::into)).unwrap().command;
        let client = ApiClient::at("127.0.0.1:1").unwrap();
        hinting(&command)?;
        of(&command, &client).await.map(|hint| (hint.sentence, hint.path))
    }

    #[tokio::test]
    async fn lists_have_a_place_and_programs_get_no_hint() {
        assert_eq!(of_line("job status").await, Some(("View and manage Nomad jobs", "/jobs".to_owned())));
        assert_eq!(
            of_line("node status").await,
            Some(("View and manage Nomad clients", "/clients".to_owned()))
        );
        for line in ["job status -json", "node status -t x", "job stop x", "job run -", "job status x"] {
            assert_eq!(of_line(line).await, None, "{line}");
        }
        assert_eq!(job_path("a/b", ""), "/jobs/a%2Fb@default");
    }
}
