//! Commands about what this edition does not have: quotas, Sentinel, recommendations, licences. They ask, and say what
//! the servers answered.

use super::{General, One, Plain, Shown, ShownOne};
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
