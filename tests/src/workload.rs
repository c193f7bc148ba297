//! Load for fault runs: several workers that register, change with check-and-set, stop and read, and remember exactly
//! what they were told.
//!
//! Three kinds. [`registers`] writes and reads a few variables and jobs from all sides, for the histories. [`once`]
//! registers jobs under names that are used once, and stops some: what was acknowledged has to be there. [`services`]
//! has jobs placed, counts changed and jobs stopped, so that there is something to settle.

pub mod http;
pub mod once;
pub mod registers;
pub mod services;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use runtime::Mint;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

use crate::history::Operation;
use http::Http;

/// What workers could not keep up with is made up for this far; what a fault held up for longer is left out, or a burst
/// would follow every fault.
const BEHIND_MAX: Duration = Duration::from_millis(500);

/// Who does how much.
#[derive(Debug, Clone)]
pub struct Options {
    /// HTTP addresses of the servers.
    pub addresses: Vec<String>,
    /// Workers on variables and jobs that all of them share.
    pub registers: usize,
    /// How many of those variables and jobs there are, each.
    pub keys: usize,
    /// Workers that register names which are used once.
    pub once: usize,
    /// Workers that have services placed.
    pub services: usize,
    /// Operations that fall due each second, whichever worker is free. Slow answers do not make them fewer, as long as
    /// there are enough workers.
    pub rate: f64,
    /// What is drawn from.
    pub seed: u64,
}

/// What somebody wants a job to be, as far as he knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// So many copies.
    Running(u64),
    /// Stopped.
    Stopped,
    /// The outcome of the last change is not known.
    Unknown,
}

/// What workers remember.
#[derive(Debug, Default)]
pub struct Record {
    /// Histories of the shared variables and jobs.
    pub operations: Vec<Operation>,
    /// Names that were used once.
    pub once: BTreeMap<String, Wanted>,
    /// Services.
    pub services: BTreeMap<String, Wanted>,
    /// Acknowledged writes that a consistent read did not show: key and what was seen instead.
    pub missing: Vec<String>,
    /// Consistent reads right after an acknowledged write.
    pub read_back: u64,
}

/// What every worker has at hand.
pub(crate) struct Desk {
    pub(crate) http: Http,
    pub(crate) options: Options,
    pub(crate) mint: Mint,
    began: Instant,
    stop: AtomicBool,
    /// Operations with a definite answer.
    answered: AtomicU64,
    /// When the last operation that somebody has taken on falls due.
    due: Mutex<Instant>,
    record: Mutex<Record>,
}

impl Desk {
    /// µs since the load began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn answered(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// Any of the servers.
    pub(crate) fn anybody(&self) -> &str {
        let choice = self.mint.below(self.options.addresses.len() as u64);
        &self.options.addresses[usize::try_from(choice).unwrap_or(0)]
    }

    /// Takes on the next operation and waits until it is due; false when the load is over.
    pub(crate) async fn turn(&self) -> bool {
        sleep_until(self.next_due().into()).await;
        !self.stop.load(Ordering::Relaxed)
    }

    fn next_due(&self) -> Instant {
        let mean_us = 1e6 / self.options.rate;
        let gap = Duration::from_micros(self.mint.below((2.0 * mean_us) as u64));
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let earliest = Instant::now().checked_sub(BEHIND_MAX).unwrap_or(*due);
        *due = (*due).max(earliest) + gap;
        *due
    }
}

/// Workers at work.
pub struct Workload {
    desk: Arc<Desk>,
    workers: Vec<JoinHandle<()>>,
}

impl Workload {
    /// Starts them.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn start(options: Options) -> anyhow::Result<Workload> {
        let desk = Arc::new(Desk {
            http: Http::new()?,
            mint: Mint::seeded(options.seed),
            began: Instant::now(),
            stop: AtomicBool::new(false),
            answered: AtomicU64::new(0),
            due: Mutex::new(Instant::now()),
            record: Mutex::default(),
            options,
        });
        let mut workers = Vec::new();
        for number in 0..desk.options.registers {
            workers.push(tokio::spawn(registers::work(desk.clone(), number)));
        }
        for number in 0..desk.options.once {
            workers.push(tokio::spawn(once::work(desk.clone(), number)));
        }
        for number in 0..desk.options.services {
            workers.push(tokio::spawn(services::work(desk.clone(), number)));
        }
        Ok(Workload { desk, workers })
    }

    /// Operations that were answered so far.
    pub fn answered(&self) -> u64 {
        self.desk.answered.load(Ordering::Relaxed)
    }

    /// The same for each second since the beginning.
    pub fn rate(&self) -> f64 {
        self.answered() as f64 / self.desk.began.elapsed().as_secs_f64()
    }

    /// Ends the workers and answers what they remember.
    pub async fn stop(self) -> Record {
        self.desk.stop.store(true, Ordering::Relaxed);
        futures::future::join_all(self.workers).await;
        std::mem::take(&mut *self.desk.record())
    }
}
