//! `alloc status|logs`.

use super::{
    AllocChecks, AllocExec, AllocFs, AllocRestart, AllocSignal, AllocStop, AllocWhy, Format, General, OfJob,
    PartInBytes,
};
use clap::{Args, Subcommand};

/// Commands of the group `alloc`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum AllocCommand {
    /// Display status information about an allocation
    #[command(override_usage = "drover alloc status [options] <allocation>")]
    Status(AllocStatus),
    /// Stream the logs of a task
    #[command(override_usage = "drover alloc logs [options] <allocation> <task>")]
    Logs(AllocLogs),
    /// Stop and reschedule a running allocation
    #[command(override_usage = "drover alloc stop [options] <allocation>")]
    Stop(AllocStop),
    /// Restart a running allocation
    #[command(override_usage = "drover alloc restart [options] <allocation> <task>")]
    Restart(AllocRestart),
    /// Signal a running allocation
    #[command(override_usage = "drover alloc signal [options] <allocation> <task>")]
    Signal(AllocSignal),
    /// Execute a command in a task
    #[command(override_usage = "drover alloc exec [options] <allocation> <command>")]
    Exec(AllocExec),
    /// Inspect the contents of an allocation directory
    #[command(override_usage = "drover alloc fs [options] <allocation> <path>")]
    Fs(AllocFs),
    /// Display the newest answers of the checks of an allocation's services
    #[command(override_usage = "drover alloc checks [options] <allocation>")]
    Checks(AllocChecks),
    /// Tell why an allocation is where it is
    #[command(override_usage = "drover alloc why [options] <allocation>")]
    Why(AllocWhy),
}

/// `alloc status`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AllocStatus {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display short output: the newest event of each task only
    #[arg(long)]
    pub short: bool,
    /// Display the use of resources
    #[arg(long)]
    pub stats: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Id or prefix; may be missing with -json or -t, which then list all.
    #[arg(hide = true)]
    pub allocation: Option<String>,
}

/// `alloc logs`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AllocLogs {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display standard error only
    #[arg(long)]
    pub stderr: bool,
    /// Display standard output only
    #[arg(long)]
    pub stdout: bool,
    /// Display full identifiers
    #[arg(long)]
    pub verbose: bool,
    /// The task, in place of the second argument
    #[arg(long, value_name = "task")]
    pub task: Option<String>,
    /// Whether a job is named in place of the allocation.
    #[command(flatten)]
    pub of: OfJob,
    /// Which part of it.
    #[command(flatten)]
    pub part: PartInBytes,
    /// Allocation (or with -job the job), then the task where there are several.
    #[arg(hide = true)]
    pub targets: Vec<String>,
}
