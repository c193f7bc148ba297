//! `server …`, `agent-info`, `monitor` and `ui`.

use super::{Format, General};
use clap::{Args, Subcommand};

/// Commands of the group `server`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum ServerCommand {
    /// Display the known servers and their status
    #[command(override_usage = "drover server members [options]")]
    Members(ServerMembers),
    /// Have the agent join servers
    #[command(override_usage = "drover server join [options] <addr> [<addr>...]")]
    Join(ServerJoin),
    /// Take a server that is gone out of the cluster
    #[command(override_usage = "drover server force-leave [options] <node>")]
    ForceLeave(ServerForceLeave),
}

/// `server members`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ServerMembers {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Older name of -verbose
    #[arg(long)]
    pub detailed: bool,
    /// Display the tags of each server
    #[arg(long)]
    pub verbose: bool,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
}

/// `server join`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ServerJoin {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Addresses of servers.
    #[arg(hide = true)]
    pub addresses: Vec<String>,
}

/// `server force-leave`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ServerForceLeave {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Forget the server altogether
    #[arg(long)]
    pub prune: bool,
    /// Its name.
    #[arg(hide = true)]
    pub node: String,
}

/// `agent-info`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AgentInfo {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// JSON or a template in place of text.
    #[command(flatten)]
    pub format: Format,
}

/// `monitor`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct Monitor {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// TRACE, DEBUG, INFO, WARN or ERROR. Default INFO
    #[arg(long, value_name = "level")]
    pub log_level: Option<String>,
    /// Lines as JSON
    #[arg(long)]
    pub json: bool,
    /// Accepted; lines never name the source
    #[arg(long)]
    pub log_include_location: bool,
    /// Id or prefix of the node whose agent is followed
    #[arg(long, value_name = "node-id")]
    pub node_id: Option<String>,
    /// Name or id of the server that is followed, or leader
    #[arg(long, value_name = "server-id")]
    pub server_id: Option<String>,
}

/// `ui`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct Ui {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Sign in with a token that can be used once
    #[arg(long)]
    pub authenticate: bool,
    /// Print the URL in place of opening it
    #[arg(long)]
    pub show_url: bool,
    /// Id or prefix of what is to be shown.
    #[arg(hide = true)]
    pub identifier: Option<String>,
}
