//! What one server holds, as it says itself: its own state, saved without asking anybody else.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use raft::SnapshotArchive;
use sha2::{Digest, Sha256};
use state::State;

/// Saving and sending may take this long on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server's state.
#[derive(Debug, Clone)]
pub struct Saved {
    /// Its index.
    pub index: u64,
    /// Digest of all its rows.
    pub digest: [u8; 32],
    /// The state itself.
    pub state: Arc<State>,
}

/// Has a server write down what it holds.
///
/// # Errors
/// When it does not answer, or what it wrote cannot be read back.
pub async fn save(address: &str) -> anyhow::Result<Saved> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let answer = client.get(format!("{address}/v1/operator/snapshot?stale")).send().await?;
    let status = answer.status();
    let bytes = answer.bytes().await?;
    ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&bytes));
    tokio::task::spawn_blocking(move || read(&bytes)).await?
}

fn read(bytes: &[u8]) -> anyhow::Result<Saved> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    let archive = SnapshotArchive::of(Arc::new(file));
    let state = archive.state().context("a snapshot that a server has just written")?;
    let mut digest = Sha256::new();
    let mut rows = archive.rows()?;
    while let Some((key, value)) = rows.next()? {
        digest.update((key.as_bytes().len() as u64).to_le_bytes());
        digest.update(key.as_bytes());
        digest.update((value.len() as u64).to_le_bytes());
        digest.update(value);
    }
    Ok(Saved { index: state.index(), digest: digest.finalize().into(), state: Arc::new(state) })
}

/// Rows in which two states differ, by their keys: the first few.
pub fn differences(one: &State, other: &State) -> Vec<String> {
    let rows = |state: &State| state.rows().collect::<std::collections::BTreeMap<_, _>>();
    let (one, other) = (rows(one), rows(other));
    let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
    let differing = keys.filter(|key| one.get(*key) != other.get(*key));
    differing.take(5).map(|key| format!("{key:?}")).collect()
}
