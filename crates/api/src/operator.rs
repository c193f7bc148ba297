//! The configurations of the Operator page.

use model::operator::{PreemptionConfig, SchedulerAlgorithm};

use crate::shape::shape;
use crate::time::GoDuration;

shape! {
    /// Answer to a read of the scheduler's configuration.
    SchedulerAnswer {
        "Index" index: u64,
        "KnownLeader" known_leader: bool,
        "LastContact" last_contact: u64,
        "NextToken" next_token: String,
        "SchedulerConfig" scheduler_config: SchedulerConfiguration,
    }
    /// Answer to a change of the scheduler's configuration.
    SchedulerUpdated { "Index" index: u64, "Updated" updated: bool }
    /// How jobs are scheduled.
    SchedulerConfiguration {
        "CreateIndex" create_index: u64,
        "MemoryOversubscriptionEnabled" memory_oversubscription: bool,
        "ModifyIndex" modify_index: u64,
        "NodeLimitForFeasibilityChecks" node_limit_for_feasibility_checks: u64,
        "PauseEvalBroker" pause_eval_broker: bool,
        "PreemptionConfig" preemption: Preemption,
        "RejectJobRegistration" reject_job_registration: bool,
        "SchedulerAlgorithm" algorithm: String,
    }
    /// Which kinds of jobs may displace others.
    Preemption {
        "BatchSchedulerEnabled" batch: bool,
        "ServiceSchedulerEnabled" service: bool,
        "SysBatchSchedulerEnabled" sysbatch: bool,
        "SystemSchedulerEnabled" system: bool,
    }
    /// How servers look after each other.
    Autopilot {
        "CleanupDeadServers" cleanup_dead_servers: bool,
        "CreateIndex" create_index: u64,
        "DisableUpgradeMigration" disable_upgrade_migration: bool,
        "EnableCustomUpgrades" enable_custom_upgrades: bool,
        "EnableRedundancyZones" enable_redundancy_zones: bool,
        "LastContactThreshold" last_contact_threshold: GoDuration,
        "MaxTrailingLogs" max_trailing_logs: u64,
        "MinQuorum" min_quorum: u64,
        "ModifyIndex" modify_index: u64,
        "ServerStabilizationTime" server_stabilization_time: GoDuration,
    }
    /// Health of the servers.
    AutopilotHealth {
        "FailureTolerance" failure_tolerance: u64,
        "Healthy" healthy: bool,
        "Leader" leader: String,
        "Servers" servers: Vec<ServerHealth>,
        "Voters" voters: Vec<String>,
    }
    /// Health of one server.
    ServerHealth {
        "Address" address: String,
        "Healthy" healthy: bool,
        "ID" id: String,
        "LastContact" last_contact: GoDuration,
        "LastIndex" last_index: u64,
        "LastTerm" last_term: u64,
        "Leader" leader: bool,
        "Name" name: String,
        "SerfStatus" serf_status: String,
        "StableSince" stable_since: String,
        "Version" version: String,
        "Voter" voter: bool,
    }
}

impl From<&model::SchedulerConfiguration> for SchedulerConfiguration {
    fn from(config: &model::SchedulerConfiguration) -> Self {
        let preemption = config.preemption;
        SchedulerConfiguration {
            create_index: config.create_index,
            memory_oversubscription: config.memory_oversubscription,
            modify_index: config.modify_index,
            node_limit_for_feasibility_checks: config.node_limit_for_feasibility_checks,
            pause_eval_broker: config.pause_eval_broker,
            preemption: Preemption {
                batch: preemption.batch,
                service: preemption.service,
                sysbatch: preemption.sysbatch,
                system: preemption.system,
            },
            reject_job_registration: config.reject_job_registration,
            algorithm: config.algorithm.as_str().to_owned(),
        }
    }
}

impl SchedulerConfiguration {
    /// The configuration, or the name of an algorithm that there is not.
    ///
    /// # Errors
    /// The text that refuses the algorithm.
    pub fn into_model(self) -> Result<model::SchedulerConfiguration, String> {
        let algorithm = match self.algorithm.as_str() {
            "" | "binpack" => SchedulerAlgorithm::Binpack,
            "spread" => SchedulerAlgorithm::Spread,
            other => return Err(format!("invalid scheduler algorithm: {other}")),
        };
        Ok(model::SchedulerConfiguration {
            algorithm,
            preemption: PreemptionConfig {
                system: self.preemption.system,
                sysbatch: self.preemption.sysbatch,
                batch: self.preemption.batch,
                service: self.preemption.service,
            },
            memory_oversubscription: self.memory_oversubscription,
            reject_job_registration: self.reject_job_registration,
            pause_eval_broker: self.pause_eval_broker,
            node_limit_for_feasibility_checks: self.node_limit_for_feasibility_checks,
            ..model::SchedulerConfiguration::default()
        })
    }
}

impl From<&model::AutopilotConfiguration> for Autopilot {
    fn from(config: &model::AutopilotConfiguration) -> Self {
        Autopilot {
            cleanup_dead_servers: config.cleanup_dead_servers,
            create_index: config.create_index,
            disable_upgrade_migration: config.disable_upgrade_migration,
            enable_custom_upgrades: config.enable_custom_upgrades,
            enable_redundancy_zones: config.enable_redundancy_zones,
            last_contact_threshold: GoDuration(config.last_contact_threshold_ns),
            max_trailing_logs: config.max_trailing_logs,
            min_quorum: config.min_quorum,
            modify_index: config.modify_index,
            server_stabilization_time: GoDuration(config.server_stabilization_time_ns),
        }
    }
}

impl From<Autopilot> for model::AutopilotConfiguration {
    fn from(config: Autopilot) -> Self {
        model::AutopilotConfiguration {
            cleanup_dead_servers: config.cleanup_dead_servers,
            last_contact_threshold_ns: config.last_contact_threshold.0,
            max_trailing_logs: config.max_trailing_logs,
            min_quorum: config.min_quorum,
            server_stabilization_time_ns: config.server_stabilization_time.0,
            enable_redundancy_zones: config.enable_redundancy_zones,
            disable_upgrade_migration: config.disable_upgrade_migration,
            enable_custom_upgrades: config.enable_custom_upgrades,
            ..model::AutopilotConfiguration::default()
        }
    }
}
