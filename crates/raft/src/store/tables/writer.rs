//! The thread that writes rows behind. It may be slow and it may fail; nobody waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use model::planted::{self, Bug};
use sled::{Batch, Db};
use state::RowKey;

use super::open::encode_applied;
use super::{Shared, Target, codec};
use crate::lock::lock;

/// At most this long between a change and its batch.
const EVERY: Duration = Duration::from_millis(150);
/// After a failure (the disk is full) it tries again this much later.
const RETRY: Duration = Duration::from_secs(1);
/// Rows per batch while everything is written anew.
const REBUILD_ROWS: usize = 1_000;

enum Work {
    Rows(BTreeSet<RowKey>, Target),
    Everything(Target),
    Stop,
}

/// Runs until it is closed.
pub(super) fn run(database: &Db, mut chunks: BTreeMap<RowKey, u16>, shared: &Shared) {
    let mut last = Instant::now();
    loop {
        let result = match next(shared, last) {
            Work::Rows(dirty, target) => write_rows(database, &mut chunks, &dirty, &target),
            Work::Everything(target) => {
                let result = rebuild(database, &mut chunks, &target);
                lock(&shared.waiting).rebuilding = false;
                result
            }
            Work::Stop => break,
        };
        last = Instant::now();
        if let Err(why) = result {
            tracing::error!(why, "the tables cannot be written and will be written anew");
            let mut waiting = lock(&shared.waiting);
            waiting.stale = true;
            let closing = waiting.closing;
            drop(waiting);
            if closing {
                break;
            }
            std::thread::sleep(RETRY);
        }
    }
    if let Err(error) = database.flush() {
        tracing::warn!(%error, "the tables could not be flushed; the log has everything");
    }
}

/// Waits for something to do, and long enough for it to be worth a batch.
fn next(shared: &Shared, last: Instant) -> Work {
    let mut waiting = lock(&shared.waiting);
    loop {
        let due = last + EVERY;
        let now = Instant::now();
        let has_work = waiting.newest.is_some() && (waiting.stale || waiting.oldest.is_some());
        match waiting.newest.clone() {
            Some(target) if has_work && (now >= due || waiting.closing) => {
                waiting.oldest = None;
                let dirty = mem::take(&mut waiting.dirty);
                if mem::take(&mut waiting.stale) {
                    waiting.rebuilding = true;
                    return Work::Everything(target);
                }
                return Work::Rows(dirty, target);
            }
            _ if waiting.closing => return Work::Stop,
            _ => {}
        }
        let pause = if has_work { due.saturating_duration_since(now) } else { Duration::from_secs(60) };
        waiting = shared
            .wake
            .wait_timeout(waiting, pause.max(Duration::from_millis(1)))
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
}

/// One atomic batch: rows, pieces and the applied position.
fn write_rows(
    database: &Db,
    chunks: &mut BTreeMap<RowKey, u16>,
    dirty: &BTreeSet<RowKey>,
    target: &Target,
) -> Result<(), String> {
    if planted::is(Bug::AppliedOutsideBatch) {
        position_first(database, target)?;
    }
    let mut batch = Batch::default();
    for key in dirty {
        put(&mut batch, chunks, key, target.state.row(key).as_deref());
    }
    batch.insert(&codec::APPLIED, encode_applied(&target.applied).map_err(|error| error.to_string())?);
    database.apply_batch(batch).map_err(|error| error.to_string())
}

/// For [`Bug::AppliedOutsideBatch`]: the position and the counter that has to equal it, a while before the rows.
fn position_first(database: &Db, target: &Target) -> Result<(), String> {
    let mut batch = Batch::default();
    // The counter is the first of all rows.
    if let Some((counter, value)) = target.state.rows().next() {
        put(&mut batch, &mut BTreeMap::new(), &counter, Some(&value));
    }
    batch.insert(&codec::APPLIED, encode_applied(&target.applied).map_err(|error| error.to_string())?);
    database.apply_batch(batch).map_err(|error| error.to_string())?;
    database.flush().map_err(|error| error.to_string())?;
    std::thread::sleep(EVERY);
    Ok(())
}

/// Writes the whole state. While that lasts there is no applied position, so a crash finds nothing usable.
fn rebuild(database: &Db, chunks: &mut BTreeMap<RowKey, u16>, target: &Target) -> Result<(), String> {
    let fail = |error: sled::Error| error.to_string();
    database.remove(codec::APPLIED).map_err(fail)?;
    database.clear().map_err(fail)?;
    chunks.clear();
    let mut batch = Batch::default();
    let mut rows = 0;
    for (key, value) in target.state.rows() {
        put(&mut batch, chunks, &key, Some(&value));
        rows += 1;
        if rows % REBUILD_ROWS == 0 {
            database.apply_batch(mem::take(&mut batch)).map_err(fail)?;
        }
    }
    batch.insert(&codec::APPLIED, encode_applied(&target.applied).map_err(|error| error.to_string())?);
    database.apply_batch(batch).map_err(fail)
}

fn put(batch: &mut Batch, chunks: &mut BTreeMap<RowKey, u16>, key: &RowKey, value: Option<&[u8]>) {
    let before = chunks.remove(key).unwrap_or(0);
    let pieces = codec::put(batch, key, value, before);
    if pieces > 0 {
        chunks.insert(key.clone(), pieces);
    }
}
