//! The grammar of the command line.
//!
//! Users' scripts are written for Go's flag package: `-address=x`, `-address x`, `--address`, `-i=false`, flags before
//! the first argument only. `go_flags.rs` reads argv by those rules, with the same error texts, and hands clap a
//! normalized line, so that clap does what it is good at: turning names into typed structs. Nothing here talks to a
//! server or prints; what is to be printed for help and mistakes comes back as a `Refusal`.

mod acl;
mod agent;
mod alloc;
mod alloc_act;
mod alloc_inside;
mod arity;
mod deployment;
mod edition;
mod eval;
mod fmt;
mod general;
mod go_flags;
mod go_value;
mod help;
mod job;
mod job_change;
mod job_file;
mod job_inside;
mod job_read;
mod names;
mod namespace;
mod node;
mod node_act;
mod node_meta;
mod node_pool;
mod operator;
mod operator_config;
mod operator_keyring;
mod operator_tool;
mod refusal;
mod scaling;
mod server;
mod service;
mod shared;
mod system;
mod top;
mod var;
mod volume;

pub(crate) use arity::advice;
pub(crate) use go_flags::is_bool;
pub(crate) use names::{expanded, spellings};

pub use acl::{AclBootstrap, AclCommand, AclNoun, AclPolicyCommand, AclTokenCommand, Login};
pub use agent::AgentArgs;
pub use alloc::{AllocCommand, AllocLogs, AllocStatus};
pub use alloc_act::{AllocRestart, AllocSignal, AllocStop, AllocWhy};
pub use alloc_inside::{AllocChecks, AllocExec, AllocFs};
pub use deployment::{DeploymentAct, DeploymentCommand, DeploymentList, DeploymentPromote, DeploymentStatus};
pub use edition::{
    LicenseCommand, QuotaApply, QuotaCommand, RecommendationCommand, SentinelApply, SentinelCommand,
    SentinelRead,
};
pub use eval::{EvalCommand, EvalDelete, EvalList, EvalStatus};
pub use fmt::FmtArgs;
pub use general::{Connection, General};
pub(crate) use go_value::unsigned_fault;
pub use go_value::{GoBool, GoDuration, GoUint};
pub use job::{JobCommand, JobInspect, JobRun, JobStatus, JobStop};
pub use job_change::{
    JobDispatch, JobEval, JobPeriodicForce, JobPromote, JobRevert, JobScale, JobStart, JobTagApply,
    JobTagUnset, PeriodicCommand, TagCommand,
};
pub use job_file::{JobInit, JobPlan, JobValidate};
pub use job_inside::{JobAction, JobLogs, JobRestart};
pub use job_read::{JobAllocs, JobDeployments, JobExplain, JobHistory, JobScalingEvents, JobWait};
pub use namespace::{NamespaceApply, NamespaceCommand, NamespaceInspect};
pub use node::{NodeCommand, NodeStatus};
pub use node_act::{NodeDrain, NodeEligibility};
pub use node_meta::{NodeConfig, NodeMetaApply, NodeMetaCommand, NodeMetaRead};
pub use node_pool::{NodePoolApply, NodePoolCommand, NodePoolMembers};
pub use operator::{OperatorCommand, RaftCommand, RaftListPeers, RaftPeer};
pub use operator_config::{
    AutopilotCommand, AutopilotHealth, AutopilotSetConfig, SchedulerCommand, SchedulerSetConfig,
};
pub use operator_keyring::{
    GossipCommand, GossipKeyringCommand, KeyringCommand, KeyringList, KeyringRemove, KeyringRotate, NoFlags,
    RootCommand,
};
pub use operator_tool::{
    OperatorApi, OperatorDebug, OperatorMetrics, SnapshotCommand, SnapshotFile, SnapshotInspect, SnapshotSave,
};
pub use refusal::Refusal;
pub use scaling::{PolicyCommand, PolicyInfo, PolicyList, ScalingCommand};
pub use server::{AgentInfo, Monitor, ServerCommand, ServerForceLeave, ServerJoin, ServerMembers, Ui};
pub use service::{ServiceCommand, ServiceDelete, ServiceInfo};
pub use shared::{
    Example, Format, Listed, OfJob, One, Page, Part, PartInBytes, Plain, Shown, ShownOne, Source, Talk,
    TaskOf, Watch,
};
pub use system::{OperatorWhatIf, ReconcileCommand, SystemCommand};
pub use top::TopArgs;
pub use var::{VarCommand, VarGet, VarInit, VarList, VarLock, VarOut, VarPurge, VarPut};
pub use volume::{
    ConfigCommand, ConfigValidate, PluginCommand, PluginStatus, VolumeCommand, VolumeDeregister, VolumeStatus,
};

