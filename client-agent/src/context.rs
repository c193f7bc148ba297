//! What every part of one agent shares. It holds no state of allocations beyond a directory for reading.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use model::{AllocId, AllocUpdate, Allocation};
use runtime::Mint;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::alloc::runner::AllocCommand;
use crate::checks;
use crate::cores::Cores;
use crate::driver::Drivers;
use crate::node::LiveNode;
use crate::options::Options;
use crate::outbox::Outbox;
use crate::stats;
use crate::store::Store;

/// Shared by the parts of one agent.
pub(crate) struct Context {
    pub(crate) options: Options,
    pub(crate) node: LiveNode,
    pub(crate) store: Store,
    pub(crate) outbox: Outbox,
    pub(crate) drivers: Drivers,
    pub(crate) host_env: BTreeMap<String, String>,
    pub(crate) directory: Directory,
    pub(crate) mint: Mint,
    /// Since when no server has been in contact, ns since 1970; `None` while one is.
    pub(crate) contact: watch::Sender<Option<i64>>,
    /// Cores that tasks have to themselves.
    pub(crate) cores: Cores,
    /// Figures of tasks when they were last asked for.
    pub(crate) samples: stats::alloc::Samples,
    /// Times of processors when they were last asked for.
    pub(crate) cpu_times: stats::host::CpuTimes,
    /// Ends everything but tasks.
    pub(crate) cancel: CancellationToken,
}

impl Context {
    /// Directory of allocations.
    pub(crate) fn alloc_dir(&self) -> &Path {
        &self.options.alloc_dir
    }

    /// A number in 0..1 for spreading delays.
    pub(crate) fn jitter(&self) -> f64 {
        self.mint.below(1 << 20) as f64 / f64::from(1 << 20)
    }
}

/// What a request from outside may look up of an allocation.
#[derive(Clone)]
pub(crate) struct Listing {
    /// Its directory.
    pub(crate) root: PathBuf,
    /// Names of its tasks.
    pub(crate) tasks: Vec<String>,
    /// As the servers last sent it.
    pub(crate) alloc: watch::Receiver<Arc<Allocation>>,
    /// Its latest state.
    pub(crate) update: watch::Receiver<AllocUpdate>,
    /// What its checks came to.
    pub(crate) checks: Arc<checks::Results>,
    /// Takes requests to its tasks.
    pub(crate) commands: tokio::sync::mpsc::Sender<AllocCommand>,
}

/// The allocations of this node, for requests from outside.
#[derive(Default)]
pub(crate) struct Directory(RwLock<BTreeMap<AllocId, Arc<Listing>>>);

impl Directory {
    pub(crate) fn get(&self, id: AllocId) -> Option<Arc<Listing>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    pub(crate) fn put(&self, id: AllocId, listing: Listing) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::new(listing));
    }

    pub(crate) fn remove(&self, id: AllocId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<(AllocId, Arc<Listing>)> {
        let listings = self.0.read().unwrap_or_else(PoisonError::into_inner);
        listings.iter().map(|(id, listing)| (*id, Arc::clone(listing))).collect()
    }
}
