//! `namespace …`.

use super::{General, One, Shown, ShownOne};
use clap::{Args, Subcommand};

/// Commands of the group `namespace`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum NamespaceCommand {
    /// List namespaces
    #[command(override_usage = "drover namespace list [options]")]
    List(Shown),
    /// Display the status of a namespace
    #[command(override_usage = "drover namespace status [options] <namespace>")]
    Status(ShownOne),
    /// Inspect a namespace
    #[command(override_usage = "drover namespace inspect [options] <namespace>")]
    Inspect(NamespaceInspect),
    /// Create or update a namespace
    #[command(override_usage = "drover namespace apply [options] <input>")]
    Apply(NamespaceApply),
    /// Delete a namespace
    #[command(override_usage = "drover namespace delete [options] <namespace>")]
    Delete(One),
}

/// `namespace inspect`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct NamespaceInspect {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Format the answer with a Go template
    #[arg(long, value_name = "template")]
    pub t: Option<String>,
    /// Name or prefix.
    #[arg(hide = true)]
    pub name: String,
}

/// `namespace apply`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct NamespaceApply {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// What it is for
    #[arg(long, value_name = "text")]
    pub description: Option<String>,
    /// The quota that limits it
    #[arg(long, value_name = "name")]
    pub quota: Option<String>,
    /// The file is JSON
    #[arg(long)]
    pub json: bool,
    /// Name, or path of a file; `-` is standard input.
    #[arg(hide = true)]
    pub input: String,
}
