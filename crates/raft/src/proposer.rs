//! Gathers commands into log entries.
//!
//! Raft flushes one entry at a time, so the commands that arrive during a flush share the next entry.
//! Two entries are in flight: one being flushed here, one on its way through the followers. Nothing is
//! ever forwarded or tried again; who asked is told whether it happened, did not, or nobody knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use openraft::ServerState;
use openraft::error::ClientWriteError;
use openraft::raft::ClientWriteResult;
use state::{Envelope, Outcome};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tracing::Instrument;

use crate::type_config::{Batch, RaftCore, TypeConfig};
use crate::world;

/// Commands per entry.
const ENTRY_COMMANDS: usize = 256;
/// Bytes per entry, except for a single larger command.
const ENTRY_BYTES: usize = 1 << 20;
/// The largest command.
const COMMAND_BYTES: usize = 8 << 20;
/// Bytes that may wait.
const QUEUE_BYTES: usize = 64 << 20;
/// Entries under way.
const IN_FLIGHT: usize = 2;
/// How long a command that is in no hurry waits for one that is.
const LINGER: Duration = Duration::from_millis(2);

/// A command that was committed and applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The clients' index of this very command.
    pub index: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// Why a command has no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProposeError {
    /// This server does not lead. Nothing happened; the leader can be asked.
    #[error("not the leader")]
    NotLeader,
    /// Too much is waiting. Nothing happened.
    #[error("proposal queue is full")]
    Full,
    /// The command is larger than 8 MiB. Nothing happened.
    #[error("command of {bytes} bytes is too large")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// There is no room for the log. Nothing happened.
    #[error("no space left for the log")]
    DiskFull,
    /// It may have happened or may still happen.
    #[error("outcome unknown: {0}")]
    Unknown(String),
    /// The server stops. Nothing happened.
    #[error("server is stopping")]
    Stopped,
}

type Answer = oneshot::Sender<Result<Committed, ProposeError>>;

struct Proposal {
    bytes: Vec<u8>,
    /// It may wait a moment for company.
    patient: bool,
    answer: Answer,
}

/// The way to the log.
pub(crate) struct Proposer {
    queue: mpsc::Sender<Proposal>,
    waiting_bytes: Arc<AtomicUsize>,
    timeout: Duration,
}

impl Proposer {
    /// Starts the task that gathers.
    pub(crate) fn start(
        core: RaftCore,
        queue_commands: usize,
        timeout: Duration,
    ) -> (Proposer, tokio::task::JoinHandle<()>) {
        let (queue, proposals) = mpsc::channel(queue_commands.max(1));
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        let gatherer = Gatherer {
            core,
            proposals,
            waiting_bytes: Arc::clone(&waiting_bytes),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
            timeout,
            carried: None,
        };
        let task = world::spawn(gatherer.run());
        (Proposer { queue, waiting_bytes, timeout }, task)
    }

    /// How many commands wait.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Proposes a command and waits until it is applied here.
    pub(crate) async fn propose(&self, envelope: &Envelope) -> Result<Committed, ProposeError> {
        let span = tracing::info_span!("raft.propose", index = tracing::field::Empty);
        let recorded = span.clone();
        async move {
            let bytes = state::codec::encode(envelope);
            let size = bytes.len();
            let patient = envelope.command.patient();
            if size > COMMAND_BYTES {
                return Err(ProposeError::TooLarge { bytes: size });
            }
            let waiting = self.waiting_bytes.fetch_add(size, Ordering::AcqRel) + size;
            let (answer, outcome) = oneshot::channel();
            let sent = if waiting > QUEUE_BYTES {
                Err(ProposeError::Full)
            } else {
                self.queue.try_send(Proposal { bytes, patient, answer }).map_err(|error| match error {
                    mpsc::error::TrySendError::Full(_) => ProposeError::Full,
                    mpsc::error::TrySendError::Closed(_) => ProposeError::Stopped,
                })
            };
            if let Err(error) = sent {
                self.waiting_bytes.fetch_sub(size, Ordering::AcqRel);
                return Err(error);
            }
            let answered = tokio::time::timeout(self.timeout, outcome).await;
            let committed = match answered {
                Ok(Ok(result)) => result?,
                Ok(Err(_closed)) => return Err(ProposeError::Unknown("the server is stopping".into())),
                Err(_elapsed) => return Err(ProposeError::Unknown("not committed in time".into())),
            };
            recorded.record("index", committed.index);
            Ok(committed)
        }
        .instrument(span)
        .await
    }
}

struct Gatherer {
    core: RaftCore,
    proposals: mpsc::Receiver<Proposal>,
    waiting_bytes: Arc<AtomicUsize>,
    in_flight: Arc<Semaphore>,
    timeout: Duration,
    /// Taken from the queue, but too large for the entry before.
    carried: Option<Proposal>,
}

impl Gatherer {
    async fn run(mut self) {
        loop {
            let Some(permit) = self.permit().await else { return };
            let Some(group) = self.gather().await else { return };
            if !is_leader(&self.core) {
                refuse(group, &ProposeError::NotLeader);
                continue;
            }
            let appended = Arc::new(AtomicBool::new(false));
            let mut batch = Batch::join(group.iter().map(|proposal| proposal.bytes.as_slice()));
            batch.appended = Some(Arc::clone(&appended));
            match self.core.client_write_ff(batch).await {
                Ok(result) => {
                    world::spawn(settle(result, group, appended, permit, self.timeout));
                }
                Err(_fatal) => refuse(group, &ProposeError::Stopped),
            }
        }
    }

