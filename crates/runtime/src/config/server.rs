//! The `server` block.
//!
//! The keys are the original's; where a default differs, the doc comment says so. Keys of features that do not exist
//! here have no field: `unsupported.rs` takes them out of the file first, with an error or a warning.

use super::{duration, join::ServerJoin};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

/// `server { … }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Server {
    /// Whether this agent is a server. Default false.
    pub enabled: bool,
    /// How many servers make the first cluster; the same number on every one. 0 for a server that joins an existing one.
    pub bootstrap_expect: u32,
    /// Where the replicated state lives. Default `<data_dir>/server`.
    pub data_dir: String,
    /// The region whose ACL is authoritative. Kept for the API, federation is not built.
    pub authoritative_region: String,
    /// How to find the other servers.
    pub server_join: ServerJoin,
    /// Older form of `server_join.retry_join`; both are used.
    pub retry_join: Vec<String>,
    /// Older form of `server_join.start_join`; both are used.
    pub start_join: Vec<String>,
    /// Older form of `server_join.retry_interval`; wins when set.
    #[serde(with = "duration::option")]
    pub retry_interval: Option<Duration>,
    /// Older form of `server_join.retry_max`; wins when not 0.
    #[serde(rename(serialize = "RetryMaxAttempts"))]
    pub retry_max: u32,
    /// Whether a server that left comes back by itself.
    pub rejoin_after_leave: bool,

    /// Time beyond its TTL that a silent node keeps its status. Default 2 s (the original: 10 s).
    #[serde(with = "duration")]
    pub heartbeat_grace: Duration,
    /// Shortest heartbeat TTL handed to a node. Default 1 s (the original: 10 s).
    #[serde(rename(serialize = "MinHeartbeatTTL"), with = "duration")]
    pub min_heartbeat_ttl: Duration,
    /// TTL of every node after a change of leader. Default 5 s (the original: 5 m).
    #[serde(rename(serialize = "FailoverHeartbeatTTL"), with = "duration")]
    pub failover_heartbeat_ttl: Duration,
    /// Heartbeats per second that the TTL is stretched to stay under. Default 0, no cap (the original: 50).
    pub max_heartbeats_per_second: f64,

    /// Pause between two collections of dead jobs. Default 5 m.
    #[serde(rename(serialize = "JobGCInterval"), with = "duration")]
    pub job_gc_interval: Duration,
    /// Age at which a dead job is collected. Default 4 h.
    #[serde(rename(serialize = "JobGCThreshold"), with = "duration")]
    pub job_gc_threshold: Duration,
    /// Age at which a finished evaluation is collected. Default 1 h.
    #[serde(rename(serialize = "EvalGCThreshold"), with = "duration")]
    pub eval_gc_threshold: Duration,
    /// The same for evaluations of batch jobs. Default 24 h.
    #[serde(rename(serialize = "BatchEvalGCThreshold"), with = "duration")]
    pub batch_eval_gc_threshold: Duration,
    /// Age at which a node that is down is forgotten. Default 24 h.
    #[serde(rename(serialize = "NodeGCThreshold"), with = "duration")]
    pub node_gc_threshold: Duration,
    /// Age at which a finished deployment is collected. Default 1 h.
    #[serde(rename(serialize = "DeploymentGCThreshold"), with = "duration")]
    pub deployment_gc_threshold: Duration,

    /// Versions of a job that are kept. Default 6.
    pub job_tracked_versions: u32,
    /// Highest priority a job may have. Default 100.
    pub job_max_priority: i32,
    /// Priority of a job that names none. Default 50.
    pub job_default_priority: i32,
    /// Largest total count of a job; 0 (the default) for no limit.
    pub job_max_count: u32,
    /// Largest job source kept for display, bytes or a text such as `"1M"`. Default 1M.
    pub job_max_source_size: String,
    /// Scheduling workers. Default: one for each core.
    pub num_schedulers: Option<u32>,
    /// Kinds of job scheduled here. Empty (the default) means all: service, batch, system, sysbatch.
    pub enabled_schedulers: Vec<String>,
    /// Events kept for `/v1/event/stream`. Default 100.
    pub event_buffer_size: u32,
    /// Whether the event stream is offered. Default true.
    pub enable_event_broker: bool,

    /// Interval of the leader's heartbeats between servers. Default 100 ms × `raft_multiplier`.
    #[serde(with = "duration::option")]
    pub raft_heartbeat: Option<Duration>,
    /// Shortest election timeout. Default 300 ms × `raft_multiplier`.
    #[serde(with = "duration::option")]
    pub raft_election_min: Option<Duration>,
    /// Longest election timeout, which is also the leader's lease. Default 600 ms × `raft_multiplier`.
    #[serde(with = "duration::option")]
    pub raft_election_max: Option<Duration>,
    /// Stretches the three raft timings for slow networks, 1 to 10. Default 1.
    pub raft_multiplier: u32,
    /// Log entries between two snapshots. Default 8192.
    pub raft_snapshot_threshold: u64,
    /// Log entries kept behind a snapshot for followers that lag. Default 10240.
    pub raft_trailing_logs: u64,

    /// Scheduler settings of a new cluster.
    pub default_scheduler_config: SchedulerConfig,
    /// Limits of the search endpoint.
    pub search: Search,
}

