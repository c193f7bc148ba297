//! The `telemetry` block. Only the pull side exists (`/v1/metrics`); addresses of push sinks are refused by
//! `unsupported.rs`, because metrics that silently go nowhere are worse than an error.

use super::duration;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// `telemetry { … }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Telemetry {
    /// Whether `/v1/metrics?format=prometheus` answers. Default false.
    pub prometheus_metrics: bool,
    /// Leave the host name out of gauge names. Always so here.
    pub disable_hostname: bool,
    /// How often gauges are refreshed. Default 1 s.
    #[serde(with = "duration")]
    pub collection_interval: Duration,
    /// Whether allocations' use of resources is published. Default false.
    pub publish_allocation_metrics: bool,
    /// Whether the node's use of resources is published. Default false.
    pub publish_node_metrics: bool,
}

impl Default for Telemetry {
    fn default() -> Self {
        Telemetry {
            prometheus_metrics: false,
            disable_hostname: false,
            collection_interval: Duration::from_secs(1),
            publish_allocation_metrics: false,
            publish_node_metrics: false,
        }
    }
}