use clap::{Args, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;

/// The name of the program in messages.
pub const PROGRAM: &str = "drover";
/// The exit status of a plan that came to nothing.
pub(crate) const PLAN_ERROR: u8 = 255;

#[derive(Debug, Parser)]
#[command(name = PROGRAM, disable_help_flag = true, disable_version_flag = true, disable_help_subcommand = true)]
#[command(override_usage = "drover [-version] [-help] [-autocomplete-(un)install] <command> [args]")]
struct Line {
    #[command(subcommand)]
    command: Command,
}

/// A command and its arguments.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    /// Runs a Drover agent: a server, a client, or both
    #[command(override_usage = "drover agent [options]")]
    Agent(Box<AgentArgs>),
    /// Prints the version of this program and of the API it speaks
    #[command(override_usage = "drover version")]
    Version(VersionArgs),
    /// Shows a cluster of several servers and clients on this machine
    #[command(override_usage = "drover demo [options]")]
    Demo(DemoArgs),
    /// Interact with jobs
    #[command(subcommand, override_usage = "drover job <subcommand> [options] [args]")]
    Job(JobCommand),
    /// Interact with nodes
    #[command(subcommand, override_usage = "drover node <subcommand> [options] [args]")]
    Node(NodeCommand),
    /// Interact with allocations
    #[command(subcommand, override_usage = "drover alloc <subcommand> [options] [args]")]
    Alloc(AllocCommand),
    /// Interact with servers
    #[command(subcommand, override_usage = "drover server <subcommand> [options] [args]")]
    Server(ServerCommand),
    /// Provides cluster-level tools for operators
    #[command(subcommand, override_usage = "drover operator <subcommand> [options] [args]")]
    Operator(OperatorCommand),
    /// Interact with deployments
    #[command(subcommand, override_usage = "drover deployment <subcommand> [options] [args]")]
    Deployment(DeploymentCommand),
    /// Interact with evaluations
    #[command(subcommand, override_usage = "drover eval <subcommand> [options] [args]")]
    Eval(EvalCommand),
    /// Interact with namespaces
    #[command(subcommand, override_usage = "drover namespace <subcommand> [options] [args]")]
    Namespace(NamespaceCommand),
    /// Interact with the system itself
    #[command(subcommand, override_usage = "drover system <subcommand> [options] [args]")]
    System(SystemCommand),
    /// Interact with variables
    #[command(subcommand, override_usage = "drover var <subcommand> [options] [args]")]
    Var(VarCommand),
    /// Interact with registered services
    #[command(subcommand, override_usage = "drover service <subcommand> [options]")]
    Service(ServiceCommand),
    /// Interact with scaling policies
    #[command(subcommand, override_usage = "drover scaling <subcommand> [options]")]
    Scaling(ScalingCommand),
    /// Display what an agent says of itself
    #[command(override_usage = "drover agent-info [options]")]
    AgentInfo(AgentInfo),
    /// Follow the log of an agent
    #[command(override_usage = "drover monitor [options]")]
    Monitor(Monitor),
    /// Open the web interface
    #[command(override_usage = "drover ui [options] <identifier>")]
    Ui(Ui),
    /// Interact with configurations
    #[command(subcommand, override_usage = "drover config <subcommand> [options] [args]")]
    Config(ConfigCommand),
    /// Interact with access control
    #[command(subcommand, override_usage = "drover acl <subcommand> [options] [args]")]
    Acl(AclCommand),
    /// Sign in with an authentication method
    #[command(override_usage = "drover login [options] [login args]")]
    Login(Login),
    /// Interact with volumes
    #[command(subcommand, override_usage = "drover volume <subcommand> [options]")]
    Volume(VolumeCommand),
    /// Inspect plugins
    #[command(subcommand, override_usage = "drover plugin <subcommand> [options] [args]")]
    Plugin(PluginCommand),
    /// Interact with quotas
    #[command(subcommand, override_usage = "drover quota <subcommand> [options] [args]")]
    Quota(QuotaCommand),
    /// Interact with Sentinel policies
    #[command(subcommand, override_usage = "drover sentinel <subcommand> [options] [args]")]
    Sentinel(SentinelCommand),
    /// Interact with recommendations
    #[command(subcommand, override_usage = "drover recommendation <subcommand> [options] [args]")]
    Recommendation(RecommendationCommand),
    /// Interact with licenses
    #[command(subcommand, override_usage = "drover license <subcommand> [options] [args]")]
    License(LicenseCommand),
    /// Displays the status of whatever the identifier names
    #[command(override_usage = "drover status [options] <identifier>")]
    Status(StatusArgs),
    /// Shows the cluster, its jobs and its allocations, live
    #[command(override_usage = "drover top [options]")]
    Top(TopArgs),
    /// Rewrites job files and configurations in their canonical layout
    #[command(override_usage = "drover fmt [flags] paths ...")]
    Fmt(FmtArgs),
    /// Starts one task and owns it; used by the agent only
    #[command(hide = true)]
    Supervisor(SupervisorArgs),
}