/// The three timings of consensus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaftTiming {
    /// Interval of the leader's heartbeats.
    pub heartbeat: Duration,
    /// Shortest election timeout.
    pub election_min: Duration,
    /// Longest election timeout and the leader's lease.
    pub election_max: Duration,
}

impl Server {
    /// The timings of consensus with the multiplier applied to those that are not set.
    pub fn raft_timing(&self) -> RaftTiming {
        let scaled = |ms: u64| Duration::from_millis(ms) * self.raft_multiplier.clamp(1, 10);
        RaftTiming {
            heartbeat: self.raft_heartbeat.unwrap_or(scaled(100)),
            election_min: self.raft_election_min.unwrap_or(scaled(300)),
            election_max: self.raft_election_max.unwrap_or(scaled(600)),
        }
    }

    /// `server_join` with the older keys beside it folded in.
    pub fn join(&self) -> ServerJoin {
        let mut join = self.server_join.clone();
        join.start_join.extend(self.start_join.iter().cloned());
        join.retry_join.extend(self.retry_join.iter().cloned());
        join.retry_interval = self.retry_interval.unwrap_or(join.retry_interval);
        if self.retry_max != 0 {
            join.retry_max = self.retry_max;
        }
        join
    }
}

impl Default for Server {
    fn default() -> Self {
        Server {
            enabled: false,
            bootstrap_expect: 0,
            data_dir: String::new(),
            authoritative_region: String::new(),
            server_join: ServerJoin::default(),
            retry_join: Vec::new(),
            start_join: Vec::new(),
            retry_interval: None,
            retry_max: 0,
            rejoin_after_leave: false,
            heartbeat_grace: Duration::from_secs(2),
            min_heartbeat_ttl: Duration::from_secs(1),
            failover_heartbeat_ttl: Duration::from_secs(5),
            max_heartbeats_per_second: 0.0,
            job_gc_interval: 5 * MINUTE,
            job_gc_threshold: 4 * HOUR,
            eval_gc_threshold: HOUR,
            batch_eval_gc_threshold: 24 * HOUR,
            node_gc_threshold: 24 * HOUR,
            deployment_gc_threshold: HOUR,
            job_tracked_versions: 6,
            job_max_priority: 100,
            job_default_priority: 50,
            job_max_count: 0,
            job_max_source_size: "1M".to_owned(),
            num_schedulers: None,
            enabled_schedulers: Vec::new(),
            event_buffer_size: 100,
            enable_event_broker: true,
            raft_heartbeat: None,
            raft_election_min: None,
            raft_election_max: None,
            raft_multiplier: 1,
            raft_snapshot_threshold: 8192,
            raft_trailing_logs: 10240,
            default_scheduler_config: SchedulerConfig::default(),
            search: Search::default(),
        }
    }
}

/// `default_scheduler_config { … }`: what `/v1/operator/scheduler/configuration` starts with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct SchedulerConfig {
    /// `binpack` (default) or `spread`.
    pub scheduler_algorithm: String,
    /// Whether tasks may use `memory_max`.
    pub memory_oversubscription_enabled: bool,
    /// Refuse registrations without a management token.
    pub reject_job_registration: bool,
    /// Stop handing out evaluations.
    pub pause_eval_broker: bool,
    /// Which kinds of job may preempt.
    pub preemption_config: PreemptionConfig,
}

impl Default for SchedulerConfig {
    fn default() -> Self {
        SchedulerConfig {
            scheduler_algorithm: "binpack".to_owned(),
            memory_oversubscription_enabled: false,
            reject_job_registration: false,
            pause_eval_broker: false,
            preemption_config: PreemptionConfig::default(),
        }
    }
}

/// `preemption_config { … }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct PreemptionConfig {
    /// Default true.
    pub system_scheduler_enabled: bool,
    /// Default false.
    pub sysbatch_scheduler_enabled: bool,
    /// Default false.
    pub batch_scheduler_enabled: bool,
    /// Default false.
    pub service_scheduler_enabled: bool,
}

impl Default for PreemptionConfig {
    fn default() -> Self {
        PreemptionConfig {
            system_scheduler_enabled: true,
            sysbatch_scheduler_enabled: false,
            batch_scheduler_enabled: false,
            service_scheduler_enabled: false,
        }
    }
}

/// `search { … }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Search {
    /// Default true.
    pub fuzzy_enabled: bool,
    /// Default 20.
    pub limit_query: u32,
    /// Default 100.
    pub limit_results: u32,
    /// Default 2.
    pub min_term_length: u32,
}

impl Default for Search {
    fn default() -> Self {
        Search { fuzzy_enabled: true, limit_query: 20, limit_results: 100, min_term_length: 2 }
    }
}
