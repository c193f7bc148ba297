//! Commands that change a job that there is.

use super::{General, Watch};
use clap::{Args, Subcommand};

/// Commands of the group `job periodic`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum PeriodicCommand {
    /// Force the launch of a periodic job
    #[command(override_usage = "drover job periodic force <job id>")]
    Force(JobPeriodicForce),
}

/// Commands of the group `job tag`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum TagCommand {
    /// Give a version of a job a name
    #[command(override_usage = "drover job tag apply [options] <job>")]
    Apply(JobTagApply),
    /// Take the name away
    #[command(override_usage = "drover job tag unset [options] <job>")]
    Unset(JobTagUnset),
}

/// `job revert`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobRevert {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// What follows the registration of an evaluation.
    #[command(flatten)]
    pub watch: Watch,
    /// The job, and its version or the name of a tag.
    #[arg(hide = true)]
    pub arguments: Vec<String>,
}

/// `job dispatch`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobDispatch {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// What follows the registration of an evaluation.
    #[command(flatten)]
    pub watch: Watch,
    /// Meta of the new job, key=value. May be repeated
    #[arg(long, value_name = "key=value")]
    pub meta: Vec<String>,
    /// Template of the beginning of the new id
    #[arg(long, value_name = "template")]
    pub id_prefix_template: Option<String>,
    /// With the same token only one job is launched
    #[arg(long, value_name = "token")]
    pub idempotency_token: Option<String>,
    /// Priority of the new job
    #[arg(long, value_name = "priority")]
    pub priority: Option<i32>,
    /// The job, and the file with the payload; `-` is standard input.
    #[arg(hide = true)]
    pub arguments: Vec<String>,
}

/// `job periodic force`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobPeriodicForce {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// What follows the registration of an evaluation.
    #[command(flatten)]
    pub watch: Watch,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}

/// `job eval`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobEval {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// What follows the registration of an evaluation.
    #[command(flatten)]
    pub watch: Watch,
    /// Reschedule failed allocations even if it is not their time
    #[arg(long)]
    pub force_reschedule: bool,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}

/// `job scale`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobScale {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// What follows the registration of an evaluation.
    #[command(flatten)]
    pub watch: Watch,
    /// Scale only if the job has this JobModifyIndex
    #[arg(long, value_name = "index")]
    pub check_index: Option<String>,
    /// The job, its group where there are several, and the count.
    #[arg(hide = true)]
    pub arguments: Vec<String>,
}

/// `job promote`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobPromote {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// What follows the registration of an evaluation.
    #[command(flatten)]
    pub watch: Watch,
    /// Group to promote. May be repeated; all of them unless given
    #[arg(long, value_name = "group")]
    pub group: Vec<String>,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}

/// `job start`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobStart {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// What follows the registration of an evaluation.
    #[command(flatten)]
    pub watch: Watch,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}

/// `job tag apply`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobTagApply {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Name of the tag
    #[arg(long, value_name = "name")]
    pub name: Option<String>,
    /// What it is for
    #[arg(long, value_name = "text")]
    pub description: Option<String>,
    /// The version; the newest unless given
    #[arg(long, value_name = "version")]
    pub version: Option<String>,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}

/// `job tag unset`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct JobTagUnset {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Name of the tag
    #[arg(long, value_name = "name")]
    pub name: Option<String>,
    /// Id or prefix.
    #[arg(hide = true)]
    pub job: String,
}
