//! What a simulation needs of this crate: processes that die at any step, one seed, a disk and a network of its own.
//!
//! A simulated process is nothing but its tasks: each is wrapped in [`Live`], which stops being polled once the
//! process is dead and tells whatever runs inside to whom it belongs. The clock is tokio's, paused.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use openraft::{AsyncRuntime, OptionalSend, TokioRuntime};
use proto::v1::Payload;
use proto::v1::raft_server::Raft as _;
use rand_core::RngCore;
use tokio::sync::Notify;
use tokio::time::Instant;
use tonic::{Request, Status};

pub use crate::disk::simulated::{DiskCounts, PowerLoss, SimulatedDisk};
use crate::handle::Raft;
use crate::lock::lock;
pub use crate::network::client::Method;
use crate::network::service::RaftService;

/// Carries a message to an address, in place of gRPC.
pub type Carrier =
    Arc<dyn Fn(String, Method, Payload) -> BoxFuture<'static, Result<Payload, Status>> + Send + Sync>;

/// What stands in for the world.
#[derive(Clone)]
pub struct Simulated {
    /// Its files.
    pub disk: SimulatedDisk,
    /// Its network.
    pub carrier: Carrier,
}

/// Numbers that follow from a seed: splitmix64, which is the same on every machine.
#[derive(Debug, Clone)]
pub struct Draws(u64);

impl Draws {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Draws {
        Draws(seed)
    }

