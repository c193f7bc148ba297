//! `eval …`.

use super::General;
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
    /// Expression that the listed must match
    #[arg(long, value_name = "expression")]
    pub filter: Option<String>,
    /// How many per page
    #[arg(long, value_name = "n")]
    pub per_page: Option<i32>,
    /// Where the page starts
    #[arg(long, value_name = "token")]
    pub page_token: Option<String>,
    /// Of that job only
    #[arg(long, value_name = "job")]
    pub job: Option<String>,
    /// With that status only
    #[arg(long, value_name = "status")]
    pub status: Option<String>,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Output the answer in JSON format
    #[arg(long)]
    pub json: bool,
    /// Format the answer with a Go template
    #[arg(long, value_name = "template")]
    pub t: Option<String>,
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
    /// Output the answer in JSON format
    #[arg(long)]
    pub json: bool,
    /// Format the answer with a Go template
    #[arg(long, value_name = "template")]
    pub t: Option<String>,
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
