//! `node meta …` and `node config`.

use super::{Format, General};
use clap::{Args, Subcommand};

/// Commands of the group `node meta`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum NodeMetaCommand {
    /// Change the metadata of a node
    #[command(override_usage = "drover node meta apply [-node-id ...] [-unset ...] key1=value1 ... kN=vN")]
    Apply(NodeMetaApply),
    /// Display the metadata of a node
    #[command(override_usage = "drover node meta read [options]")]
    Read(NodeMetaRead),
}

/// `node meta apply`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct NodeMetaApply {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Id or prefix of the node. Default: the node of the agent that answers
    #[arg(long, value_name = "node-id")]
    pub node_id: Option<String>,
    /// Keys to remove, separated by commas
    #[arg(long, value_name = "key,...")]
    pub unset: Option<String>,
    /// What to set, key=value.
    #[arg(hide = true)]
    pub pairs: Vec<String>,
}

/// `node meta read`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct NodeMetaRead {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Id or prefix of the node. Default: the node of the agent that answers
    #[arg(long, value_name = "node-id")]
    pub node_id: Option<String>,
    /// JSON or a template in place of text.
    #[command(flatten)]
    pub format: Format,
}

/// `node config`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct NodeConfig {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display the servers that the client knows
    #[arg(long)]
    pub servers: bool,
    /// Replace the servers that the client knows by the arguments
    #[arg(long)]
    pub update_servers: bool,
    /// Addresses of servers, `host:port`.
    #[arg(hide = true)]
    pub addresses: Vec<String>,
}
