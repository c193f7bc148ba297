//! `volume …` and `plugin …`, as far as there can be any, and `config validate`.

use super::{General, Listed};
use clap::{Args, Subcommand};

/// Commands of the group `volume`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum VolumeCommand {
    /// Display the status of volumes
    #[command(override_usage = "drover volume status [options] <id>")]
    Status(VolumeStatus),
    /// Forget a volume
    #[command(override_usage = "drover volume deregister [options] <id>")]
    Deregister(VolumeDeregister),
}

/// `volume status`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct VolumeStatus {
    /// Connection and output options.
    #[command(flatten)]
    pub list: Listed,
    /// csi or host. Default both
    #[arg(long = "type", value_name = "type")]
    pub kind: Option<String>,
    /// Only volumes of this plugin
    #[arg(long, value_name = "id")]
    pub plugin_id: Option<String>,
    /// Only volumes of this node
    #[arg(long, value_name = "id")]
    pub node: Option<String>,
    /// Only volumes of this node pool
    #[arg(long, value_name = "name")]
    pub node_pool: Option<String>,
    /// Display short output
    #[arg(long)]
    pub short: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Id or prefix; without one, volumes are listed.
    #[arg(hide = true)]
    pub id: Option<String>,
}

/// `volume deregister`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct VolumeDeregister {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Forget it even if it is in use
    #[arg(long)]
    pub force: bool,
    /// Id or prefix.
    #[arg(hide = true)]
    pub id: String,
}

/// Commands of the group `plugin`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum PluginCommand {
    /// Display the status of plugins
    #[command(override_usage = "drover plugin status [options] <plugin>")]
    Status(PluginStatus),
}

/// `plugin status`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct PluginStatus {
    /// Connection and output options.
    #[command(flatten)]
    pub list: Listed,
    /// The kind of plugins; csi is the only one
    #[arg(long = "type", value_name = "type")]
    pub kind: Option<String>,
    /// Display short output
    #[arg(long)]
    pub short: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Id or prefix; without one, plugins are listed.
    #[arg(hide = true)]
    pub id: Option<String>,
}

/// Commands of the group `config`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum ConfigCommand {
    /// Check configuration files and directories
    #[command(override_usage = "drover config validate [options] <config_path> [<config_path...>]")]
    Validate(ConfigValidate),
}

/// `config validate`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ConfigValidate {
    /// Files and directories.
    #[arg(hide = true)]
    pub paths: Vec<String>,
}
