//! `node status`.

use super::{General, NodeDrain, NodeEligibility};
use clap::{Args, Subcommand};

/// Commands of the group `node`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum NodeCommand {
    /// Display status information about nodes
    #[command(override_usage = "drover node status [options] <node>")]
    Status(NodeStatus),
    /// Toggle drain mode on a given node
    #[command(override_usage = "drover node drain [options] <node>")]
    Drain(NodeDrain),
    /// Toggle scheduling eligibility for a given node
    #[command(override_usage = "drover node eligibility [options] <node>")]
    Eligibility(NodeEligibility),
}

/// `node status`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct NodeStatus {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Query the node of the agent that answers
    #[arg(long = "self")]
    pub own: bool,
    /// Display the use of resources
    #[arg(long)]
    pub stats: bool,
    /// Display the number of running allocations of each node
    #[arg(long)]
    pub allocs: bool,
    /// Display short output
    #[arg(long)]
    pub short: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Display ids only
    #[arg(long)]
    pub quiet: bool,
    /// Display the operating system
    #[arg(long)]
    pub os: bool,
    /// Nodes per page
    #[arg(long, value_name = "n")]
    pub per_page: Option<i32>,
    /// Where the page starts
    #[arg(long, value_name = "token")]
    pub page_token: Option<String>,
    /// Expression that nodes must match
    #[arg(long, value_name = "expression")]
    pub filter: Option<String>,
    /// Output the nodes in JSON format
    #[arg(long)]
    pub json: bool,
    /// Format the nodes with a Go template
    #[arg(long, value_name = "template")]
    pub t: Option<String>,
    /// Id or prefix; without one, nodes are listed.
    #[arg(hide = true)]
    pub node: Option<String>,
}
