//! What the server crate holds: one handle to propose, read, watch and list.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::planted::{self, Bug};
use proto::v1::raft_server::RaftServer;
use state::{Envelope, State};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::contact::Contact;
use crate::identity::Identity;
use crate::known::Known;
use crate::leadership::{Leadership, members_of};
use crate::lock::lock;
use crate::member::Member;
use crate::membership::{self, MemberError};
use crate::network::MESSAGE_BYTES;
use crate::network::client::Peers;
use crate::network::service::RaftService;
use crate::options::Options;
use crate::proposer::{Committed, ProposeError, Proposer, is_leader};
use crate::read::{ReadError, Reads};
use crate::stats::{Started, Stats};
use crate::store::archive::SavedSnapshot;
use crate::store::log::SavedVote;
use crate::store::machine::Machine;
use crate::subscription::Subscription;
use crate::type_config::RaftCore;
use crate::wal::Wal;
use crate::world;

/// The same complaint about a peer is logged this often.
const COMPLAIN_EVERY: Duration = Duration::from_secs(10);
/// How long each part of a shutdown may take.
const STOP_LIMIT: Duration = Duration::from_secs(3);

/// Everything behind a [`Raft`].
pub(crate) struct Inner {
    pub(crate) options: Options,
    pub(crate) identity: Arc<Identity>,
    /// This server as the others are to know it.
    pub(crate) me: Member,
    pub(crate) core: RaftCore,
    pub(crate) wal: Wal,
    pub(crate) machine: Arc<Machine>,
    pub(crate) peers: Arc<Peers>,
    pub(crate) known: Known,
    pub(crate) proposer: Proposer,
    pub(crate) reads: Reads,
    pub(crate) vote: SavedVote,
    pub(crate) leadership: watch::Receiver<Leadership>,
    pub(crate) contact: Arc<Contact>,
    /// This leader has fallen silent so that another can take over.
    pub(crate) handing_over: AtomicBool,
    /// Held while the membership changes.
    pub(crate) change: tokio::sync::Mutex<()>,
    pub(crate) started: Started,
    pub(crate) stopping: Arc<AtomicBool>,
    pub(crate) tasks: Mutex<Vec<JoinHandle<()>>>,
    pub(crate) complaints: Mutex<BTreeMap<u64, Instant>>,
}

impl Inner {
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Has a task ended with this server.
    pub(crate) fn until_stop(&self, task: JoinHandle<()>) {
        let mut tasks = lock(&self.tasks);
        tasks.retain(|task| !task.is_finished());
        // The stop takes them all once.
        match self.is_stopping() {
            true => task.abort(),
            false => tasks.push(task),
        }
    }

    /// Whether it is time to log about `peer` again.
    pub(crate) fn may_complain(&self, peer: u64) -> bool {
        let mut complaints = lock(&self.complaints);
        complaints.retain(|_, last| last.elapsed() < COMPLAIN_EVERY);
        if complaints.contains_key(&peer) {
            return false;
        }
        complaints.insert(peer, Instant::now());
        true
    }
}

/// A server's consensus core. Clones share it.
#[derive(Clone)]
pub struct Raft {
    pub(crate) inner: Arc<Inner>,
}

impl Raft {
    /// This server's raft id, minted with its data directory.
    pub fn server_id(&self) -> u64 {
        self.inner.me.id
    }

    /// The cluster's id; `None` until this server is part of one.
    pub fn cluster_id(&self) -> Option<String> {
        self.inner.identity.cluster_id()
    }

    /// The gRPC service that peers call, to be mounted on every listener.
    pub fn service(&self) -> RaftServer<RaftService> {
        RaftServer::new(RaftService::new(Arc::clone(&self.inner)))
            .max_decoding_message_size(MESSAGE_BYTES)
            .max_encoding_message_size(MESSAGE_BYTES)
    }

    /// The newest state here. Not linearizable by itself: see [`Raft::read_barrier`].
    pub fn state(&self) -> Arc<State> {
        self.inner.machine.publisher.state()
    }

    /// How long ago this server heard from the leader. One that never heard of any counts from its start. A leader is
    /// in touch with itself for as long as its lease lasts; then it counts from the last word of a quorum, because
    /// another one may lead.
    pub fn last_contact(&self) -> Duration {
        // Not what the core said last of it: a core that waits for its disk says nothing more, and time goes on.
        let since = self.inner.contact.elapsed();
        if !self.inner.leadership.borrow().is_leader {
            return since;
        }
        let metrics = self.inner.core.metrics();
        let alone = metrics.borrow().membership_config.membership().voter_ids().count() == 1;
        let lease = Duration::from_millis(self.inner.options.election_max_ms);
        if alone || since <= lease { Duration::ZERO } else { since }
    }

