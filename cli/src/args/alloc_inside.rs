//! `alloc exec|fs|checks`: what goes on inside of an allocation.

use super::{Format, General, OfJob, PartInBytes, Talk};
use clap::Args;

/// `alloc exec`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AllocExec {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// The task to run the command beside
    #[arg(long, value_name = "task")]
    pub task: Option<String>,
    /// Whether a job is named in place of the allocation.
    #[command(flatten)]
    pub of: OfJob,
    /// How the command is talked to.
    #[command(flatten)]
    pub talk: Talk,
    /// Allocation (or with -job the job), then the command with its arguments, flags included.
    #[arg(hide = true)]
    pub words: Vec<String>,
}

/// `alloc fs`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AllocFs {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Machine friendly output: sizes in bytes
    #[arg(long = "H")]
    pub machine: bool,
    /// Display full identifiers
    #[arg(long)]
    pub verbose: bool,
    /// Whether a job is named in place of the allocation.
    #[command(flatten)]
    pub of: OfJob,
    /// Describe the path in place of displaying it
    #[arg(long)]
    pub stat: bool,
    /// Which part of it.
    #[command(flatten)]
    pub part: PartInBytes,
    /// Allocation (or with -job the job), then a path in its directory.
    #[arg(hide = true)]
    pub targets: Vec<String>,
}

/// `alloc checks`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AllocChecks {
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
