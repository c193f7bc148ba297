//! The `limits` block: how many connections one caller may hold. In this block an explicit 0 means "no limit" and
//! overrides, unlike everywhere else.

use super::duration;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// `limits { … }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Limits {
    /// HTTP connections from one address; 0 for no limit. Default 100.
    #[serde(rename(serialize = "HTTPMaxConnsPerClient"))]
    pub http_max_conns_per_client: u32,
    /// Time a TLS handshake of the HTTP API may take. Default 5 s.
    #[serde(rename(serialize = "HTTPSHandshakeTimeout"), with = "duration")]
    pub https_handshake_timeout: Duration,
    /// RPC connections from one address; 0 for no limit. Default 100.
    #[serde(rename(serialize = "RPCMaxConnsPerClient"))]
    pub rpc_max_conns_per_client: u32,
    /// Time a handshake of RPC may take. Default 5 s.
    #[serde(rename(serialize = "RPCHandshakeTimeout"), with = "duration")]
    pub rpc_handshake_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            http_max_conns_per_client: 100,
            https_handshake_timeout: Duration::from_secs(5),
            rpc_max_conns_per_client: 100,
            rpc_handshake_timeout: Duration::from_secs(5),
        }
    }
}
