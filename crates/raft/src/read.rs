//! Linearizable reads: a read point that a quorum confirmed, then waiting until it is applied here.
//!
//! One question to the quorum answers every read that arrived before it was asked. A follower asks the leader, and the
//! leader asks voters whether they have voted for anybody after it (`docs/adr/0015`). Asking again is always safe, so a
//! lost answer is asked for again until the time is up.

mod confirm;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::network::client::{Method, Peers, call};
use crate::network::frame::ReadReply;
use crate::store::log::{SavedVote, Vote};
use crate::store::publish::Progress;
use crate::type_config::RaftCore;
use crate::world;

/// Reads that may wait for a point.
const QUEUE: usize = 65_536;
const RETRY: Duration = Duration::from_millis(20);
/// How long one question to the leader may take.
const ASK_LIMIT: Duration = Duration::from_secs(1);

/// Why a read cannot be linearizable now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No leader is known.
    #[error("no cluster leader")]
    NoLeader,
    /// The leader cannot reach a quorum.
    #[error("leader has no quorum")]
    NoQuorum,
    /// The leader did not answer, or this server did not catch up in time.
    #[error("read point was not reached in time")]
    Timeout,
    /// Too many reads wait.
    #[error("read queue is full")]
    Full,
    /// The server stops.
    #[error("server is stopping")]
    Stopped,
}

pub(crate) type Point = Result<Option<u64>, ReadError>;

/// What finding a read point takes.
pub(crate) struct Asker {
    pub(crate) core: RaftCore,
    pub(crate) me: u64,
    pub(crate) peers: Arc<Peers>,
    pub(crate) vote: SavedVote,
    pub(crate) progress: watch::Receiver<Progress>,
    /// The vote and the end of the log that this server started with.
    pub(crate) began: (Option<Vote>, Option<u64>),
}

/// The way to a read point.
pub(crate) struct Reads {
    queue: mpsc::Sender<oneshot::Sender<Point>>,
    timeout: Duration,
}

impl Reads {
    /// Starts the task that asks.
    pub(crate) fn start(asker: Asker, timeout: Duration) -> (Reads, tokio::task::JoinHandle<()>) {
        let (queue, mut waiting) = mpsc::channel::<oneshot::Sender<Point>>(QUEUE);
        let task = world::spawn(async move {
            let mut readers = Vec::new();
            while waiting.recv_many(&mut readers, QUEUE).await > 0 {
                let point = asker.find_point(Instant::now() + timeout).await;
                for reader in readers.drain(..) {
                    // The reader may have given up.
                    let _ = reader.send(point.clone());
                }
            }
        });
        (Reads { queue, timeout }, task)
    }

    /// Waits until this server has applied everything that was committed when it was called; answers
    /// the clients' index then.
    pub(crate) async fn barrier(&self, mut progress: watch::Receiver<Progress>) -> Result<u64, ReadError> {
        let reached = async {
            let point = self.point().await?;
            let reached = progress.wait_for(|progress| progress.applied >= point).await;
            reached.map(|progress| progress.state.index()).map_err(|_closed| ReadError::Stopped)
        };
        tokio::time::timeout(self.timeout, reached).await.unwrap_or(Err(ReadError::Timeout))
    }

    /// A read point: raft index up to which whoever reads must have applied.
    pub(crate) async fn point(&self) -> Point {
        let (reader, point) = oneshot::channel();
        self.queue.try_send(reader).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => ReadError::Full,
            mpsc::error::TrySendError::Closed(_) => ReadError::Stopped,
        })?;
        point.await.map_err(|_closed| ReadError::Stopped)?
    }
}

impl Asker {
    async fn find_point(&self, deadline: Instant) -> Point {
        loop {
            let error = match self.ask().await {
                Ok(point) => return Ok(point),
                Err(ReadError::Stopped) => return Err(ReadError::Stopped),
                Err(error) => error,
            };
            if Instant::now() + RETRY >= deadline {
                return Err(error);
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn ask(&self) -> Point {
        let (leader, addr) = {
            let metrics = self.core.server_metrics();
            let metrics = metrics.borrow();
            let leader = metrics.current_leader.ok_or(ReadError::NoLeader)?;
            let node = metrics.membership_config.membership().get_node(&leader);
            (leader, node.map(|node| node.rpc_addr.clone()))
        };
        if leader == self.me {
            return self.leader_point().await;
        }
        let addr = addr.ok_or(ReadError::NoLeader)?;
        match call(&self.peers, &addr, leader, Method::ReadIndex, (), ASK_LIMIT).await {
            Ok(ReadReply::Point { log_index, .. }) => Ok(log_index),
            Ok(ReadReply::NotLeader) => Err(ReadError::NoLeader),
            Ok(ReadReply::NoQuorum) => Err(ReadError::NoQuorum),
            Err(status) => {
                tracing::debug!(%status, addr, "the leader did not answer a read index");
                Err(ReadError::NoLeader)
            }
        }
    }
}
