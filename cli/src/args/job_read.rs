//! Commands that show something of a job.

use super::{Format, General};
use clap::Args;

/// `job history`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobHistory {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display the difference of each version to the one before
    #[arg(long)]
    pub p: bool,
    /// Display each version in full
    #[arg(long)]
    pub full: bool,
    /// Display that version only
    #[arg(long, value_name = "version")]
    pub version: Option<String>,
    /// With -p: the tag to compare with
    #[arg(long, value_name = "tag")]
    pub diff_tag: Option<String>,
    /// With -p: the version to compare with
    #[arg(long, value_name = "version")]
    pub diff_version: Option<String>,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}

/// `job scaling-events`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobScalingEvents {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}

/// `job allocs`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobAllocs {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display allocations of earlier jobs of that name too
    #[arg(long)]
    pub all: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}

/// `job deployments`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobDeployments {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display the newest one only
    #[arg(long)]
    pub latest: bool,
    /// Display deployments of earlier jobs of that name too
    #[arg(long)]
    pub all: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}

/// `job explain`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobExplain {
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
    pub job: String,
}

/// `job wait`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobWait {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Give up after that many seconds; never unless given
    #[arg(long, value_name = "seconds")]
    pub timeout: Option<u64>,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}
