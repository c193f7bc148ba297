//! `node status`.

use super::{
    Format, General, NodeConfig, NodeDrain, NodeEligibility, NodeMetaCommand, NodePoolCommand, Page,
};
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
    /// View or change the client part of an agent
    #[command(override_usage = "drover node config [options]")]
    Config(NodeConfig),
    /// Interact with the metadata of nodes
    #[command(subcommand, override_usage = "drover node meta [subcommand]")]
    Meta(NodeMetaCommand),
    /// Interact with node pools
    #[command(subcommand, override_usage = "drover node pool <subcommand> [options] [args]")]
    Pool(NodePoolCommand),
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
    /// Which part of the list.
    #[command(flatten)]
    pub page: Page,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Id or prefix; without one, nodes are listed.
    #[arg(hide = true)]
    pub node: Option<String>,
}
