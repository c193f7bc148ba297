//! What operators set for the whole cluster: the scheduler's configuration and the autopilot's.

use serde::{Deserialize, Serialize};

use crate::eval::named;

named!(
    /// How nodes are chosen among those that fit.
    SchedulerAlgorithm {
        /// Fill nodes up.
        #[default]
        Binpack = "binpack",
        /// Keep nodes evenly loaded.
        Spread = "spread",
    }
);

/// How jobs are scheduled in the whole cluster: `SchedulerConfiguration` of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct SchedulerConfiguration {
    /// How nodes are chosen.
    pub algorithm: SchedulerAlgorithm,
    /// Which kinds of jobs may displace others.
    pub preemption: PreemptionConfig,
    /// Tasks may use more memory than they reserve.
    pub memory_oversubscription: bool,
    /// Only management tokens may register jobs.
    pub reject_job_registration: bool,
    /// No evaluation is processed.
    pub pause_eval_broker: bool,
    /// Nodes that are looked at for one placement; 0 for as many as the scheduler thinks right.
    pub node_limit_for_feasibility_checks: u64,
    /// Index of its creation.
    pub create_index: u64,
    /// Index of its last change.
    pub modify_index: u64,
}

/// Which kinds of jobs may displace others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct PreemptionConfig {
    /// System jobs.
    pub system: bool,
    /// System batch jobs.
    pub sysbatch: bool,
    /// Batch jobs.
    pub batch: bool,
    /// Services.
    pub service: bool,
}

impl SchedulerConfiguration {
    /// What a cluster begins with.
    pub fn initial() -> Self {
        let preemption = PreemptionConfig { system: true, ..PreemptionConfig::default() };
        SchedulerConfiguration { preemption, ..SchedulerConfiguration::default() }
    }
}

/// How servers look after each other: `OperatorAutopilotConfiguration` of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct AutopilotConfiguration {
    /// Remove servers that are gone for good.
    pub cleanup_dead_servers: bool,
    /// Silence of a leader's voter that still counts as health, ns.
    pub last_contact_threshold_ns: i64,
    /// Entries that a healthy voter may lag behind.
    pub max_trailing_logs: u64,
    /// Servers that are never removed below.
    pub min_quorum: u64,
    /// How long a new server has to be healthy before it votes, ns.
    pub server_stabilization_time_ns: i64,
    /// Set by clients of another edition; kept and shown.
    pub enable_redundancy_zones: bool,
    /// Set by clients of another edition; kept and shown.
    pub disable_upgrade_migration: bool,
    /// Set by clients of another edition; kept and shown.
    pub enable_custom_upgrades: bool,
    /// Index of its creation.
    pub create_index: u64,
    /// Index of its last change.
    pub modify_index: u64,
}

impl AutopilotConfiguration {
    /// What a cluster begins with.
    pub fn initial() -> Self {
        AutopilotConfiguration {
            cleanup_dead_servers: true,
            last_contact_threshold_ns: 200_000_000,
            max_trailing_logs: 250,
            server_stabilization_time_ns: 10_000_000_000,
            ..AutopilotConfiguration::default()
        }
    }
}
