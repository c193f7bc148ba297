//! `job restart|action|logs`: what reaches into the allocations of a job.

use super::{General, Part, Talk};
use clap::Args;

/// `job restart`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobRestart {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Restart all tasks, those that ended too
    #[arg(long)]
    pub all_tasks: bool,
    /// Allocations at once, as a number or as a percentage of those that run. Default 1
    #[arg(long, value_name = "n|n%")]
    pub batch_size: Option<String>,
    /// Time between batches, or 'ask' to be asked. Default 0
    #[arg(long, value_name = "duration|ask")]
    pub batch_wait: Option<String>,
    /// Only the allocations of that group. May be repeated
    #[arg(long, value_name = "group")]
    pub group: Vec<String>,
    /// Ignore the shutdown_delay of the tasks
    #[arg(long)]
    pub no_shutdown_delay: bool,
    /// What follows an error: 'ask' or 'fail'. Default ask
    #[arg(long, value_name = "ask|fail")]
    pub on_error: Option<String>,
    /// Stop the allocations and have them placed anew
    #[arg(long)]
    pub reschedule: bool,
    /// Only that task. May be repeated
    #[arg(long, value_name = "task")]
    pub task: Vec<String>,
    /// Do not ask: go on with the next batch, whatever became of the last one
    #[arg(long)]
    pub yes: bool,
    /// Display full identifiers
    #[arg(long)]
    pub verbose: bool,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}

/// `job action`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobAction {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// The job whose action it is
    #[arg(long, value_name = "job")]
    pub job: Option<String>,
    /// The group of the task; needed without -alloc
    #[arg(long, value_name = "group")]
    pub group: Option<String>,
    /// The task; needed without -alloc
    #[arg(long, value_name = "task")]
    pub task: Option<String>,
    /// The allocation; without it, one of the group is taken
    #[arg(long, value_name = "allocation")]
    pub alloc: Option<String>,
    /// How the command is talked to.
    #[command(flatten)]
    pub talk: Talk,
    /// Name of the action.
    #[arg(hide = true)]
    pub action: String,
}

/// `job logs`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobLogs {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display standard error in place of standard output
    #[arg(long)]
    pub stderr: bool,
    /// Only the allocations of that group
    #[arg(long, value_name = "group")]
    pub group: Option<String>,
    /// Only that task
    #[arg(long, value_name = "task")]
    pub task: Option<String>,
    /// Which part of it.
    #[command(flatten)]
    pub part: Part,
    /// Display full identifiers
    #[arg(long)]
    pub verbose: bool,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}
