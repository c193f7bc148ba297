//! `operator scheduler …` and `operator autopilot …`.

use super::go_value::{GoBool, GoDuration, GoUint};
use super::{General, Shown};
use clap::{Args, Subcommand};

/// Commands of the group `operator scheduler`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum SchedulerCommand {
    /// Display the scheduler's configuration
    #[command(override_usage = "drover operator scheduler get-config [options]")]
    GetConfig(Shown),
    /// Change the scheduler's configuration
    #[command(override_usage = "drover operator scheduler set-config [options]")]
    SetConfig(SchedulerSetConfig),
}

/// `operator scheduler set-config`. What is not given stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct SchedulerSetConfig {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Change it only if its modify index is this one
    #[arg(long, value_name = "index")]
    pub check_index: Option<String>,
    /// binpack or spread
    #[arg(long, value_name = "algorithm")]
    pub scheduler_algorithm: Option<String>,
    /// Whether memory_max counts
    #[arg(long, value_name = "bool")]
    pub memory_oversubscription: Option<GoBool>,
    /// Whether jobs are refused from all but management tokens
    #[arg(long, value_name = "bool")]
    pub reject_job_registration: Option<GoBool>,
    /// Whether evaluations wait
    #[arg(long, value_name = "bool")]
    pub pause_eval_broker: Option<GoBool>,
    /// Whether batch jobs may displace others
    #[arg(long, value_name = "bool")]
    pub preempt_batch_scheduler: Option<GoBool>,
    /// Whether service jobs may displace others
    #[arg(long, value_name = "bool")]
    pub preempt_service_scheduler: Option<GoBool>,
    /// Whether sysbatch jobs may displace others
    #[arg(long, value_name = "bool")]
    pub preempt_sysbatch_scheduler: Option<GoBool>,
    /// Whether system jobs may displace others
    #[arg(long, value_name = "bool")]
    pub preempt_system_scheduler: Option<GoBool>,
    /// How many nodes are looked at for a placement; 0: as many as the scheduler thinks right
    #[arg(long, value_name = "n")]
    pub node_limit_for_feasibility_checks: Option<GoUint>,
}

/// Commands of the group `operator autopilot`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum AutopilotCommand {
    /// Display how servers look after each other
    #[command(override_usage = "drover operator autopilot get-config [options]")]
    GetConfig(super::Plain),
    /// Change how servers look after each other
    #[command(override_usage = "drover operator autopilot set-config [options]")]
    SetConfig(AutopilotSetConfig),
    /// Display the health of the servers
    #[command(override_usage = "drover operator autopilot health [options]")]
    Health(AutopilotHealth),
}

/// `operator autopilot set-config`. What is not given stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct AutopilotSetConfig {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Whether servers that are gone are removed when one joins
    #[arg(long, value_name = "bool")]
    pub cleanup_dead_servers: Option<GoBool>,
    /// How many log entries a healthy server may be behind
    #[arg(long, value_name = "n")]
    pub max_trailing_logs: Option<GoUint>,
    /// How many servers are never gone below
    #[arg(long, value_name = "n")]
    pub min_quorum: Option<GoUint>,
    /// How long a healthy server may be silent
    #[arg(long, value_name = "duration")]
    pub last_contact_threshold: Option<GoDuration>,
    /// How long a server is healthy before it may vote
    #[arg(long, value_name = "duration")]
    pub server_stabilization_time: Option<GoDuration>,
    /// Whether a voter of each zone is kept
    #[arg(long, value_name = "bool")]
    pub enable_redundancy_zones: Option<GoBool>,
    /// Whether upgrades happen without moving votes
    #[arg(long, value_name = "bool")]
    pub disable_upgrade_migration: Option<GoBool>,
    /// Whether upgrades go by the operator's own versions
    #[arg(long, value_name = "bool")]
    pub enable_custom_upgrades: Option<GoBool>,
}

/// `operator autopilot health`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AutopilotHealth {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Output the answer in JSON format
    #[arg(long)]
    pub json: bool,
}
