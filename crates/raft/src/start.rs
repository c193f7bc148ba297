//! Opens everything in the order that safety asks for, and starts the core.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openraft::{Config, SnapshotPolicy};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::bootstrap;
use crate::contact::Contact;
use crate::handle::{Inner, Raft};
use crate::identity::{Identity, IdentityError};
use crate::known::Known;
use crate::leadership::{Leadership, watch_core};
use crate::member::Member;
use crate::network::client::{Network, Peers};
use crate::options::Options;
use crate::proposer::Proposer;
use crate::read::{Asker, Reads};
use crate::stats::Started;
use crate::store::load::{self, LoadError};
use crate::store::log::LogStore;
use crate::store::machine::StateMachine;
use crate::type_config::RaftCore;
use crate::wal::{Opened, Wal, WalError, WalOptions};
use crate::world;

/// Why a server's consensus core cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An option is impossible.
    #[error("option {name}: {why}")]
    Option {
        /// Which.
        name: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The identity cannot be used, or the directory is in use.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The log is damaged or cannot be read.
    #[error(transparent)]
    Log(#[from] WalError),
    /// The state cannot be built.
    #[error(transparent)]
    State(#[from] LoadError),
    /// The seeds are of another cluster than the data directory.
    #[error("data directory {dir} belongs to cluster {mine}, but {peer} is of cluster {theirs}")]
    OtherCluster {
        /// The data directory.
        dir: PathBuf,
        /// The cluster it belongs to.
        mine: String,
        /// A seed's address.
        peer: String,
        /// The seed's cluster.
        theirs: String,
    },
    /// The core did not start.
    #[error("raft core: {0}")]
    Core(String),
}

/// Starts a server's consensus core. It answers once the log is applied again as far as it was committed;
/// finding the cluster goes on in the background. Mount [`Raft::service`] afterwards.
///
/// # Errors
/// See [`StartError`]; nothing runs then.
pub async fn start(options: Options) -> Result<Raft, StartError> {
    let began = Instant::now();
    let config = Arc::new(config(&options)?);
    let blocking = options.clone();
    let on_disk = world::blocking(move || open(&blocking))
        .await
        .map_err(|error| StartError::Core(error.to_string()))??;
    let OnDisk { identity, wal, opened, start } = on_disk;
    let me = Member {
        id: identity.server_id(),
        name: options.name.clone(),
        region: options.region.clone(),
        datacenter: options.datacenter.clone(),
        rpc_addr: options.rpc_advertise.clone(),
        http_addr: options.http_advertise.clone(),
        version: options.version.clone(),
        voter: false,
    };
    let peers = Arc::new(Peers::new(Arc::clone(&identity), &options));
    let machine = Arc::new(start.machine);
    let log = LogStore::new(wal.clone(), opened.vote, Some(Arc::clone(&machine)));
    let vote = log.saved_vote();
    let before = (vote.get(), wal.bounds().1.map(|end| end.index));
    let core = RaftCore::new(
        me.id,
        config,
        Network { peers: Arc::clone(&peers) },
        log,
        StateMachine { machine: Arc::clone(&machine) },
    )
    .await
    .map_err(|error| StartError::Core(error.to_string()))?;
    let started = Started {
        source: start.source,
        at: start.at,
        replayed: machine.applied_entries.load(Ordering::Relaxed),
        took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        torn_bytes: opened.torn.map(|torn| torn.bytes),
    };
    tracing::info!(
        id = me.id, source = ?started.source, replayed = started.replayed, took_ms = started.took_ms,
        index = machine.publisher.state().index(), "raft has started"
    );
    let timeout = Duration::from_millis(options.propose_timeout_ms);
    let (proposer, gathering) = Proposer::start(core.clone(), options.queue_commands, timeout);
    let read_timeout = Duration::from_millis(options.read_timeout_ms);
    let asker = Asker {
        core: core.clone(),
        me: me.id,
        peers: Arc::clone(&peers),
        vote: vote.clone(),
        progress: machine.publisher.progress(),
        began: before,
    };
    let (reads, reading) = Reads::start(asker, read_timeout);
    let (announce, leadership) = watch::channel(Leadership::default());
    let stopping = Arc::new(AtomicBool::new(false));
    let stops = Arc::clone(&stopping);
    let contact = Arc::new(Contact::default());
    let watching = world::spawn(watch_core(
        core.clone(),
        me.id,
        machine.publisher.progress(),
        (announce, Arc::clone(&contact)),
        move || stops.load(Ordering::Acquire),
        Arc::clone(&options.fatal),
    ));
    let inner = Arc::new(Inner {
        options,
        identity,
        me,
        core,
        wal,
        machine,
        peers,
        known: Known::default(),
        proposer,
        reads,
        vote,
        leadership,
        contact,
        handing_over: std::sync::atomic::AtomicBool::new(false),
        change: tokio::sync::Mutex::new(()),
        started,
        stopping,
        tasks: Mutex::new(vec![gathering, reading, watching]),
        complaints: Mutex::new(BTreeMap::new()),
    });
    let raft = Raft { inner };
    if let Err(error) = check_cluster(&raft.inner).await {
        raft.shutdown().await;
        return Err(error);
    }
    let finding = world::spawn(bootstrap::run(Arc::clone(&raft.inner)));
    crate::lock::lock(&raft.inner.tasks).push(finding);
    Ok(raft)
}

struct OnDisk {
    identity: Arc<Identity>,
    wal: Wal,
    opened: Opened,
    start: load::Start,
}

fn open(options: &Options) -> Result<OnDisk, StartError> {
    let dir = options.raft_dir();
    let identity = Arc::new(Identity::open(&options.disk(), &dir, options.durable)?);
    let (wal, opened) = Wal::open(WalOptions {
        disk: options.disk(),
        dir: dir.join("wal"),
        segment_bytes: options.segment_bytes,
        cache_bytes: options.log_cache_bytes,
        durable: options.durable,
        sync_gate: options.sync_gate.clone(),
        sync_hook: options.sync_hook.clone(),
        fatal: Arc::clone(&options.fatal),
    })?;
    identity.begin_log()?;
    let deadline = Duration::from_millis(options.tables_deadline_ms);
    match load::load((&options.disk(), &dir), &wal, options.durable, deadline) {
        Ok(start) => Ok(OnDisk { identity, wal, opened, start }),
        Err(error) => {
            wal.close(Box::new(|_result| {}));
            Err(error.into())
        }
    }
}

/// A directory of another cluster is noticed before anything is said to its peers, if one is up.
async fn check_cluster(inner: &Inner) -> Result<(), StartError> {
    let Some(mine) = inner.identity.cluster_id() else {
        return Ok(());
    };
    if inner.options.retry_join.is_empty() {
        return Ok(());
    }
    bootstrap::greet::round(inner).await;
    let direct = inner.known.all().into_iter().filter_map(|peer| peer.direct);
    for direct in direct {
        if let Some(theirs) = direct.cluster.filter(|theirs| *theirs != mine) {
            let dir = inner.options.data_dir.clone();
            let peer = direct.greeting.me.rpc_addr;
            return Err(StartError::OtherCluster { dir, mine, peer, theirs });
        }
    }
    Ok(())
}

fn config(options: &Options) -> Result<Config, StartError> {
    let refuse = |name, why: &str| Err(StartError::Option { name, why: why.to_owned() });
    if options.name.is_empty() {
        return refuse("name", "is empty");
    }
    if options.rpc_advertise.is_empty() {
        return refuse("rpc_advertise", "is empty");
    }
    if options.segment_bytes < 64 << 10 || options.segment_bytes > 1 << 30 {
        return refuse("segment_bytes", "must be between 64 KiB and 1 GiB");
    }
    if options.snapshot_after_entries == 0 {
        return refuse("snapshot_after_entries", "must not be zero");
    }
    let config = Config {
        cluster_name: "drover".into(),
        heartbeat_interval: options.heartbeat_ms,
        election_timeout_min: options.election_min_ms,
        election_timeout_max: options.election_max_ms,
        // The last chunk includes reading the whole snapshot at the other end.
        install_snapshot_timeout: 60_000,
        max_payload_entries: 1_024,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(options.snapshot_after_entries),
        snapshot_max_chunk_size: 3 << 20,
        max_in_snapshot_log_to_keep: options.keep_entries,
        // Below this a follower is brought up with log entries, which works as long as they are kept.
        replication_lag_threshold: options.snapshot_after_entries.saturating_add(options.keep_entries),
        purge_batch_size: 256,
        ..Config::default()
    };
    config
        .validate()
        .or_else(|error| refuse("heartbeat_ms, election_min_ms, election_max_ms", &error.to_string()))
}
