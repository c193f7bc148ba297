//! `deployment …`.

use super::General;
use clap::{Args, Subcommand};

/// Commands of the group `deployment`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum DeploymentCommand {
    /// List all deployments
    #[command(override_usage = "drover deployment list [options]")]
    List(DeploymentList),
    /// Display the status of a deployment
    #[command(override_usage = "drover deployment status [options] <deployment id>")]
    Status(DeploymentStatus),
    /// Manually fail a deployment
    #[command(override_usage = "drover deployment fail [options] <deployment id>")]
    Fail(DeploymentAct),
    /// Pause a deployment
    #[command(override_usage = "drover deployment pause [options] <deployment id>")]
    Pause(DeploymentAct),
    /// Resume a paused deployment
    #[command(override_usage = "drover deployment resume [options] <deployment id>")]
    Resume(DeploymentAct),
    /// Promote the canaries of a deployment
    #[command(override_usage = "drover deployment promote [options] <deployment id>")]
    Promote(DeploymentPromote),
    /// Unblock a deployment that waits for another region
    #[command(override_usage = "drover deployment unblock [options] <deployment id>")]
    Unblock(DeploymentAct),
}

/// `deployment list`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct DeploymentList {
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

/// `deployment status`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct DeploymentStatus {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Watch the deployment until it ends
    #[arg(long)]
    pub monitor: bool,
    /// Pause between two looks of -monitor
    #[arg(long, value_name = "duration")]
    pub wait: Option<String>,
    /// Output the answer in JSON format
    #[arg(long)]
    pub json: bool,
    /// Format the answer with a Go template
    #[arg(long, value_name = "template")]
    pub t: Option<String>,
    /// Id or prefix.
    #[arg(hide = true)]
    pub deployment: Option<String>,
}

/// `deployment fail|pause|resume|unblock`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct DeploymentAct {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Return at once in place of monitoring the evaluation
    #[arg(long)]
    pub detach: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Id or prefix.
    #[arg(hide = true)]
    pub deployment: String,
}

/// `deployment promote`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct DeploymentPromote {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Return at once in place of monitoring the evaluation
    #[arg(long)]
    pub detach: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Group to promote. May be repeated; all of them unless given
    #[arg(long, value_name = "group")]
    pub group: Vec<String>,
    /// Id or prefix.
    #[arg(hide = true)]
    pub deployment: String,
}
