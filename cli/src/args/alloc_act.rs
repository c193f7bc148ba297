//! `alloc stop|restart|signal|why`.

use super::{Format, General, TaskOf, Watch};
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
    /// Which task.
    #[command(flatten)]
    pub of: TaskOf,
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
    /// Which task.
    #[command(flatten)]
    pub of: TaskOf,
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