/// `version`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct VersionArgs {
    /// Arguments are ignored, as the original does.
    #[arg(hide = true)]
    pub ignored: Vec<String>,
}

/// `demo`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct DemoArgs {
    /// End when the demonstration is over instead of leaving the cluster running
    #[arg(long)]
    pub exit: bool,
}

/// `status`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct StatusArgs {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Output the status in JSON format
    #[arg(long)]
    pub json: bool,
    /// Id or prefix of a job, allocation, node, evaluation or deployment; without one, jobs are listed. Of several the
    /// last counts.
    #[arg(hide = true)]
    pub identifiers: Vec<String>,
}

/// `supervisor`: everything behind the word, untouched.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct SupervisorArgs {
    /// The agent's words to its supervisor.
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<OsString>,
}

/// A parsed line.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// What to do.
    pub command: Command,
    /// Text for standard error before it is done: the warning about a deprecated spelling, or empty.
    pub warning: String,
}

/// The grammar, for those who look at it without a line.
pub(crate) fn grammar() -> clap::Command {
    <Line as clap::CommandFactory>::command()
}

/// Parse the arguments behind the program's name.
pub fn parse(argv: impl IntoIterator<Item = OsString>) -> Result<Invocation, Refusal> {
    let mut words = Vec::new();
    read(argv, &mut words).map_err(|mut refusal| {
        let plan = words.first().is_some_and(|word| word == "plan")
            || words.starts_with(&["job".into(), "plan".into()]);
        if plan && refusal.exit == 1 {
            // Status 1 of a plan means that it would change something.
            refusal.exit = PLAN_ERROR;
        }
        refusal
    })
}

fn read(argv: impl IntoIterator<Item = OsString>, words: &mut Vec<String>) -> Result<Invocation, Refusal> {
    let mut argv = argv.into_iter();
    while let Some(word) = argv.next() {
        if words.is_empty() && word == "supervisor" {
            let command = Command::Supervisor(SupervisorArgs { words: argv.collect() });
            return Ok(Invocation { command, warning: String::new() });
        }
        words.push(word.into_string().map_err(|w| Refusal::error(format!("argument is not UTF-8: {w:?}")))?);
    }
    let grammar = grammar();
    let found = names::find(&grammar, words)?;
    let line = go_flags::read(found.command, &found.path, found.rest)?;
    arity::check(&found.path, &line.arguments)?;
    let mut normalized = vec![PROGRAM.to_owned()];
    normalized.extend(found.path.iter().cloned());
    normalized.extend(line.flags);
    normalized.push("--".to_owned());
    normalized.extend(line.arguments);
    let matches = grammar
        .clone()
        .try_get_matches_from(normalized)
        .map_err(|e| go_flags::refuse(found.command, &found.path, &e))?;
    let line =
        Line::from_arg_matches(&matches).map_err(|e| go_flags::refuse(found.command, &found.path, &e))?;
    Ok(Invocation { command: line.command, warning: found.warning })
}

#[cfg(test)]
mod tests;
