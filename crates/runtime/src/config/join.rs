//! `server_join`: how an agent finds the servers. The same block stands in `server` and in `client`.

use super::duration;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// `server_join { start_join retry_join retry_interval retry_max }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct ServerJoin {
    /// Addresses that must answer at the start; the agent ends when none does.
    pub start_join: Vec<String>,
    /// Addresses that are tried until one answers.
    pub retry_join: Vec<String>,
    /// Pause between two rounds over `retry_join`. Default 30 s.
    #[serde(with = "duration")]
    pub retry_interval: Duration,
    /// Rounds after which the agent gives up and ends; 0 (the default) means never.
    #[serde(rename(serialize = "RetryMaxAttempts"))]
    pub retry_max: u32,
}

impl Default for ServerJoin {
    fn default() -> Self {
        ServerJoin {
            start_join: Vec::new(),
            retry_join: Vec::new(),
            retry_interval: Duration::from_secs(30),
            retry_max: 0,
        }
    }
}
