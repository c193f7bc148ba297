//! The thread that writes rows behind. It may be slow and it may fail; nobody waits for it.

use std::collections::{BTreeMap, HashSet};
use std::mem;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use model::planted::{self, Bug};
use sled::{Batch, Db};
use state::{RowKey, State};

use super::codec::{self, Pieces};
use super::open::encode_applied;
use super::pack::Pack;
use super::{Shared, Target};
use crate::lock::lock;

/// At most this long between a change and its batch. What changes twice meanwhile, as nearly every row of a
/// registration does, is written once; a start applies that much more of the log again.
const EVERY: Duration = Duration::from_millis(500);
/// After so many values it rests for as long as they took, for half of the time between two batches at most: what three
/// writers do at once on two processors is missing for clients at that moment, and what they do little by little is not.
const AT_ONCE: usize = 32;
const REST: Duration = Duration::from_millis(250);
/// How much the writer steps back behind those for whom clients wait, where processors are scarce.
const NICE: i32 = 5;
/// After a failure (the disk is full) it tries again this much later.
const RETRY: Duration = Duration::from_secs(1);
/// Rows per batch while everything is written anew.
const REBUILD_ROWS: usize = 1_000;

enum Work {
    Rows(HashSet<RowKey>, Target),
    Everything(Target),
    Stop,
}

/// Runs until it is closed.
pub(super) fn run(database: &Db, mut pieces: Pieces, shared: &Shared) {
    // Of this thread only. A system that refuses has one that is as urgent as the others.
    let _ = rustix::process::setpriority_process(None, NICE);
    let mut last = Instant::now();
    loop {
        let result = match next(shared, last) {
            Work::Rows(dirty, target) => write_rows(database, &mut pieces, &dirty, &target),
            Work::Everything(target) => {
                let result = rewrite(database, &mut pieces, &target);
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
    pieces: &mut Pieces,
    dirty: &HashSet<RowKey>,
    target: &Target,
) -> Result<(), String> {
    if planted::is(Bug::AppliedOutsideBatch) {
        position_first(database, target)?;
    }
    let mut batch = Batch::default();
    let mut rest = Rest { since: Instant::now(), values: 0, left: REST };
    put_rows(database, &mut batch, pieces, dirty, &target.state, || rest.take())?;
    mark(&mut batch, target)?;
    apply(database, batch)
}

/// How long the writer has worked and may still rest.
struct Rest {
    since: Instant,
    values: usize,
    left: Duration,
}

impl Rest {
    /// After every value.
    fn take(&mut self) {
        self.values += 1;
        if self.values.is_multiple_of(AT_ONCE) {
            let rest = self.since.elapsed().min(self.left);
            std::thread::sleep(rest);
            self.left -= rest;
            self.since = Instant::now();
        }
    }
}

/// For [`Bug::AppliedOutsideBatch`]: the position and the counter that has to equal it, a while before the rows.
fn position_first(database: &Db, target: &Target) -> Result<(), String> {
    let mut batch = Batch::default();
    // The counter is the first of all rows.
    let counter = target.state.row_keys().next();
    put_rows(database, &mut batch, &mut Pieces::new(), &counter, &target.state, || {})?;
    mark(&mut batch, target)?;
    apply(database, batch)?;
    std::thread::sleep(EVERY);
    Ok(())
}

/// Writes the whole state. While that lasts there is no applied position, so a crash finds nothing usable.
fn rewrite(database: &Db, pieces: &mut Pieces, target: &Target) -> Result<(), String> {
    rebuild(database, pieces, &target.state)?;
    let mut batch = Batch::default();
    mark(&mut batch, target)?;
    apply(database, batch)
}

/// All rows of a state in the place of whatever there is.
pub(super) fn rebuild(database: &Db, pieces: &mut Pieces, state: &State) -> Result<(), String> {
    let fail = |error: sled::Error| error.to_string();
    database.remove(codec::APPLIED).map_err(fail)?;
    database.clear().map_err(fail)?;
    pieces.clear();
    let alone = state.row_keys().filter(|key| key.company().is_none());
    // Side by side, so that a pack is not read and written again for each of its rows.
    let mut together: Vec<_> = state.row_keys().filter_map(|key| Some((key.company()?, key))).collect();
    together.sort_unstable();
    let mut keys = alone.chain(together.into_iter().map(|(_, key)| key));
    loop {
        let group: Vec<RowKey> = keys.by_ref().take(REBUILD_ROWS).collect();
        if group.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::default();
        put_rows(database, &mut batch, pieces, &group, state, || {})?;
        database.apply_batch(batch).map_err(fail)?;
    }
}

/// Puts the values that some rows have in `state` into a batch: into the packs of those that keep company. `pause` is
/// called after each value.
fn put_rows<'a>(
    database: &Db,
    batch: &mut Batch,
    pieces: &mut Pieces,
    keys: impl IntoIterator<Item = &'a RowKey>,
    state: &State,
    mut pause: impl FnMut(),
) -> Result<(), String> {
    let mut companies: BTreeMap<Vec<u8>, Vec<&RowKey>> = BTreeMap::new();
    for key in keys {
        match key.company() {
            Some(company) => companies.entry(company).or_default().push(key),
            None => {
                codec::put_counted(batch, pieces, key, state.row(key).as_deref());
                pause();
            }
        }
    }
    for (company, mut keys) in companies {
        // Of two jobs that had the same name, the one that is gone comes first.
        keys.sort_unstable();
        let mut pack = Pack::get(database, &company)?;
        for key in keys {
            pack.change(database, batch, pieces, key, state.row(key))?;
        }
        pack.write(batch, &company);
        pause();
    }
    Ok(())
}

/// Adds of what the rows are.
fn mark(batch: &mut Batch, target: &Target) -> Result<(), String> {
    batch.insert(&codec::LAYOUT, &codec::PACKED);
    batch.insert(&codec::APPLIED, encode_applied(&target.applied).map_err(|error| error.to_string())?);
    Ok(())
}

/// Makes a batch outlast the process. What a power cut leaves of it is not known until it is read.
fn apply(database: &Db, batch: Batch) -> Result<(), String> {
    database.apply_batch(batch).map_err(|error| error.to_string())?;
    database.flush().map_err(|error| error.to_string())?;
    Ok(())
}
