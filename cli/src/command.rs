//! The operator's commands: one file per command, all of them guests of the HTTP API.
//!
//! A command gives its exit status, or a `Failure` with the sentence for standard error.

mod acl;
mod alloc_act;
mod alloc_checks;
mod alloc_exec;
mod alloc_fs;
mod alloc_logs;
mod alloc_status;
mod alloc_target;
mod config_validate;
mod deployment;
mod edition;
mod eval;
mod explain;
mod fmt;
mod hint;
mod job_action;
mod job_change;
mod job_dispatch;
mod job_file;
mod job_history;
mod job_init;
mod job_inspect;
mod job_lists;
mod job_logs;
mod job_plan;
mod job_restart;
mod job_run;
mod job_scale;
mod job_status;
mod job_stop;
mod job_tag;
mod job_template;
mod job_validate;
mod job_wait;
mod monitor_log;
mod namespace;
mod node_act;
mod node_meta;
mod node_pool;
mod node_status;
mod operator;
mod operator_api;
mod operator_config;
mod operator_debug;
mod operator_keyring;
mod operator_snapshot;
mod scaling;
mod server;
mod service;
mod spec;
mod status;
mod system;
mod tail;
mod ui;
mod var;
mod version;
mod volume;

use crate::args::{
    AllocCommand, Command, ConfigCommand, DeploymentCommand, EvalCommand, Format, General, JobCommand,
    NamespaceCommand, NodeCommand, PeriodicCommand, PluginCommand, ReconcileCommand, SystemCommand,
    TagCommand, VolumeCommand, Watch, unsigned_fault,
};
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, Meta};
use crate::{args, monitor, output};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Run a command to its end. `agent`, `demo` and `supervisor` are not commands of this kind; see `crate::run`.
pub async fn run(command: &Command) -> u8 {
    let done = match command {
        Command::Version(_) => version::run(Console::plain()),
        Command::Top(args) => crate::top::run(args, of(&args.general)).await,
        Command::Fmt(args) => fmt::run(args, Console::plain()),
        Command::Job(command) => job(command).await,
        Command::Node(command) => node(command).await,
        Command::Alloc(command) => alloc(command).await,
        Command::Deployment(command) => deployment(command).await,
        Command::Eval(command) => eval(command).await,
        Command::Namespace(command) => namespace(command).await,
        Command::Server(command) => server::run(command).await,
        Command::Operator(command) => operator::run(command).await,
        Command::System(SystemCommand::Gc(args)) => system::gc(args).await,
        Command::System(SystemCommand::Reconcile(ReconcileCommand::Summaries(args))) => {
            system::summaries(args).await
        }
        Command::Status(args) => status::run(args, of(&args.general)).await,
        other => beside(other).await,
    };
    match done {
        Ok(status) => {
            if status == 0 {
                hint::after(command).await;
            }
            status
        }
        Err(failure) => {
            Console::plain().error(&failure.message);
            failure.exit
        }
    }
}

/// What is not about jobs and where they run.
async fn beside(command: &Command) -> Result<u8, Failure> {
    match command {
        Command::Var(command) => var::run(command).await,
        Command::Service(command) => service::run(command).await,
        Command::Scaling(command) => scaling::run(command).await,
        Command::AgentInfo(args) => server::agent_info(args, of(&args.general)).await,
        Command::Monitor(args) => monitor_log::run(args, of(&args.general)).await,
        Command::Ui(args) => ui::run(args, of(&args.general)).await,
        Command::Config(ConfigCommand::Validate(args)) => config_validate::run(args, Console::plain()),
        Command::Acl(command) => acl::run(command).await,
        Command::Login(args) => acl::login(args).await,
        Command::Volume(VolumeCommand::Status(args)) => volume::status(args, of(&args.list.general)).await,
        Command::Volume(VolumeCommand::Deregister(args)) => volume::deregister(args, of(&args.general)).await,
        Command::Plugin(PluginCommand::Status(args)) => volume::plugins(args, of(&args.list.general)).await,
        Command::Quota(command) => edition::quota(command).await,
        Command::Sentinel(command) => edition::sentinel(command).await,
        Command::Recommendation(command) => edition::recommendation(command).await,
        Command::License(command) => edition::license(command).await,
        _ => Err(Failure::new("this command is not run against an agent")),
    }
}

