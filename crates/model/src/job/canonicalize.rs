//! Defaults: what a job means where it says nothing. The values are the documented ones.
//!
//! The JSON layer knows which fields were left out and fills them from here; nothing here looks at a request.

use super::{
    EphemeralDisk, JobType, LogConfig, MigrateStrategy, ReschedulePolicy, Resources, RestartMode,
    RestartPolicy, UpdateStrategy,
};

/// One second, ns.
pub const SECOND_NS: i64 = 1_000_000_000;
const MINUTE_NS: i64 = 60 * SECOND_NS;
const HOUR_NS: i64 = 60 * MINUTE_NS;

/// Priority of a job that names none.
pub const DEFAULT_PRIORITY: i64 = 50;
/// Region of a job that names none.
pub const DEFAULT_REGION: &str = "global";
/// Node pool of a job or node that names none.
pub const DEFAULT_NODE_POOL: &str = "default";
/// The pool that every node is in.
pub const ALL_NODE_POOL: &str = "all";
/// Datacenters of a job that names none.
pub const DEFAULT_DATACENTER_GLOB: &str = "*";
/// Time between kill signal and SIGKILL, ns.
pub const DEFAULT_KILL_TIMEOUT_NS: i64 = 5 * SECOND_NS;
/// Consul or Vault cluster of a block that names none.
pub const DEFAULT_CLUSTER: &str = "default";
/// Host network of a port that names none.
pub const DEFAULT_PORT_NETWORK: &str = "default";

impl RestartPolicy {
    /// Restarts of a job of that type.
    pub fn default_for(kind: &JobType) -> Self {
        let (attempts, interval_ns) = match kind {
            JobType::Batch | JobType::Sysbatch => (3, 24 * HOUR_NS),
            _ => (2, 30 * MINUTE_NS),
        };
        RestartPolicy {
            attempts,
            interval_ns,
            delay_ns: 15 * SECOND_NS,
            mode: RestartMode::Fail,
            render_templates: false,
        }
    }
}

impl ReschedulePolicy {
    /// Replacements of a job of that type; system jobs have none.
    pub fn default_for(kind: &JobType) -> Option<Self> {
        match kind {
            JobType::Service => Some(ReschedulePolicy {
                attempts: 0,
                interval_ns: 0,
                delay_ns: 30 * SECOND_NS,
                delay_function: "exponential".into(),
                max_delay_ns: HOUR_NS,
                unlimited: true,
            }),
            JobType::Batch => Some(ReschedulePolicy {
                attempts: 1,
                interval_ns: 24 * HOUR_NS,
                delay_ns: 5 * SECOND_NS,
                delay_function: "constant".into(),
                max_delay_ns: 0,
                unlimited: false,
            }),
            _ => None,
        }
    }
}

impl UpdateStrategy {
    /// A group's update strategy.
    pub fn default_group() -> Self {
        UpdateStrategy {
            stagger_ns: 30 * SECOND_NS,
            max_parallel: 1,
            health_check: "checks".into(),
            min_healthy_time_ns: 10 * SECOND_NS,
            healthy_deadline_ns: 5 * MINUTE_NS,
            progress_deadline_ns: 10 * MINUTE_NS,
            auto_revert: false,
            auto_promote: false,
            canary: 0,
        }
    }

    /// What stays of a group's strategy at job level.
    pub fn at_job_level(stagger_ns: i64, max_parallel: i64) -> Self {
        if max_parallel == 0 {
            return UpdateStrategy::default();
        }
        UpdateStrategy { stagger_ns, max_parallel, ..UpdateStrategy::default() }
    }
}

impl MigrateStrategy {
    /// How a service leaves a draining node.
    pub fn default_service() -> Self {
        MigrateStrategy {
            max_parallel: 1,
            health_check: "checks".into(),
            min_healthy_time_ns: 10 * SECOND_NS,
            healthy_deadline_ns: 5 * MINUTE_NS,
        }
    }
}

impl EphemeralDisk {
    /// Disk of a group that names none.
    pub fn default_group() -> Self {
        EphemeralDisk { sticky: false, size_mb: 300, migrate: false }
    }
}

impl Resources {
    /// Resources of a task that names none.
    pub fn default_task() -> Self {
        Resources { cpu: 100, memory_mb: 300, ..Resources::default() }
    }
}

impl LogConfig {
    /// Log files of a task that names none.
    pub fn default_task() -> Self {
        LogConfig { max_files: 10, max_file_size_mb: 10, disabled: false }
    }
}
