//! What a server tells its consensus core at start. Plain data and two hooks; nothing reads the environment.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::Disk;

/// Ends the process; called with the reason when going on would risk what was promised.
pub type FatalHook = Arc<dyn Fn(&str) + Send + Sync>;
/// Called by the log's writer before each sync; tests make it hang.
pub type SyncHook = Arc<dyn Fn() + Send + Sync>;

/// Makes the gRPC endpoint of an address, for TLS; by default plain `http://addr`.
pub type EndpointHook =
    Arc<dyn Fn(&str) -> Result<tonic::transport::Endpoint, tonic::transport::Error> + Send + Sync>;

/// Options of [`crate::start`]. Times are milliseconds, sizes bytes.
#[derive(Clone)]
pub struct Options {
    /// Directory of this server; raft keeps to `data_dir/raft`.
    pub data_dir: PathBuf,
    /// Name of this server, unique in its region.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Its datacenter.
    pub datacenter: String,
    /// `ip:port` where the others reach its gRPC service.
    pub rpc_advertise: String,
    /// `ip:port` where its HTTP API is reached.
    pub http_advertise: String,
    /// The version it runs.
    pub version: String,
    /// How many servers form the cluster: 1 forms at once, 0 only ever joins.
    pub bootstrap_expect: usize,
    /// Seeds: ip or name, with or without port. 4648 is understood as 4647.
    pub retry_join: Vec<String>,
    /// How often a leader is heard.
    pub heartbeat_ms: u64,
    /// Shortest wait before an election.
    pub election_min_ms: u64,
    /// Longest wait before an election, and the leader's lease.
    pub election_max_ms: u64,
    /// Size of a log segment; the first one is at most 1 MiB.
    pub segment_bytes: u64,
    /// Log payloads kept in memory for slow followers.
    pub log_cache_bytes: usize,
    /// A snapshot is taken after this many log entries.
    pub snapshot_after_entries: u64,
    /// Entries kept behind a snapshot, so that a short absence needs no snapshot.
    pub keep_entries: u64,
    /// Commands that may wait to be proposed; beyond it [`crate::ProposeError::Full`].
    pub queue_commands: usize,
    /// How long a proposal may take before its outcome is called unknown.
    pub propose_timeout_ms: u64,
    /// How long a read may wait for its read point.
    pub read_timeout_ms: u64,
    /// How long opening the table store may take before it is set aside.
    pub tables_deadline_ms: u64,
    /// While this file exists, log syncs wait. For tests of what is acknowledged.
    pub sync_gate: Option<PathBuf>,
    /// Called before each log sync.
    pub sync_hook: Option<SyncHook>,
    /// How to reach a peer.
    pub endpoint: Option<EndpointHook>,
    /// Without it nothing is synced to disk: for `-dev` only.
    pub durable: bool,
    /// What to do when going on is unsafe. By default: log and exit with code 70.
    pub fatal: FatalHook,
    /// Disk and network of a simulation, in place of the system's.
    #[cfg(feature = "simulation")]
    pub simulated: Option<crate::simulation::Simulated>,
}

impl Options {
    /// Where raft keeps its files.
    pub fn raft_dir(&self) -> PathBuf {
        self.data_dir.join("raft")
    }

    /// What the files lie on.
    pub(crate) fn disk(&self) -> Disk {
        #[cfg(feature = "simulation")]
        if let Some(simulated) = &self.simulated {
            return Disk::Simulated(simulated.disk.clone());
        }
        Disk::Real
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            data_dir: PathBuf::new(),
            name: String::new(),
            region: "global".into(),
            datacenter: "dc1".into(),
            rpc_advertise: String::new(),
            http_advertise: String::new(),
            version: String::new(),
            bootstrap_expect: 0,
            retry_join: Vec::new(),
            heartbeat_ms: 100,
            election_min_ms: 300,
            election_max_ms: 600,
            segment_bytes: 64 << 20,
            log_cache_bytes: 64 << 20,
            snapshot_after_entries: 20_000,
            keep_entries: 2_000,
            queue_commands: 8_192,
            propose_timeout_ms: 15_000,
            read_timeout_ms: 10_000,
            tables_deadline_ms: 60_000,
            sync_gate: None,
            sync_hook: None,
            endpoint: None,
            durable: true,
            fatal: exit_on_fatal(),
            #[cfg(feature = "simulation")]
            simulated: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("data_dir", &self.data_dir)
            .field("name", &self.name)
            .field("region", &self.region)
            .field("rpc_advertise", &self.rpc_advertise)
            .field("bootstrap_expect", &self.bootstrap_expect)
            .field("retry_join", &self.retry_join)
            .field("durable", &self.durable)
            .finish_non_exhaustive()
    }
}

/// The exit code is sysexits' "internal software error"; a supervisor starts the process again.
fn exit_on_fatal() -> FatalHook {
    Arc::new(|reason| {
        tracing::error!(reason, "going on is unsafe, the process ends");
        std::process::exit(70);
    })
}
