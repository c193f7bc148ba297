//! `scaling policy …`.

use super::{Format, General};
use clap::{Args, Subcommand};

/// Commands of the group `scaling`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum ScalingCommand {
    /// Interact with scaling policies
    #[command(subcommand, override_usage = "drover scaling policy <subcommand> [options] [args]")]
    Policy(PolicyCommand),
}

/// Commands of the group `scaling policy`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum PolicyCommand {
    /// Display all scaling policies
    #[command(override_usage = "drover scaling policy list [options]")]
    List(PolicyList),
    /// Display a scaling policy
    #[command(override_usage = "drover scaling policy info [options] <policy_id>")]
    Info(PolicyInfo),
}

/// `scaling policy list`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct PolicyList {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Only policies of this job
    #[arg(long, value_name = "job")]
    pub job: Option<String>,
    /// Only policies of this kind
    #[arg(long = "type", value_name = "type")]
    pub kind: Option<String>,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
}

/// `scaling policy info`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct PolicyInfo {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// JSON or a template in place of text.
    #[command(flatten)]
    pub format: Format,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Id or prefix; without one, all are shown in the format.
    #[arg(hide = true)]
    pub policy: Option<String>,
}
