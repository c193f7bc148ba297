//! `job plan|validate|init`.

use super::{General, Source};
use clap::Args;

/// `job plan`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobPlan {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Whether to show the difference to the running job. Default true
    #[arg(long)]
    pub diff: Option<bool>,
    /// Override soft mandatory policies
    #[arg(long)]
    pub policy_override: bool,
    /// Display the difference in full
    #[arg(long)]
    pub verbose: bool,
    /// How the job file is read.
    #[command(flatten)]
    pub source: Source,
    /// Path of the job file; `-` is standard input.
    #[arg(hide = true)]
    pub path: String,
}

/// `job validate`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobValidate {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// How the job file is read.
    #[command(flatten)]
    pub source: Source,
    /// Path of the job file; `-` is standard input.
    #[arg(hide = true)]
    pub path: String,
}

/// `job init`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobInit {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Write a file without comments
    #[arg(long)]
    pub short: bool,
    /// Write a file with a service mesh
    #[arg(long)]
    pub connect: bool,
    /// Name of a template stored in a variable
    #[arg(long, value_name = "name")]
    pub template: Option<String>,
    /// List the templates stored in variables
    #[arg(long)]
    pub list_templates: bool,
    /// File to write; example.nomad.hcl unless given.
    #[arg(hide = true)]
    pub filename: Option<String>,
}
