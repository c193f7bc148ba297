//! Root keys: made by the leader, held by every server, used once a majority holds them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use proto::v1::{RootKeyMaterial, RootKeyRequest};
use state::{Command, Table};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::http::error::ApiError;
use crate::keystore::Secrets;

/// How long another server may take over a key.
const PEER_LIMIT: Duration = Duration::from_secs(2);
/// How often missing keys are asked for.
const REPLICATE_EVERY: Duration = Duration::from_secs(5);
/// How long a request waits for the first key of a new cluster.
const FIRST_KEY_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

/// Fetches keys that this server lacks, until it stops.
pub(crate) async fn replicate(app: Arc<App>, cancel: CancellationToken) {
    loop {
        app.fetch_missing_keys().await;
        let seen = app.state().table_index(Table::RootKeys);
        let deadline = tokio::time::Instant::now() + REPLICATE_EVERY;
        tokio::select! {
            () = cancel.cancelled() => return,
            () = app.tables.changed(&[Table::RootKeys], seen, deadline) => {}
        }
    }
}

impl App {
    /// The key that new things are signed and encrypted with, once there is one.
    pub(crate) async fn active_key(&self) -> Result<Arc<Secrets>, ApiError> {
        let deadline = tokio::time::Instant::now() + FIRST_KEY_LIMIT;
        loop {
            let active = self.state().root_keys().find(|key| key.active).map(|key| key.id.clone());
            if let Some(id) = active
                && let Some(secrets) = self.key(&id).await
            {
                return Ok(secrets);
            }
            if tokio::time::Instant::now() >= deadline {
                return Err(ApiError::Server("keyring has not been initialized yet".to_owned()));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits for the first key of a new cluster, for a while.
    pub(crate) async fn await_root_key(&self) {
        let deadline = tokio::time::Instant::now() + FIRST_KEY_LIMIT;
        let none = || !self.state().root_keys().any(|key| !key.modulus.is_empty());
        while none() && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(POLL).await;
        }
    }

    /// A key, from here or from whichever server holds it.
    pub(crate) async fn key(&self, id: &str) -> Option<Arc<Secrets>> {
        if let Some(secrets) = self.keystore.get(id) {
            return Some(secrets);
        }
        let mut answers: FuturesUnordered<_> = self
            .other_servers()
            .into_iter()
            .map(|address| async move {
                let mut client = self.peers.client(&address).ok()?;
                let request = client.fetch_root_key(RootKeyRequest { key_id: id.to_owned() });
                let reply = tokio::time::timeout(PEER_LIMIT, request).await.ok()?.ok()?;
                Some(reply.into_inner().file).filter(|file| !file.is_empty())
            })
            .collect();
        while let Some(answer) = answers.next().await {
            let Some(file) = answer else { continue };
            match self.keystore.store(file.to_vec()) {
                Ok(_) => return self.keystore.get(id),
                Err(error) => self.complain(&error),
            }
        }
        None
    }

    /// Fetches every key of the cluster that this server lacks.
    pub(crate) async fn fetch_missing_keys(&self) {
        let ids: Vec<String> = self.state().root_keys().map(|key| key.id.clone()).collect();
        for id in ids {
            if self.keystore.get(&id).is_none() {
                self.key(&id).await;
            }
        }
    }

    /// Makes a key, sees to it that a majority of servers holds it, and makes it the active one. Only a leader can.
    pub(crate) async fn rotate_key(self: &Arc<Self>) -> Result<(u64, String), ApiError> {
        let app = self.clone();
        let made = tokio::task::spawn_blocking(move || app.keystore.make(&app.mint)).await;
        let made = made.map_err(|error| ApiError::Internal(error.to_string()))?;
        let secrets =
            made.map_err(|error| ApiError::Server(format!("{}: {error}", self.keystore.dir().display())))?;
        let voters = self.raft.members().iter().filter(|member| member.voter).count();
        let mut holders = 1;
        let mut stored: FuturesUnordered<_> = self
            .other_servers()
            .into_iter()
            .map(|address| {
                let file = secrets.file().to_vec();
                async move {
                    let mut client = self.peers.client(&address).ok()?;
                    let request = client.store_root_key(RootKeyMaterial { file: file.into() });
                    tokio::time::timeout(PEER_LIMIT, request).await.ok()?.ok()
                }
            })
            .collect();
        while let Some(answer) = stored.next().await {
            holders += usize::from(answer.is_some());
        }
        if holders <= voters / 2 {
            return Err(ApiError::Server(format!(
                "only {holders} of {voters} servers hold the new root key"
            )));
        }
        let key = secrets.public();
        let id = key.id.clone();
        let committed = self.propose(Command::PutRootKey { key }).await?;
        Ok((committed.index, id))
    }

    fn other_servers(&self) -> Vec<String> {
        let others = self.raft.members().into_iter().filter(|member| member.id != self.raft.server_id());
        others.map(|member| member.rpc_addr).collect()
    }

    fn complain(&self, error: &io::Error) {
        tracing::warn!(dir = %self.keystore.dir().display(), %error, "a root key could not be kept");
    }
}
