//! `node drain|eligibility`.

use super::General;
use clap::Args;

/// `node drain`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct NodeDrain {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Drain the node
    #[arg(long)]
    pub enable: bool,
    /// End the drain
    #[arg(long)]
    pub disable: bool,
    /// When what is left is stopped. Default 1h
    #[arg(long, value_name = "duration")]
    pub deadline: Option<String>,
    /// Stop everything at once
    #[arg(long)]
    pub force: bool,
    /// Wait as long as it takes
    #[arg(long)]
    pub no_deadline: bool,
    /// Leave system jobs alone
    #[arg(long)]
    pub ignore_system: bool,
    /// With -disable: the node stays ineligible
    #[arg(long)]
    pub keep_ineligible: bool,
    /// Message stored with the drain
    #[arg(long, value_name = "text")]
    pub m: Option<String>,
    /// Meta stored with the drain, key=value
    #[arg(long, value_name = "key=value")]
    pub meta: Vec<String>,
    /// The node of the agent that answers
    #[arg(long = "self")]
    pub own: bool,
    /// Watch a drain that is under way
    #[arg(long)]
    pub monitor: bool,
    /// Return at once in place of monitoring the evaluation
    #[arg(long)]
    pub detach: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    pub yes: bool,
    /// Id or prefix.
    #[arg(hide = true)]
    pub node: Option<String>,
}

/// `node eligibility`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct NodeEligibility {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// The node may be given work
    #[arg(long)]
    pub enable: bool,
    /// The node is given no more work
    #[arg(long)]
    pub disable: bool,
    /// The node of the agent that answers
    #[arg(long = "self")]
    pub own: bool,
    /// Id or prefix.
    #[arg(hide = true)]
    pub node: Option<String>,
}
