//! `alloc stop|restart|signal|why`.

use super::General;
use clap::Args;

/// `alloc stop`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AllocStop {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Return at once in place of monitoring the evaluation
    #[arg(long)]
    pub detach: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Ignore the shutdown_delay of the tasks
    #[arg(long)]
    pub no_shutdown_delay: bool,
    /// Id or prefix.
    #[arg(hide = true)]
    pub allocation: String,
}

/// `alloc restart`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AllocRestart {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Restart all tasks, those that ended too
    #[arg(long)]
    pub all_tasks: bool,
    /// The task, in place of the second argument
    #[arg(long, value_name = "task")]
    pub task: Option<String>,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Allocation, then the task.
    #[arg(hide = true)]
    pub arguments: Vec<String>,
}

/// `alloc signal`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AllocSignal {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// The signal. Default SIGKILL
    #[arg(long, value_name = "signal")]
    pub s: Option<String>,
    /// The task, in place of the second argument
    #[arg(long, value_name = "task")]
    pub task: Option<String>,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Allocation, then the task.
    #[arg(hide = true)]
    pub arguments: Vec<String>,
}

/// `alloc why`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AllocWhy {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Output the answer in JSON format
    #[arg(long)]
    pub json: bool,
    /// Format the answer with a Go template
    #[arg(long, value_name = "template")]
    pub t: Option<String>,
    /// Id or prefix.
    #[arg(hide = true)]
    pub allocation: String,
}