async fn job(command: &JobCommand) -> Result<u8, Failure> {
    match command {
        JobCommand::Run(args) => job_run::run(args, of(&args.general)).await,
        JobCommand::Status(args) => job_status::run(args, of(&args.general)).await,
        JobCommand::Stop(args) => job_stop::run(args, of(&args.general)).await,
        JobCommand::Inspect(args) => job_inspect::run(args, of(&args.general)).await,
        JobCommand::Plan(args) => job_plan::run(args, of(&args.general)).await,
        JobCommand::Validate(args) => job_validate::run(args, of(&args.general)).await,
        JobCommand::Init(args) => job_init::run(args, of(&args.general)).await,
        JobCommand::History(args) => job_history::run(args, of(&args.general)).await,
        JobCommand::Revert(args) => job_change::revert(args, of(&args.general)).await,
        JobCommand::Dispatch(args) => job_dispatch::run(args, of(&args.general)).await,
        JobCommand::Eval(args) => job_change::eval(args, of(&args.general)).await,
        JobCommand::Scale(args) => job_scale::run(args, of(&args.general)).await,
        JobCommand::ScalingEvents(args) => job_lists::scaling_events(args, of(&args.general)).await,
        JobCommand::Allocs(args) => job_lists::allocs(args, of(&args.general)).await,
        JobCommand::Deployments(args) => job_lists::deployments(args, of(&args.general)).await,
        JobCommand::Promote(args) => job_change::promote(args, of(&args.general)).await,
        JobCommand::Start(args) => job_change::start(args, of(&args.general)).await,
        JobCommand::Restart(args) => job_restart::run(args, of(&args.general)).await,
        JobCommand::Action(args) => job_action::run(args, of(&args.general)).await,
        JobCommand::Logs(args) => job_logs::run(args, of(&args.general)).await,
        JobCommand::Explain(args) => explain::job(args, of(&args.general)).await,
        JobCommand::Wait(args) => job_wait::run(args, of(&args.general)).await,
        JobCommand::Periodic(PeriodicCommand::Force(args)) => {
            job_change::force(args, of(&args.general)).await
        }
        JobCommand::Tag(TagCommand::Apply(args)) => job_tag::apply(args, of(&args.general)).await,
        JobCommand::Tag(TagCommand::Unset(args)) => job_tag::unset(args, of(&args.general)).await,
    }
}

async fn alloc(command: &AllocCommand) -> Result<u8, Failure> {
    match command {
        AllocCommand::Status(args) => alloc_status::run(args, of(&args.general)).await,
        AllocCommand::Logs(args) => alloc_logs::run(args, of(&args.general)).await,
        AllocCommand::Stop(args) => alloc_act::stop(args, of(&args.general)).await,
        AllocCommand::Restart(args) => alloc_act::restart(args).await,
        AllocCommand::Signal(args) => alloc_act::signal(args).await,
        AllocCommand::Exec(args) => alloc_exec::run(args, of(&args.general)).await,
        AllocCommand::Fs(args) => alloc_fs::run(args, of(&args.general)).await,
        AllocCommand::Checks(args) => alloc_checks::run(args, of(&args.general)).await,
        AllocCommand::Why(args) => explain::alloc(args, of(&args.general)).await,
    }
}

async fn deployment(command: &DeploymentCommand) -> Result<u8, Failure> {
    use deployment::Act;
    match command {
        DeploymentCommand::List(args) => deployment::list(args, of(&args.general)).await,
        DeploymentCommand::Status(args) => deployment::status(args, of(&args.general)).await,
        DeploymentCommand::Fail(args) => deployment::act(args, Act::Fail, of(&args.general)).await,
        DeploymentCommand::Pause(args) => deployment::act(args, Act::Pause, of(&args.general)).await,
        DeploymentCommand::Resume(args) => deployment::act(args, Act::Resume, of(&args.general)).await,
        DeploymentCommand::Unblock(args) => deployment::act(args, Act::Unblock, of(&args.general)).await,
        DeploymentCommand::Promote(args) => deployment::promote(args, of(&args.general)).await,
    }
}

async fn node(command: &NodeCommand) -> Result<u8, Failure> {
    match command {
        NodeCommand::Status(args) => node_status::run(args, of(&args.general)).await,
        NodeCommand::Drain(args) => node_act::drain(args, of(&args.general)).await,
        NodeCommand::Eligibility(args) => node_act::eligibility(args, of(&args.general)).await,
        NodeCommand::Config(args) => node_meta::config(args, of(&args.general)).await,
        NodeCommand::Meta(command) => node_meta::run(command).await,
        NodeCommand::Pool(command) => node_pool::run(command).await,
    }
}