    /// The newest state, and every change of it.
    pub fn watch_state(&self) -> watch::Receiver<Arc<State>> {
        self.inner.machine.publisher.watch_state()
    }

    /// Proposes a command and waits until it is applied here. Never forwards, never tries twice.
    ///
    /// # Errors
    /// See [`ProposeError`]; only `Unknown` leaves open whether it happened.
    pub async fn propose(&self, envelope: Envelope) -> Result<Committed, ProposeError> {
        if self.inner.is_stopping() {
            return Err(ProposeError::Stopped);
        }
        if !is_leader(&self.inner.core) || self.inner.handing_over.load(Ordering::Acquire) {
            return Err(ProposeError::NotLeader);
        }
        if self.inner.wal.is_space_low() {
            return Err(ProposeError::DiskFull);
        }
        self.inner.proposer.propose(&envelope).await
    }

    /// Waits until this server has applied everything that was acknowledged before the call, wherever
    /// it was; answers the clients' index it has reached.
    ///
    /// # Errors
    /// See [`ReadError`]. Nothing was changed; it may be tried again.
    pub async fn read_barrier(&self) -> Result<u64, ReadError> {
        if self.inner.handing_over.load(Ordering::Acquire) {
            return Err(ReadError::NoLeader);
        }
        if planted::is(Bug::ReadWithoutBarrier) {
            return Ok(self.state().index());
        }
        self.inner.reads.barrier(self.inner.machine.publisher.progress()).await
    }

    /// Who leads, and every change of it.
    pub fn leadership(&self) -> watch::Receiver<Leadership> {
        self.inner.leadership.clone()
    }

    /// Batches of events without gaps, from the state that is newest now. With more than `capacity`
    /// batches waiting the subscription ends.
    pub fn subscribe(&self, capacity: usize) -> Subscription {
        self.inner.machine.publisher.subscribe(capacity)
    }

    /// Every server of the cluster, by id, as this server knows the membership.
    pub fn members(&self) -> Vec<Member> {
        members_of(&self.inner.core.metrics().borrow())
    }

    /// Removes a server from the cluster for good. Only the leader can.
    ///
    /// # Errors
    /// See [`MemberError`].
    pub async fn remove_member(&self, id: u64) -> Result<(), MemberError> {
        membership::remove(&self.inner, id).await
    }

    /// Takes a server that is gone out of the membership; should it come back, it joins again. Only the leader can.
    ///
    /// # Errors
    /// See [`MemberError`].
    pub async fn drop_member(&self, id: u64) -> Result<(), MemberError> {
        membership::drop_member(&self.inner, id).await
    }

    /// Has another voter lead. Only the leader can; it takes about a second, in which nothing is written.
    ///
    /// # Errors
    /// See [`MemberError`].
    pub async fn transfer_leadership(&self, to: u64) -> Result<(), MemberError> {
        crate::transfer::transfer(&self.inner, to).await
    }

    /// Builds a snapshot now; it is done when [`Stats::snapshot_log_index`] has moved.
    ///
    /// # Errors
    /// [`ReadError::Stopped`] when the server stops.
    pub async fn take_snapshot(&self) -> Result<(), ReadError> {
        self.inner.core.trigger().snapshot().await.map_err(|_fatal| ReadError::Stopped)
    }

    /// Writes the newest state here to a file that has no name, for somebody to carry away. Not linearizable by
    /// itself: see [`Raft::read_barrier`].
    ///
    /// # Errors
    /// Whatever the file system says.
    pub async fn save_snapshot(&self) -> std::io::Result<SavedSnapshot> {
        let machine = Arc::clone(&self.inner.machine);
        world::blocking(move || machine.save()).await.map_err(std::io::Error::other)?
    }

    /// A reading of the core.
    pub fn stats(&self) -> Stats {
        self.inner.stats()
    }

    /// Stops: ends the core, writes what waits, closes the files. Proposals under way end as unknown.
    pub async fn shutdown(&self) {
        let inner = &self.inner;
        if inner.stopping.swap(true, Ordering::AcqRel) {
            return;
        }
        for task in lock(&inner.tasks).drain(..) {
            task.abort();
        }
        // A core that hangs in a sync ends once the log is closed.
        if tokio::time::timeout(STOP_LIMIT, inner.core.shutdown()).await.is_err() {
            tracing::warn!("the raft core did not stop in time");
        }
        let (closed, done) = tokio::sync::oneshot::channel();
        inner.wal.close(Box::new(move |result| drop(closed.send(result))));
        if tokio::time::timeout(STOP_LIMIT, done).await.is_err() {
            tracing::warn!("the log did not close in time");
        }
        let machine = Arc::clone(&inner.machine);
        if world::blocking(move || machine.tables.close()).await.is_err() {
            tracing::warn!("the tables could not be closed");
        }
        inner.identity.release();
    }
}
