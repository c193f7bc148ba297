//! `alloc stop|restart|signal|why`.

use super::{Format, General, Watch};
use clap::Args;

/// `alloc stop`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AllocStop {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// What follows the registration of an evaluation.
    #[command(flatten)]
    pub watch: Watch,
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
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Id or prefix.
    #[arg(hide = true)]
    pub allocation: String,
}
