//! `operator whatif` and `system …`.

use super::{Format, General, Plain};
use clap::{Args, Subcommand};

/// Commands of the group `system`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum SystemCommand {
    /// Run the garbage collection
    #[command(override_usage = "drover system gc [options]")]
    Gc(Plain),
    /// Repair what the servers hold
    #[command(subcommand, override_usage = "drover system reconcile <subcommand> [options]")]
    Reconcile(ReconcileCommand),
}

/// Commands of the group `system reconcile`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum ReconcileCommand {
    /// Count the summaries of all jobs anew
    #[command(override_usage = "drover system reconcile summaries [options]")]
    Summaries(Plain),
}

/// `operator whatif`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct OperatorWhatIf {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Imagine that this node is drained
    #[arg(long, value_name = "node")]
    pub drain: Option<String>,
    /// Imagine that this node is lost
    #[arg(long, value_name = "node")]
    pub lost_node: Option<String>,
    /// Imagine further nodes like this one
    #[arg(long, value_name = "node")]
    pub like: Option<String>,
    /// With -like: how many. Default 1
    #[arg(long, value_name = "n")]
    pub count: Option<u32>,
    /// Imagine that this job file is run
    #[arg(long, value_name = "path")]
    pub job: Option<String>,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
}
