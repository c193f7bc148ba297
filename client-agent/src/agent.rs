//! One client agent: its start, what the process around it may ask of it, and its end.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::{ClientStatus, NodeId};
use tokio::sync::{OnceCell, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::context::{Context, Directory, Listing};
use crate::driver::Drivers;
use crate::http::{HttpAnswer, answer, converse};
use crate::identity::{Identity, IdentityError};
use crate::node::LiveNode;
use crate::options::Options;
use crate::outbox::Outbox;
use crate::session::Session;
use crate::stats::Stats;
use crate::store::Store;
use crate::task::env::host_env;
use crate::{fingerprint, roster};

/// Held in the state directory by the agent that uses it.
const LOCK_FILE: &str = "agent.lock";
/// How long the parts of an agent may take to end, tasks apart.
const END_PATIENCE: Duration = Duration::from_secs(10);
/// How long a killed agent may keep its lock after its successor has started.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// Why an agent did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A directory cannot be made or read.
    #[error("cannot use the directory {path}: {source}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// Another agent runs with the same state.
    #[error("another client agent uses the state directory {path}")]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// The node does not know who it is.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The client state can be neither read nor set aside.
    #[error("{0}")]
    State(String),
}

/// A running client agent. Dropping it ends nothing; see [`ClientAgent::shutdown`].
pub struct ClientAgent {
    inner: Arc<Inner>,
}

struct Inner {
    context: Arc<Context>,
    tracker: TaskTracker,
    roster: mpsc::Sender<roster::Message>,
    /// Released once everything has ended.
    lock: Mutex<Option<File>>,
    ended: OnceCell<()>,
}

/// Starts a client agent: what it ran before runs on at once, servers are looked for in the background. It ends with
/// `cancel` as with [`ClientAgent::shutdown`].
pub async fn start(options: Options, cancel: CancellationToken) -> Result<ClientAgent, StartError> {
    let mut options = options;
    for path in [&mut options.state_dir, &mut options.alloc_dir] {
        let made = fs::create_dir_all(&*path).and_then(|()| path.canonicalize());
        *path = made.map_err(|source| StartError::Directory { path: path.clone(), source })?;
    }
    let lock = take_lock(&options.state_dir).await?;
    let identity = Identity::load(&options.state_dir)?;
    let state_dir = options.state_dir.clone();
    let opened = tokio::task::spawn_blocking(move || Store::open(&state_dir)).await;
    let opened = opened.map_err(|error| StartError::State(error.to_string()))?;
    let (store, mut restored) = opened.map_err(|error| StartError::State(error.to_string()))?;
    let drivers = Drivers::of_options(&options);
    let node = fingerprint::node(&options, identity.id, &drivers);
    tracing::info!(node = %node.id, name = node.name, allocs = restored.allocs.len(), "client agent starts");
    let context = Arc::new(Context {
        options,
        node: LiveNode::new(node, std::mem::take(&mut restored.dynamic_meta)),
        store,
        outbox: Outbox::default(),
        drivers,
        host_env: host_env(),
        directory: Directory::default(),
        mint: runtime::Mint::random(),
        contact: watch::Sender::new(Some(crate::clock::now_ns())),
        cores: Default::default(),
        samples: Default::default(),
        cpu_times: Default::default(),
        cancel: CancellationToken::new(),
    });
    let tracker = TaskTracker::new();
    let cluster_id = std::mem::take(&mut restored.cluster_id);
    let roster = roster::begin(&context, &tracker, restored);
    let session = Session {
        context: Arc::clone(&context),
        secret: identity.secret,
        cluster_id,
        roster: roster.clone(),
    };
    tracker.spawn(session.run());
    let lock = Mutex::new(Some(lock));
    let inner = Arc::new(Inner { context, tracker, roster, lock, ended: OnceCell::new() });
    let watched = Arc::clone(&inner);
    tokio::spawn(async move {
        tokio::select! {
            () = cancel.cancelled() => watched.shutdown().await,
            () = watched.context.cancel.cancelled() => {}
        }
    });
    Ok(ClientAgent { inner })
}

async fn take_lock(state_dir: &Path) -> Result<File, StartError> {
    let path = state_dir.join(LOCK_FILE);
    let io = |source| StartError::Directory { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    let deadline = tokio::time::Instant::now() + LOCK_PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) if tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(fs::TryLockError::WouldBlock) => {
                return Err(StartError::Locked { path: state_dir.to_owned() });
            }
            Err(fs::TryLockError::Error(source)) => return Err(io(source)),
        }
    }
}

impl ClientAgent {
    /// The node's id.
    pub fn node_id(&self) -> NodeId {
        self.inner.context.node.id()
    }

    /// The node as it introduces itself to servers.
    pub fn node(&self) -> Arc<model::Node> {
        self.inner.context.node.now()
    }

    /// Answers a request for one of the agent's own `/v1/client` paths; `target` is path and query. Rights have been
    /// checked by the caller.
    pub async fn http(&self, method: &str, target: &str, body: &[u8]) -> HttpAnswer {
        answer(&self.inner.context, method, target, body).await
    }

    /// Begins a conversation at one of the agent's own `/v1/client` paths. Rights have been checked by the caller.
    pub async fn converse(
        &self,
        target: &str,
        input: tokio::sync::mpsc::Receiver<bytes::Bytes>,
    ) -> HttpAnswer {
        converse(&self.inner.context, target, input).await
    }

    /// Figures of this agent.
    pub fn stats(&self) -> Stats {
        let context = &self.inner.context;
        let listings = context.directory.all();
        let runs = |alloc: &Listing| alloc.update.borrow().client_status == ClientStatus::Running;
        Stats {
            running: listings.iter().filter(|(_, alloc)| runs(alloc)).count(),
            allocs: listings.len(),
            updates_waiting: context.outbox.len(),
            connected: context.contact.borrow().is_none(),
        }
    }

    /// Ends the agent. Its tasks go on and are found again by the next agent, unless in development mode: then they
    /// are killed first. May be called again; every call returns once it is done.
    pub async fn shutdown(&self) {
        self.inner.shutdown().await;
    }
}

impl Inner {
    async fn shutdown(&self) {
        self.ended.get_or_init(|| self.end()).await;
    }

    async fn end(&self) {
        let (done, ended) = oneshot::channel();
        let kill = self.context.options.dev;
        if self.roster.send(roster::Message::Shutdown { kill, done }).await.is_ok() {
            // The roster answers or is gone; both mean that it has done what it could.
            let _ = ended.await;
        }
        self.context.cancel.cancel();
        self.tracker.close();
        if tokio::time::timeout(END_PATIENCE, self.tracker.wait()).await.is_err() {
            tracing::error!("the client agent does not end in time");
        }
        if let Err(error) = self.context.store.flush().await {
            tracing::error!(%error, "cannot flush the client state");
        }
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
