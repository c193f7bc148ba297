//! Use cases: authorise, admit, mint, propose, read. Neither axum nor tonic shows here.

mod admission;
pub(crate) mod allocs;
pub(crate) mod converse;
pub(crate) mod dispatch;
pub(crate) mod forward;
pub(crate) mod job_operations;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod nodes;
pub(crate) mod operations;
pub(crate) mod peers;
pub(crate) mod plan;
mod restore;
pub(crate) mod variables;
mod whatif;

use std::sync::Arc;

use raft::{Committed, Leadership, ProposeError, Raft};
use runtime::{Clock, Metrics, Mint};
use state::{Command, Envelope, Outcome, State};
use tokio::sync::watch;

use crate::events::Events;
use crate::http::fragments::Fragments;
use crate::keystore::Keystore;
use crate::leader::liveness::Liveness;
use crate::leader::locks::Locks;
use crate::options::Options;
use crate::sessions::Sessions;
use crate::watch::TableWatch;

/// Everything that a request needs.
pub struct App {
    pub(crate) options: Options,
    pub(crate) raft: Raft,
    pub(crate) leadership: watch::Receiver<Leadership>,
    pub(crate) clock: Clock,
    /// When this server started, ns since 1970.
    pub(crate) started_ns: i64,
    pub(crate) mint: Mint,
    pub(crate) metrics: &'static Metrics,
    pub(crate) tables: TableWatch,
    pub(crate) sessions: Sessions,
    pub(crate) peers: peers::Peers,
    pub(crate) keystore: Keystore,
    pub(crate) locks: Locks,
    pub(crate) events: Events,
    pub(crate) liveness: Liveness,
    pub(crate) fragments: Fragments,
    /// Held while a snapshot is being restored.
    pub(crate) restoring: tokio::sync::Mutex<()>,
}

/// Why a command came to nothing, or may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CommandError {
    /// This server does not lead: nothing happened.
    #[error("not the leader")]
    NotLeader,
    /// Too much is waiting: nothing happened.
    #[error("too many requests are waiting to be committed")]
    Busy,
    /// It may have happened.
    #[error("outcome unknown: {0}")]
    Unknown(String),
    /// Nothing happened, for a reason that asking again will not change.
    #[error("{0}")]
    Refused(String),
}

impl App {
    pub(crate) fn new(options: Options, raft: Raft) -> Arc<App> {
        let state = raft.state();
        Arc::new(App {
            leadership: raft.leadership(),
            clock: Clock::system(),
            started_ns: Clock::system().now_ns(),
            mint: Mint::random(),
            metrics: Metrics::global(),
            tables: TableWatch::new(&state),
            sessions: Sessions::default(),
            peers: peers::Peers::default(),
            locks: Locks::default(),
            events: Events::default(),
            keystore: Keystore::new(options.keystore_dir.clone()),
            liveness: Liveness::default(),
            fragments: Fragments::default(),
            restoring: tokio::sync::Mutex::default(),
            options,
            raft,
        })
    }

    /// The newest state that this server has applied.
    pub fn state(&self) -> Arc<State> {
        self.raft.state()
    }

    /// True while this server leads and has caught up.
    pub fn leads(&self) -> bool {
        self.leadership.borrow().is_leader
    }

    /// Gives a command its time and trace, and commits it. Only a leader can.
    pub(crate) async fn propose(&self, command: Command) -> Result<Committed, CommandError> {
        let envelope =
            Envelope { trace: runtime::trace::current_traceparent(), now_ns: self.clock.now_ns(), command };
        let committed = self.raft.propose(envelope).await.map_err(|error| match error {
            ProposeError::NotLeader => CommandError::NotLeader,
            ProposeError::Full => CommandError::Busy,
            ProposeError::Unknown(why) => CommandError::Unknown(why),
            nothing_happened => CommandError::Refused(nothing_happened.to_string()),
        })?;
        if committed.outcome == Outcome::Internal {
            tracing::error!(
                index = committed.index,
                "a command broke a rule of the state machine and changed nothing"
            );
            return Err(CommandError::Refused("internal error: the command changed nothing".to_owned()));
        }
        Ok(committed)
    }

    /// A seed for ids that only apply can count.
    pub(crate) fn seed(&self) -> state::Seed {
        state::Seed(self.mint.uuid())
    }
}
