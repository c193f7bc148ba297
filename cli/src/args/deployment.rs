//! `deployment …`.

use super::{Format, General, Page, Watch};
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
    /// Which part of the list.
    #[command(flatten)]
    pub page: Page,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
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
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
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
    /// What follows the registration of an evaluation.
    #[command(flatten)]
    pub watch: Watch,
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
    /// What follows the registration of an evaluation.
    #[command(flatten)]
    pub watch: Watch,
    /// Group to promote. May be repeated; all of them unless given
    #[arg(long, value_name = "group")]
    pub group: Vec<String>,
    /// Id or prefix.
    #[arg(hide = true)]
    pub deployment: String,
}