async fn eval(command: &EvalCommand) -> Result<u8, Failure> {
    match command {
        EvalCommand::List(args) => eval::list(args, of(&args.general)).await,
        EvalCommand::Status(args) => eval::status(args, of(&args.general)).await,
        EvalCommand::Delete(args) => eval::delete(args, of(&args.general)).await,
    }
}

async fn namespace(command: &NamespaceCommand) -> Result<u8, Failure> {
    match command {
        NamespaceCommand::List(args) => namespace::list(args, of(&args.general)).await,
        NamespaceCommand::Status(args) => namespace::status(args, of(&args.general)).await,
        NamespaceCommand::Inspect(args) => namespace::inspect(args, of(&args.general)).await,
        NamespaceCommand::Apply(args) => namespace::apply(args, of(&args.general)).await,
        NamespaceCommand::Delete(args) => namespace::delete(args, of(&args.general)).await,
    }
}

fn of(general: &General) -> Console {
    Console::of(general)
}

/// An answer as a documented shape; `doing` begins the sentence when it is none.
fn decode<T: DeserializeOwned>(doing: &str, value: &Value) -> Result<T, Failure> {
    api::json::from_value(value).map_err(|e| Failure::new(format!("{doing}: decoding the answer: {e}")))
}

/// A command that was used wrongly: the sentence, and where its help is.
fn misused(path: &str, sentence: &str) -> Failure {
    Failure::new(format!("{sentence}\n{}", args::advice(path)))
}

/// A client for a job file: what the file says of region and namespace wins over flags and environment.
fn job_client(general: &General, job: &Value) -> Result<ApiClient, Failure> {
    let mut general = general.clone();
    if let Some(namespace) = job_file::field(job, "Namespace") {
        general.namespace = Some(namespace.to_owned());
    }
    if let Some(region) = job_file::field(job, "Region").filter(|region| *region != "global") {
        general.region = Some(region.to_owned());
    }
    client(&general)
}

/// The end of a command that made an evaluation: its id, with `before` in front, or the watching of it.
async fn watched(
    client: &ApiClient,
    console: Console,
    id: &Value,
    how: Watch,
    before: &str,
) -> Result<u8, Failure> {
    let id = id.as_str().unwrap_or_default();
    if how.detach || id.is_empty() {
        console.write(before.as_bytes());
        if !id.is_empty() {
            console.line(format!("Evaluation ID: {id}"));
        }
        return Ok(0);
    }
    monitor::evaluation(client, console, id, how.verbose).await
}

/// How an answer is wanted that is not laid out for people.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Raw {
    Json,
    Template(String),
}

/// `-json` or `-t`, if one of them was given.
fn raw(format: &Format) -> Result<Option<Raw>, Failure> {
    match (format.json, format.t.as_deref().filter(|text| !text.is_empty())) {
        (true, Some(_)) => Err(Failure::new("Both json and template formatting are not allowed")),
        (false, Some(text)) => Ok(Some(Raw::Template(text.to_owned()))),
        (true, None) => Ok(Some(Raw::Json)),
        (false, None) => Ok(None),
    }
}

/// How to get the next page, where there is one.
fn print_page(console: Console, command: &str, meta: &Meta) {
    if !meta.next_token.is_empty() {
        console.line(format!(
            "\nResults have been paginated. To get the next page run:\n\ndrover {command} -page-token {}",
            meta.next_token
        ));
    }
}

/// Print a value as JSON or through a template.
fn print_raw<T: Serialize>(console: Console, raw: &Raw, value: &T) -> Result<u8, Failure> {
    print_typed(console, raw, value, "")
}

/// The same for a value of which is known what type the original has it in, as its messages about templates say.
fn print_typed<T: Serialize>(console: Console, raw: &Raw, value: &T, name: &str) -> Result<u8, Failure> {
    let failed = |why: String| Failure::new(format!("Error formatting the data: {why}"));
    let mut data = serde_json::to_value(value).map_err(|e| failed(e.to_string()))?;
    output::complete(&mut data);
    let text = match raw {
        Raw::Json => output::pretty(&data).map_err(|e| failed(e.to_string()))?,
        Raw::Template(template) => {
            output::render(template, &data, name).map_err(|e| failed(e.to_string()))?
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
    let fault = || Failure::new(format!("Error parsing {name} value {text:?}: {}", unsigned_fault(text)));
    text.parse().map_err(|_| fault())
}
