//! Commands about what this edition does not have (quotas, Sentinel, recommendations, licences), or not yet (access
//! control, volumes, plugins): they ask, and say what the servers answered. And `config validate`.

use super::{Format, General, Listed, One, Plain, Shown, ShownOne};
use clap::{Args, Subcommand};

/// Commands of the group `quota`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum QuotaCommand {
    /// List quotas
    #[command(override_usage = "drover quota list [options]")]
    List(Shown),
    /// Display the use of a quota
    #[command(override_usage = "drover quota status [options] <quota>")]
    Status(ShownOne),
    /// Display a quota
    #[command(override_usage = "drover quota inspect [options] <quota>")]
    Inspect(ShownOne),
    /// Delete a quota
    #[command(override_usage = "drover quota delete [options] <quota>")]
    Delete(One),
    /// Create or update a quota
    #[command(override_usage = "drover quota apply [options] <input>")]
    Apply(QuotaApply),
}

/// `quota apply`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct QuotaApply {
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

/// Commands of the group `sentinel`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum SentinelCommand {
    /// List policies
    #[command(override_usage = "drover sentinel list [options]")]
    List(Plain),
    /// Display a policy
    #[command(override_usage = "drover sentinel read [options] <name>")]
    Read(SentinelRead),
    /// Delete a policy
    #[command(override_usage = "drover sentinel delete [options] <name>")]
    Delete(One),
    /// Create or update a policy
    #[command(override_usage = "drover sentinel apply [options] <name> <file>")]
    Apply(SentinelApply),
}

/// `sentinel read`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct SentinelRead {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display the text of the policy only
    #[arg(long)]
    pub raw: bool,
    /// Its name.
    #[arg(hide = true)]
    pub name: String,
}

/// `sentinel apply`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct SentinelApply {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// What it is for
    #[arg(long, value_name = "text")]
    pub description: Option<String>,
    /// What it is asked about
    #[arg(long, value_name = "scope")]
    pub scope: Option<String>,
    /// advisory, soft-mandatory or hard-mandatory. Default advisory
    #[arg(long, value_name = "level")]
    pub level: Option<String>,
    /// Its name.
    #[arg(hide = true)]
    pub name: String,
    /// Path of the file; `-` is standard input.
    #[arg(hide = true)]
    pub file: String,
}

/// Commands of the group `license`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum LicenseCommand {
    /// Display the license of the servers
    #[command(override_usage = "drover license get [options]")]
    Get(Plain),
}

/// Commands of the group `recommendation`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum RecommendationCommand {
    /// List recommendations
    #[command(override_usage = "drover recommendation list [options]")]
    List(Shown),
    /// Display a recommendation
    #[command(override_usage = "drover recommendation info [options] <recommendation_id>")]
    Info(ShownOne),
}

/// Commands of the group `acl`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum AclCommand {
    /// Make the first token
    #[command(override_usage = "drover acl bootstrap [options]")]
    Bootstrap(AclBootstrap),
    /// Interact with policies
    #[command(subcommand, override_usage = "drover acl policy <subcommand> [options] [args]")]
    Policy(AclPolicyCommand),
    /// Interact with tokens
    #[command(subcommand, override_usage = "drover acl token <subcommand> [options] [args]")]
    Token(AclTokenCommand),
    /// Interact with roles
    #[command(subcommand, override_usage = "drover acl role <subcommand> [options] [args]")]
    Role(AclNoun),
    /// Interact with authentication methods
    #[command(subcommand, override_usage = "drover acl auth-method <subcommand> [options] [args]")]
    AuthMethod(AclNoun),
    /// Interact with binding rules
    #[command(subcommand, override_usage = "drover acl binding-rule <subcommand> [options] [args]")]
    BindingRule(AclNoun),
}

/// `acl bootstrap`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AclBootstrap {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// JSON or a template in place of text.
    #[command(flatten)]
    pub format: Format,
    /// File with the secret of the token.
    #[arg(hide = true)]
    pub file: Option<String>,
}

/// What can be asked of each noun of access control.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum AclNoun {
    /// List all of them
    List(Shown),
    /// Display one
    Info(ShownOne),
    /// Delete one
    Delete(One),
}

/// Commands of the group `acl policy`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum AclPolicyCommand {
    /// List policies
    #[command(override_usage = "drover acl policy list [options]")]
    List(Shown),
    /// Display a policy
    #[command(override_usage = "drover acl policy info [options] <name>")]
    Info(ShownOne),
    /// Display the policies of one's own token
    #[command(name = "self", override_usage = "drover acl policy self [options]")]
    Own(Shown),
    /// Delete a policy
    #[command(override_usage = "drover acl policy delete [options] <name>")]
    Delete(One),
}

/// Commands of the group `acl token`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum AclTokenCommand {
    /// List tokens
    #[command(override_usage = "drover acl token list [options]")]
    List(Shown),
    /// Display a token
    #[command(override_usage = "drover acl token info [options] <token_accessor_id>")]
    Info(ShownOne),
    /// Display one's own token
    #[command(name = "self", override_usage = "drover acl token self [options]")]
    Own(Plain),
    /// Delete a token
    #[command(override_usage = "drover acl token delete [options] <token_accessor_id>")]
    Delete(One),
}

/// `login`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct Login {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// The authentication method. Default: the one that the servers take
    #[arg(long, value_name = "name")]
    pub method: Option<String>,
    /// A token of another party
    #[arg(long, value_name = "token")]
    pub login_token: Option<String>,
    /// JSON or a template in place of text.
    #[command(flatten)]
    pub format: Format,
}

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
