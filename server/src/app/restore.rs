//! Gives the servers a saved snapshot back. Its rows go through the log like every other change, so that all servers
//! agree on what was restored and when; only the last command changes anything.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use model::id::Seed;
use raft::{SnapshotArchive, SnapshotError};
use state::command::restore::chain;
use state::{Command, Outcome, RestoreStep, RestoredRow};
use tokio::sync::mpsc;

use super::{App, CommandError};
use crate::http::error::ApiError;

/// Rows of one command, bytes; a larger row travels alone.
const PART_BYTES: usize = 512 << 10;
/// Parts that wait while one is being committed.
const PARTS_AHEAD: usize = 2;
/// How long to wait before a full queue is tried again.
const PAUSE: Duration = Duration::from_millis(50);

impl App {
    /// Restores the snapshot in a file; answers the clients' index after it. Goes on to its end even when the asker
    /// does not wait for it. Only a leader can.
    pub(crate) async fn restore(self: &Arc<Self>, file: Arc<File>) -> Result<u64, ApiError> {
        let archive = SnapshotArchive::of(file);
        let checked = archive.clone();
        let check = tokio::task::spawn_blocking(move || checked.state().map(drop)).await;
        let refused = |error: SnapshotError| ApiError::BadRequest(format!("invalid snapshot: {error}"));
        check.map_err(|error| ApiError::Internal(error.to_string()))?.map_err(refused)?;
        let app = self.clone();
        let work = tokio::spawn(async move { app.restore_checked(archive).await });
        work.await.map_err(|error| ApiError::Internal(error.to_string()))?
    }

    async fn restore_checked(&self, archive: SnapshotArchive) -> Result<u64, ApiError> {
        let _only_one = self
            .restoring
            .try_lock()
            .map_err(|_held| ApiError::Server("another snapshot is being restored".to_owned()))?;
        let id = self.seed();
        tracing::info!(restore = %id.0, "restoring a snapshot");
        let restored = self.restore_as(id, archive).await;
        match &restored {
            Ok(index) => {
                tracing::warn!(restore = %id.0, index, "a snapshot was restored");
                // The log before it is worth nothing any more, and a server that starts need not go through it again.
                if let Err(error) = self.raft.take_snapshot().await {
                    tracing::warn!(%error, "no snapshot of the restored state yet");
                }
            }
            Err(error) => {
                tracing::warn!(restore = %id.0, ?error, "a snapshot was not restored");
                // Whoever leads next forgets the parts too, and so does the next restore.
                let _ = self.step(RestoreStep::Abandon { id }).await;
            }
        }
        restored
    }

    async fn restore_as(&self, id: Seed, archive: SnapshotArchive) -> Result<u64, ApiError> {
        self.step(RestoreStep::Begin { id }).await?;
        let (sender, mut parts) = mpsc::channel(PARTS_AHEAD);
        let reading = tokio::task::spawn_blocking(move || read_parts(&archive, &sender));
        let (mut number, mut digest) = (0, Vec::new());
        while let Some(rows) = parts.recv().await {
            digest = chain(&digest, &rows);
            self.step(RestoreStep::Part { id, number, rows }).await?;
            number += 1;
        }
        let read = reading.await.map_err(|error| ApiError::Internal(error.to_string()))?;
        read.map_err(|error| ApiError::Internal(format!("the snapshot could not be read again: {error}")))?;
        self.step(RestoreStep::Commit { id, parts: number, digest }).await
    }

    /// Commits one step. While too much is waiting, nothing has happened and it can be tried again.
    async fn step(&self, step: RestoreStep) -> Result<u64, ApiError> {
        loop {
            let committed = match self.propose(Command::Restore { step: step.clone() }).await {
                Err(CommandError::Busy) => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                // Asked again, another leader would know nothing of what was done so far.
                Err(CommandError::NotLeader) if !matches!(step, RestoreStep::Begin { .. }) => {
                    return Err(ApiError::Server(state::Refusal::RestoreInterrupted.to_string()));
                }
                committed => committed?,
            };
            return match committed.outcome {
                Outcome::Refused(refusal) => Err(ApiError::Server(refusal.to_string())),
                _ => Ok(committed.index),
            };
        }
    }
}

/// Gathers rows into parts until somebody has no more use for them. Blocks.
fn read_parts(archive: &SnapshotArchive, to: &mpsc::Sender<Vec<RestoredRow>>) -> Result<(), SnapshotError> {
    let mut rows = archive.rows()?;
    let (mut part, mut bytes) = (Vec::new(), 0);
    while let Some((key, value)) = rows.next()? {
        let row = RestoredRow::new(&key, value);
        if bytes > 0 && bytes + row.size() > PART_BYTES {
            bytes = 0;
            if to.blocking_send(std::mem::take(&mut part)).is_err() {
                return Ok(());
            }
        }
        bytes += row.size();
        part.push(row);
    }
    // The other side may have given up.
    let _ = to.blocking_send(part);
    Ok(())
}
