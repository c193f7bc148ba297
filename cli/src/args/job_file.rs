//! `job plan|validate|init`.

use super::General;
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
    /// The path names a job in JSON, with or without a "Job" object around it
    #[arg(long)]
    pub json: bool,
    /// Whether an unknown variable is an error. Default true
    #[arg(long)]
    pub hcl2_strict: Option<bool>,
    /// Value of a variable of the job file, name=value. May be repeated
    #[arg(long, value_name = "name=value")]
    pub var: Vec<String>,
    /// File with values of variables. May be repeated
    #[arg(long, value_name = "path")]
    pub var_file: Vec<String>,
    /// Accepted and passed on
    #[arg(long, value_name = "token")]
    pub vault_token: Option<String>,
    /// Accepted and passed on
    #[arg(long, value_name = "namespace")]
    pub vault_namespace: Option<String>,
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
    /// The path names a job in JSON, with or without a "Job" object around it
    #[arg(long)]
    pub json: bool,
    /// Whether an unknown variable is an error. Default true
    #[arg(long)]
    pub hcl2_strict: Option<bool>,
    /// Value of a variable of the job file, name=value. May be repeated
    #[arg(long, value_name = "name=value")]
    pub var: Vec<String>,
    /// File with values of variables. May be repeated
    #[arg(long, value_name = "path")]
    pub var_file: Vec<String>,
    /// Accepted and passed on
    #[arg(long, value_name = "token")]
    pub vault_token: Option<String>,
    /// Accepted and passed on
    #[arg(long, value_name = "namespace")]
    pub vault_namespace: Option<String>,
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
