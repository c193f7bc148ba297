//! `node pool …`.

use super::{Example, Format, General, Listed, One, Page, ShownOne};
use clap::{Args, Subcommand};

/// Commands of the group `node pool`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum NodePoolCommand {
    /// List node pools
    #[command(override_usage = "drover node pool list [options]")]
    List(Listed),
    /// Display a node pool
    #[command(override_usage = "drover node pool info [options] <node-pool>")]
    Info(ShownOne),
    /// Create an example of a node pool's file
    #[command(override_usage = "drover node pool init [options] <filename>")]
    Init(Example),
    /// Create or update a node pool
    #[command(override_usage = "drover node pool apply [options] <input>")]
    Apply(NodePoolApply),
    /// Delete a node pool
    #[command(override_usage = "drover node pool delete [options] <node-pool>")]
    Delete(One),
    /// List the nodes of a node pool
    #[command(override_usage = "drover node pool nodes [options] <node-pool>")]
    Nodes(NodePoolMembers),
    /// List the jobs of a node pool
    #[command(override_usage = "drover node pool jobs [options] <node-pool>")]
    Jobs(NodePoolMembers),
}

/// `node pool apply`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct NodePoolApply {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// The file is JSON
    #[arg(long)]
    pub json: bool,
    /// Path of the file; `-` is standard input.
    #[arg(hide = true)]
    pub input: String,
}

/// `node pool nodes|jobs`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct NodePoolMembers {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Which part of the list.
    #[command(flatten)]
    pub page: Page,
    /// Display ids only
    #[arg(long)]
    pub quiet: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Name or prefix.
    #[arg(hide = true)]
    pub name: String,
}
