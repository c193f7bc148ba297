//! `eval …`.

use super::{Format, General, Page};
use clap::{Args, Subcommand};

/// Commands of the group `eval`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum EvalCommand {
    /// List evaluations
    #[command(override_usage = "drover eval list [options]")]
    List(EvalList),
    /// Display the status of an evaluation
    #[command(override_usage = "drover eval status [options] <evaluation>")]
    Status(EvalStatus),
    /// Delete evaluations
    #[command(override_usage = "drover eval delete [options] <evaluation>")]
    Delete(EvalDelete),
}

/// `eval list`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct EvalList {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Which part of the list.
    #[command(flatten)]
    pub page: Page,
    /// Of that job only
    #[arg(long, value_name = "job")]
    pub job: Option<String>,
    /// With that status only
    #[arg(long, value_name = "status")]
    pub status: Option<String>,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
}

/// `eval status`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct EvalStatus {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Watch the evaluation until it ends
    #[arg(long)]
    pub monitor: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Id or prefix.
    #[arg(hide = true)]
    pub evaluation: String,
}

/// `eval delete`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct EvalDelete {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Expression that the listed must match
    #[arg(long, value_name = "expression")]
    pub filter: Option<String>,
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
    /// Id.
    #[arg(hide = true)]
    pub evaluation: Option<String>,
}
