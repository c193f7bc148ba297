//! `job run|status|stop|inspect`, and the list of all commands of the group.

use super::{
    Format, General, JobAction, JobAllocs, JobDeployments, JobDispatch, JobEval, JobExplain, JobHistory,
    JobInit, JobLogs, JobPlan, JobPromote, JobRestart, JobRevert, JobScale, JobScalingEvents, JobStart,
    JobValidate, JobWait, PeriodicCommand, Source, TagCommand,
};
use clap::{Args, Subcommand};

/// Commands of the group `job`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum JobCommand {
    /// Run a new job or update an existing one
    #[command(override_usage = "drover job run [options] <path>")]
    Run(JobRun),
    /// Display status information about a job
    #[command(override_usage = "drover job status [options] <job>")]
    Status(JobStatus),
    /// Stop running jobs
    #[command(override_usage = "drover job stop [options] <job>...")]
    Stop(JobStop),
    /// Inspect a submitted job
    #[command(override_usage = "drover job inspect [options] <job>")]
    Inspect(JobInspect),
    /// Dry-run a job update to determine its effects
    #[command(override_usage = "drover job plan [options] <path>")]
    Plan(JobPlan),
    /// Check a job file
    #[command(override_usage = "drover job validate [options] <path>")]
    Validate(JobValidate),
    /// Create an example job file
    #[command(override_usage = "drover job init <filename>")]
    Init(JobInit),
    /// Display all tracked versions of a job
    #[command(override_usage = "drover job history [options] <job>")]
    History(JobHistory),
    /// Revert to a prior version of the job
    #[command(override_usage = "drover job revert [options] <job> <version|tag>")]
    Revert(JobRevert),
    /// Dispatch an instance of a parameterized job
    #[command(override_usage = "drover job dispatch [options] <parameterized job> [input source]")]
    Dispatch(JobDispatch),
    /// Force an evaluation for the job
    #[command(override_usage = "drover job eval [options] <job>")]
    Eval(JobEval),
    /// Change the count of a group
    #[command(override_usage = "drover job scale [options] <job> [<group>] <count>")]
    Scale(JobScale),
    /// Display the most recent scaling events for a job
    #[command(override_usage = "drover job scaling-events [options] <job>")]
    ScalingEvents(JobScalingEvents),
    /// List allocations of a job
    #[command(override_usage = "drover job allocs [options] <job>")]
    Allocs(JobAllocs),
    /// List deployments of a job
    #[command(override_usage = "drover job deployments [options] <job>")]
    Deployments(JobDeployments),
    /// Promote a job's canaries
    #[command(override_usage = "drover job promote [options] <job id>")]
    Promote(JobPromote),
    /// Start a stopped job
    #[command(override_usage = "drover job start [options] <job>")]
    Start(JobStart),
    /// Tell why a job is where it is, and what it lacks
    #[command(override_usage = "drover job explain [options] <job>")]
    Explain(JobExplain),
    /// Wait until a job has what it wants
    #[command(override_usage = "drover job wait [options] <job>")]
    Wait(JobWait),
    /// Restart or reschedule the allocations of a job
    #[command(override_usage = "drover job restart [options] <job>")]
    Restart(JobRestart),
    /// Run a command that the job file names
    #[command(override_usage = "drover job action [options] <action>")]
    Action(JobAction),
    /// Display what all tasks of a job print
    #[command(override_usage = "drover job logs [options] <job>")]
    Logs(JobLogs),
    /// Interact with periodic jobs
    #[command(subcommand, override_usage = "drover job periodic <subcommand> [options] [args]")]
    Periodic(PeriodicCommand),
    /// Give versions of a job names
    #[command(subcommand, override_usage = "drover job tag <subcommand> [options] [args]")]
    Tag(TagCommand),
}

/// `job run`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobRun {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Register the job only if its JobModifyIndex is this one; 0 means that it must not exist yet
    #[arg(long, value_name = "index")]
    pub check_index: Option<String>,
    /// Return at once in place of monitoring the evaluation and the deployment
    #[arg(long)]
    pub detach: bool,
    /// Priority of the evaluation, 1 to 100, in place of the job's
    #[arg(long, value_name = "priority")]
    pub eval_priority: Option<i32>,
    /// How the job file is read.
    #[command(flatten)]
    pub source: Source,
    /// Print the job as JSON in place of submitting it
    #[arg(long)]
    pub output: bool,
    /// Keep the counts of an existing job
    #[arg(long)]
    pub preserve_counts: bool,
    /// Keep the resources of an existing job
    #[arg(long)]
    pub preserve_resources: bool,
    /// Override soft mandatory policies
    #[arg(long)]
    pub policy_override: bool,
    /// Accepted and passed on
    #[arg(long, value_name = "token")]
    pub consul_token: Option<String>,
    /// Accepted and passed on
    #[arg(long, value_name = "namespace")]
    pub consul_namespace: Option<String>,
    /// Display full identifiers
    #[arg(long)]
    pub verbose: bool,
    /// Path of the job file; `-` is standard input.
    #[arg(hide = true)]
    pub path: String,
}

/// `job status`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobStatus {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display short output: no allocations and no summary
    #[arg(long)]
    pub short: bool,
    /// Display the evaluations of the job
    #[arg(long)]
    pub evals: bool,
    /// Display allocations of earlier incarnations of the job too
    #[arg(long)]
    pub all_allocs: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Id or prefix; without one, jobs are listed.
    #[arg(hide = true)]
    pub job: Option<String>,
}

/// `job stop`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobStop {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Return at once in place of monitoring the evaluation
    #[arg(long)]
    pub detach: bool,
    /// Priority of the evaluation, 1 to 100, in place of the job's
    #[arg(long, value_name = "priority")]
    pub eval_priority: Option<i32>,
    /// Stop the job in all its regions
    #[arg(long)]
    pub global: bool,
    /// Ignore the shutdown_delay of the tasks
    #[arg(long)]
    pub no_shutdown_delay: bool,
    /// Remove the job at once in place of leaving it to garbage collection
    #[arg(long)]
    pub purge: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
    /// Display full identifiers
    #[arg(long)]
    pub verbose: bool,
    /// Ids or prefixes.
    #[arg(hide = true)]
    pub jobs: Vec<String>,
}

/// `job inspect`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobInspect {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display the job at that version
    #[arg(long, value_name = "version")]
    pub version: Option<String>,
    /// Display the job as it was submitted
    #[arg(long)]
    pub hcl: bool,
    /// With -hcl, display the variables that were submitted too
    #[arg(long)]
    pub with_vars: bool,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}