    /// Waits for room in flight. Meanwhile, whoever waits at a server that lost its leadership is told.
    async fn permit(&mut self) -> Option<OwnedSemaphorePermit> {
        let mut server = self.core.server_metrics();
        loop {
            tokio::select! {
                biased;
                permit = Arc::clone(&self.in_flight).acquire_owned() => return permit.ok(),
                changed = server.changed() => {
                    changed.ok()?;
                    if !is_leader(&self.core) {
                        let mut group: Vec<Proposal> = self.carried.take().into_iter().collect();
                        while let Some(proposal) = self.next_waiting() {
                            group.push(proposal);
                        }
                        refuse(group, &ProposeError::NotLeader);
                    }
                }
            }
        }
    }

    /// Waits for a command, then takes what came along. Only stops are `None`.
    async fn gather(&mut self) -> Option<Vec<Proposal>> {
        let first = match self.carried.take() {
            Some(carried) => carried,
            None => {
                let first = self.proposals.recv().await?;
                self.waiting_bytes.fetch_sub(first.bytes.len(), Ordering::AcqRel);
                first
            }
        };
        let mut bytes = first.bytes.len();
        let patient = first.patient;
        let mut group = vec![first];
        if patient {
            self.linger(&mut group, &mut bytes).await;
        }
        while group.len() < ENTRY_COMMANDS {
            let Some(proposal) = self.next_waiting() else {
                break;
            };
            // Who gave up was told that nobody knows; not doing it is one of the ways it may end.
            if proposal.answer.is_closed() {
                continue;
            }
            if bytes + proposal.bytes.len() > ENTRY_BYTES {
                self.carried = Some(proposal);
                break;
            }
            bytes += proposal.bytes.len();
            group.push(proposal);
        }
        Some(group)
    }

    /// Waits a moment for somebody who is in a hurry: an entry of its own for what is not would make the next client
    /// wait for two flushes in a row instead of one.
    async fn linger(&mut self, group: &mut Vec<Proposal>, bytes: &mut usize) {
        let deadline = tokio::time::Instant::now() + LINGER;
        while group.len() < ENTRY_COMMANDS {
            let Ok(Some(proposal)) = tokio::time::timeout_at(deadline, self.proposals.recv()).await else {
                return;
            };
            self.waiting_bytes.fetch_sub(proposal.bytes.len(), Ordering::AcqRel);
            if *bytes + proposal.bytes.len() > ENTRY_BYTES {
                self.carried = Some(proposal);
                return;
            }
            *bytes += proposal.bytes.len();
            let patient = proposal.patient;
            group.push(proposal);
            if !patient {
                return;
            }
        }
    }

    fn next_waiting(&mut self) -> Option<Proposal> {
        let proposal = self.proposals.try_recv().ok()?;
        self.waiting_bytes.fetch_sub(proposal.bytes.len(), Ordering::AcqRel);
        Some(proposal)
    }
}

/// Tells everybody in a group what became of the entry.
async fn settle(
    result: oneshot::Receiver<ClientWriteResult<TypeConfig>>,
    group: Vec<Proposal>,
    appended: Arc<AtomicBool>,
    permit: OwnedSemaphorePermit,
    timeout: Duration,
) {
    let result = tokio::time::timeout(timeout, result).await;
    drop(permit);
    // An entry that reached this server's log may have reached others and may come back with a later
    // leader; only one that never did is certain not to happen.
    let uncertain = |why: &str, certain: ProposeError| {
        if appended.load(Ordering::Acquire) { ProposeError::Unknown(why.into()) } else { certain }
    };
    let error = match result {
        Ok(Ok(Ok(response))) => {
            let mut outcomes = response.data.0.into_iter();
            for proposal in group {
                let answer = outcomes
                    .next()
                    .map(|(index, outcome)| Committed { index, outcome })
                    .ok_or_else(|| ProposeError::Unknown("applied without an outcome".into()));
                // The asker may have given up.
                let _ = proposal.answer.send(answer);
            }
            return;
        }
        Ok(Ok(Err(ClientWriteError::ForwardToLeader(_)))) => {
            uncertain("leadership was lost before it was committed", ProposeError::NotLeader)
        }
        Ok(Ok(Err(ClientWriteError::ChangeMembershipError(error)))) => {
            ProposeError::Unknown(error.to_string())
        }
        Ok(Err(_dropped)) => uncertain("the server is stopping", ProposeError::Stopped),
        Err(_elapsed) => ProposeError::Unknown("not committed in time".into()),
    };
    refuse(group, &error);
}

fn refuse(group: Vec<Proposal>, error: &ProposeError) {
    for proposal in group {
        // The asker may have given up.
        let _ = proposal.answer.send(Err(error.clone()));
    }
}

/// Whether raft believes that this server leads.
pub(crate) fn is_leader(core: &RaftCore) -> bool {
    core.server_metrics().borrow().state == ServerState::Leader
}
