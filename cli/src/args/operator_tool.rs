//! `operator api|metrics|debug|snapshot …`.

use super::{Format, General};
use clap::{Args, Subcommand};

/// `operator api`.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct OperatorApi {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// The method. Default GET; POST when standard input is a pipe or a file
    #[arg(long = "X", value_name = "method")]
    pub method: Option<String>,
    /// A header of the request, name: value. May be repeated
    #[arg(long = "H", value_name = "header")]
    pub header: Vec<String>,
    /// Expression that the listed must match
    #[arg(long, value_name = "expression")]
    pub filter: Option<String>,
    /// Say on standard error what is sent and answered
    #[arg(long)]
    pub verbose: bool,
    /// Print the request as a command of curl in place of sending it
    #[arg(long)]
    pub dryrun: bool,
    /// Path below the agent's address, or a whole URL.
    #[arg(hide = true)]
    pub path: String,
}

/// `operator metrics`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct OperatorMetrics {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// json or prometheus. Default json
    #[arg(long, value_name = "format")]
    pub format: Option<String>,
    /// Indent the JSON
    #[arg(long)]
    pub pretty: bool,
    /// The same as -pretty
    #[arg(long)]
    pub json: bool,
    /// Format the answer with a Go template
    #[arg(long, value_name = "template")]
    pub t: Option<String>,
}

/// Commands of the group `operator snapshot`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum SnapshotCommand {
    /// Save what the servers hold to a file
    #[command(override_usage = "drover operator snapshot save [options] <file>")]
    Save(SnapshotSave),
    /// Display what a saved file says of itself
    #[command(override_usage = "drover operator snapshot inspect [options] <file>")]
    Inspect(SnapshotInspect),
    /// Give the servers back what a file holds
    #[command(override_usage = "drover operator snapshot restore [options] <file>")]
    Restore(SnapshotFile),
    /// Display what a saved file holds
    #[command(override_usage = "drover operator snapshot state [options] <file>")]
    State(SnapshotFile),
}

/// `operator snapshot save`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct SnapshotSave {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Let a server that is not the leader answer
    #[arg(long)]
    pub stale: bool,
    /// The file; without one, a name with the time.
    #[arg(hide = true)]
    pub file: Option<String>,
}

/// `operator snapshot inspect`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct SnapshotInspect {
    /// JSON or a template in place of text.
    #[command(flatten)]
    pub format: Format,
    /// The file.
    #[arg(hide = true)]
    pub file: String,
}

/// `operator snapshot restore|state`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct SnapshotFile {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// The file.
    #[arg(hide = true)]
    pub file: String,
}

/// `operator debug`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct OperatorDebug {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// How long logs are followed and states are looked at. Default 2m
    #[arg(long, value_name = "duration")]
    pub duration: Option<String>,
    /// Pause between two looks. Default 30s
    #[arg(long, value_name = "duration")]
    pub interval: Option<String>,
    /// Level of the logs that are followed. Default TRACE
    #[arg(long, value_name = "level")]
    pub log_level: Option<String>,
    /// How many nodes are asked. Default 10; 0: all
    #[arg(long, value_name = "n")]
    pub max_nodes: Option<usize>,
    /// Ids or prefixes of nodes, separated by commas. Default all
    #[arg(long, value_name = "id,...")]
    pub node_id: Option<String>,
    /// Names of servers, separated by commas, or leader or all. Default all
    #[arg(long, value_name = "name,...")]
    pub server_id: Option<String>,
    /// Directory in which a folder is written in place of an archive
    #[arg(long, value_name = "path")]
    pub output: Option<String>,
    /// Let servers that are not the leader answer
    #[arg(long)]
    pub stale: bool,
    /// Say more
    #[arg(long)]
    pub verbose: bool,
}
