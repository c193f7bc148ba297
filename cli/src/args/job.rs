//! `job run|status|stop|inspect`.

use super::General;
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
    /// The path names a job in JSON, with or without a "Job" object around it
    #[arg(long)]
    pub json: bool,
    /// Whether an unknown variable is an error. Default true
    #[arg(long)]
    pub hcl2_strict: Option<bool>,
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
    /// Value of a variable of the job file, name=value. May be repeated
    #[arg(long, value_name = "name=value")]
    pub var: Vec<String>,
    /// File with values of variables. May be repeated
    #[arg(long, value_name = "path")]
    pub var_file: Vec<String>,
    /// Accepted and passed on
    #[arg(long, value_name = "token")]
    pub consul_token: Option<String>,
    /// Accepted and passed on
    #[arg(long, value_name = "namespace")]
    pub consul_namespace: Option<String>,
    /// Accepted and passed on
    #[arg(long, value_name = "token")]
    pub vault_token: Option<String>,
    /// Accepted and passed on
    #[arg(long, value_name = "namespace")]
    pub vault_namespace: Option<String>,
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
    /// Output the status in JSON format
    #[arg(long)]
    pub json: bool,
    /// Format the status with a Go template
    #[arg(long, value_name = "template")]
    pub t: Option<String>,
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
    /// Output the job in JSON format
    #[arg(long)]
    pub json: bool,
    /// Format the job with a Go template
    #[arg(long, value_name = "template")]
    pub t: Option<String>,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}