    /// The next one.
    pub fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..limit`; zero when there is none.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next_number().checked_rem(limit).unwrap_or(0)
    }
}

/// A process of a simulation. Clones are the same one.
#[derive(Clone)]
pub struct Process {
    inner: Arc<Shared>,
}

struct Shared {
    alive: AtomicBool,
    /// Steps until it dies by itself; zero for never.
    steps: AtomicU64,
    /// Syncs until then; zero for never.
    syncs: AtomicU64,
    /// Until when it takes long to apply entries.
    slow_until: Mutex<Option<Instant>>,
    died: Notify,
    draws: Mutex<Draws>,
}

thread_local! {
    static CURRENT: RefCell<Option<Process>> = const { RefCell::new(None) };
}

impl Process {
    /// A process whose every draw follows from `seed`.
    pub fn new(seed: u64) -> Process {
        let draws = Mutex::new(Draws::new(seed));
        let (steps, syncs) = (AtomicU64::new(0), AtomicU64::new(0));
        let (alive, slow_until) = (AtomicBool::new(true), Mutex::new(None));
        let shared = Shared { alive, steps, syncs, slow_until, died: Notify::new(), draws };
        Process { inner: Arc::new(shared) }
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        self.inner.alive.load(Ordering::Acquire)
    }

    /// Ends it between two steps.
    pub fn kill(&self) {
        if self.inner.alive.swap(false, Ordering::AcqRel) {
            self.inner.died.notify_waiters();
        }
    }

    /// Ends it after so many more steps: polls of its tasks and operations of its disk.
    pub fn die_after(&self, steps: u64) {
        self.inner.steps.store(steps, Ordering::Release);
    }

    /// Ends it in its so-many-th sync from now on: between a write and its being durable.
    pub fn die_in_sync(&self, number: u64) {
        self.inner.syncs.store(number, Ordering::Release);
    }

    /// Takes long to apply each entry for that time: followers are ahead of their leader then.
    pub fn apply_slowly_for(&self, time: Duration) {
        *lock(&self.inner.slow_until) = Some(Instant::now() + time);
    }

    /// Takes back every death that is yet to come, and its slowness.
    pub fn spare(&self) {
        self.die_after(0);
        self.die_in_sync(0);
        *lock(&self.inner.slow_until) = None;
    }

    /// Waits until it is dead.
    pub async fn died(&self) {
        // Begun before the look: a death in between is not missed.
        let died = self.inner.died.notified();
        if self.is_alive() {
            died.await;
        }
    }

    /// A future that belongs to this process and is never polled again once that is dead.
    pub fn live<F: Future>(&self, future: F) -> Live<F> {
        Live { process: self.clone(), future: Some(Box::pin(future)) }
    }

    /// Counts down to its death.
    fn spend(&self, left: &AtomicU64) {
        let before = left.load(Ordering::Acquire);
        if before > 0 {
            left.store(before - 1, Ordering::Release);
            if before == 1 {
                self.kill();
            }
        }
    }
}

/// A future of a [`Process`].
pub struct Live<F> {
    process: Process,
    future: Option<Pin<Box<F>>>,
}

/// Puts the process that ran before back in its place.
struct Restore(Option<Process>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

impl<F: Future> Future for Live<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let process = self.process.clone();
        process.spend(&process.inner.steps);
        let _restore = Restore(CURRENT.replace(Some(process.clone())));
        if !process.is_alive() {
            self.future = None;
            return Poll::Pending;
        }
        let Some(future) = &mut self.future else { return Poll::Pending };
        let polled = future.as_mut().poll(context);
        // What it found out in the step in which it died, it can tell nobody.
        if process.is_alive() { polled } else { Poll::Pending }
    }
}

/// The process whose task is being polled.
pub(crate) fn current() -> Option<Process> {
    CURRENT.with_borrow(Clone::clone)
}

pub(crate) fn current_process_is_dead() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(|process| !process.is_alive()))
}

/// An operation of the disk is a step at which a process may die.
pub(crate) fn spend_step() {
    if let Some(process) = current() {
        process.spend(&process.inner.steps);
    }
}

/// So is a sync, and one at which more is at stake.
pub(crate) fn spend_sync() {
    if let Some(process) = current() {
        process.spend(&process.inner.syncs);
    }
}

/// The longest that a slow process takes to apply what it was given at once, ms.
const SLOW_MS: u64 = 1_000;

/// Waits as long as whoever applies entries takes: no time at all, unless its process is slow.
pub(crate) async fn dawdle() {
    let Some(process) = current() else { return };
    let slow = lock(&process.inner.slow_until).is_some_and(|until| Instant::now() < until);
    if slow {
        let wait = lock(&process.inner.draws).below(SLOW_MS);
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
}

/// A number of the current process; nothing when no process runs.
pub(crate) fn draw() -> Option<u64> {
    current().map(|process| lock(&process.inner.draws).next_number())
}

impl Raft {
    /// Takes a message that a [`Carrier`] brought.
    ///
    /// # Errors
    /// Whatever the service answers.
    pub async fn receive(&self, method: Method, payload: Payload) -> Result<Payload, Status> {
        let service = RaftService::new(Arc::clone(&self.inner));
        let request = Request::new(payload);
        let answer = match method {
            Method::AppendEntries => service.append_entries(request).await,
            Method::Vote => service.vote(request).await,
            Method::InstallSnapshot => service.install_snapshot(request).await,
            Method::ReadIndex => service.read_index(request).await,
            Method::Confirm => service.confirm(&request),
            Method::Greet => service.greet(request).await,
            Method::Join => service.join(request).await,
            Method::Elect => service.elect(request).await,
            Method::Leave => service.leave(request).await,
        };
        answer.map(tonic::Response::into_inner)
    }
}

/// openraft's runtime in a build that simulates: tokio's, with tasks that know their process and draws of its seed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Runtime;

/// openraft's random numbers.
#[derive(Debug)]
pub struct Chance;

impl RngCore for Chance {
    fn next_u32(&mut self) -> u32 {
        // The upper half is as good as any.
        u32::try_from(self.next_u64() >> 32).unwrap_or(0)
    }

    fn next_u64(&mut self) -> u64 {
        draw().unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 ^ uuid::Uuid::new_v4().as_u64_pair().1)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

type Tokio = TokioRuntime;

impl AsyncRuntime for Runtime {
    type JoinError = <Tokio as AsyncRuntime>::JoinError;
    type JoinHandle<T: OptionalSend + 'static> = <Tokio as AsyncRuntime>::JoinHandle<T>;
    type Sleep = <Tokio as AsyncRuntime>::Sleep;
    type Instant = <Tokio as AsyncRuntime>::Instant;
    type TimeoutError = <Tokio as AsyncRuntime>::TimeoutError;
    type Timeout<R, T: Future<Output = R> + OptionalSend> = <Tokio as AsyncRuntime>::Timeout<R, T>;
    type ThreadLocalRng = Chance;
    type OneshotSender<T: OptionalSend> = <Tokio as AsyncRuntime>::OneshotSender<T>;
    type OneshotReceiver<T: OptionalSend> = <Tokio as AsyncRuntime>::OneshotReceiver<T>;
    type OneshotReceiverError = <Tokio as AsyncRuntime>::OneshotReceiverError;

    fn spawn<T>(future: T) -> Self::JoinHandle<T::Output>
    where
        T: Future + OptionalSend + 'static,
        T::Output: OptionalSend + 'static,
    {
        crate::world::spawn(future)
    }

    fn sleep(duration: Duration) -> Self::Sleep {
        Tokio::sleep(duration)
    }

    fn sleep_until(deadline: Self::Instant) -> Self::Sleep {
        Tokio::sleep_until(deadline)
    }

    fn timeout<R, F: Future<Output = R> + OptionalSend>(
        duration: Duration,
        future: F,
    ) -> Self::Timeout<R, F> {
        Tokio::timeout(duration, future)
    }

    fn timeout_at<R, F: Future<Output = R> + OptionalSend>(
        deadline: Self::Instant,
        future: F,
    ) -> Self::Timeout<R, F> {
        Tokio::timeout_at(deadline, future)
    }

    fn is_panic(join_error: &Self::JoinError) -> bool {
        Tokio::is_panic(join_error)
    }

    fn thread_rng() -> Chance {
        Chance
    }

    fn oneshot<T: OptionalSend>() -> (Self::OneshotSender<T>, Self::OneshotReceiver<T>) {
        Tokio::oneshot()
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("alive", &self.is_alive()).finish_non_exhaustive()
    }
}
