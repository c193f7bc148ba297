//! What a server is told at its start, and why it may not start.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use controllers::gc::Thresholds;
use controllers::heartbeat::HeartbeatTimes;
use serde_json::Value;
use tokio::net::TcpListener;

/// What a server is told at its start.
#[derive(Clone)]
pub struct Options {
    /// Consensus: name, region, addresses, directory, peers.
    pub raft: raft::Options,
    /// Where private keys are kept, mode 0700.
    pub keystore_dir: PathBuf,
    /// How long nodes may be silent.
    pub heartbeats: HeartbeatTimes,
    /// How long ended things are kept.
    pub gc: Thresholds,
    /// How often they are looked for, ms.
    pub gc_interval_ms: u64,
    /// Evaluations processed at a time while this server leads.
    pub workers: usize,
    /// Connections from one address; 0 for any number.
    pub http_connections_per_address: usize,
    /// Offer `/v1/metrics?format=prometheus`.
    pub prometheus: bool,
    /// Headers added to every answer.
    pub http_headers: Vec<(String, String)>,
    /// The configuration as `/v1/agent/self` shows it, without secrets.
    pub config_json: Value,
    /// The client agent in the same process, if any.
    pub local_agent: Option<Arc<dyn LocalAgent>>,
}

/// What a server asks of the client agent that shares its process.
pub trait LocalAgent: Send + Sync {
    /// True once it has a session with a server.
    fn healthy(&self) -> bool;
    /// Id of its node, once it has started.
    fn node_id(&self) -> Option<model::NodeId>;
    /// Its id and figures, as `stats.client` of `/v1/agent/self` shows them.
    fn stats(&self) -> Vec<(String, String)>;
}

/// Sockets that are bound already, so that a port in use is an error before anything else starts.
pub struct Listeners {
    /// HTTP API.
    pub http: Vec<TcpListener>,
    /// gRPC: the RPC port, and the serf port for configurations that name it.
    pub rpc: Vec<TcpListener>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address could not be listened on.
    #[error("cannot listen on {address} for {purpose}: {source}")]
    Bind {
        /// What for.
        purpose: &'static str,
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// Consensus could not be started.
    #[error("{0}")]
    Raft(raft::StartError),
}
