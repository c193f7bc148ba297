//! Reads every row back: one thread walks through sled, and whichever is free decodes what it found.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use sled::{Db, IVec};
use state::{DecodedRow, RowKey, State};

use super::codec;
use crate::lock::lock;

/// Rows that are handed over together.
const GROUP: usize = 1_024;
/// Groups that may wait for a thread; beyond them the reader decodes, too.
const WAITING: usize = 2;
/// More threads than this have nothing to do, because reading takes a third of the time.
const THREADS: usize = 4;

type Stored = (IVec, IVec);

/// What one thread has decoded.
#[derive(Default)]
struct Share {
    rows: Vec<DecodedRow>,
    chunks: BTreeMap<RowKey, u16>,
    fault: Option<String>,
}

impl Share {
    fn take(&mut self, database: &Db, group: Vec<Stored>) {
        for (key, stored) in group {
            if self.fault.is_some() {
                return;
            }
            if let Err(why) = self.row(database, &key, &stored) {
                self.fault = Some(why);
            }
        }
    }

    fn row(&mut self, database: &Db, key: &IVec, stored: &IVec) -> Result<(), String> {
        if !codec::is_row(key) {
            return Ok(());
        }
        let key = RowKey::from_bytes(key);
        let (value, pieces) = codec::get(database, &key, stored)?;
        if pieces > 0 {
            self.chunks.insert(key.clone(), pieces);
        }
        self.rows.push(DecodedRow::decode(key, &value).map_err(|error| error.to_string())?);
        Ok(())
    }
}

/// The state that the tables hold, and its rows that are cut into pieces, with how many each has.
pub(super) fn state(database: &Db) -> Result<(State, BTreeMap<RowKey, u16>), String> {
    let mut rows = Vec::new();
    let mut chunks = BTreeMap::new();
    for share in shares(database)? {
        if let Some(why) = share.fault {
            return Err(why);
        }
        rows.push(share.rows);
        chunks.extend(share.chunks);
    }
    let state = State::from_decoded(rows.into_iter().flatten()).map_err(|error| error.to_string())?;
    Ok((state, chunks))
}

fn shares(database: &Db) -> Result<Vec<Share>, String> {
    let (sender, receiver) = mpsc::sync_channel(WAITING);
    let receiver = Mutex::new(receiver);
    let others = thread::available_parallelism().map_or(1, usize::from).min(THREADS) - 1;
    thread::scope(|scope| {
        // Gone with this closure, also when it fails: the other threads end when nothing can come any more.
        let sender = sender;
        let mut helpers = Vec::new();
        for _ in 0..others {
            let helper = thread::Builder::new().name("tables-decode".into());
            let helper = helper.spawn_scoped(scope, || help(database, &receiver));
            helpers.push(helper.map_err(|error| error.to_string())?);
        }
        let mine = walk(database, &sender);
        drop(sender);
        let mut shares = Vec::new();
        for helper in helpers {
            shares.push(helper.join().map_err(|_panic| "a thread that decodes rows panicked")?);
        }
        shares.push(mine?);
        Ok(shares)
    })
}

/// Reads everything; decodes itself what nobody else has time for.
fn walk(database: &Db, sender: &SyncSender<Vec<Stored>>) -> Result<Share, String> {
    let mut mine = Share::default();
    let mut group = Vec::with_capacity(GROUP);
    for item in database.iter() {
        // A damaged page gives errors without end: the first one is the last.
        group.push(item.map_err(|error| error.to_string())?);
        if group.len() == GROUP
            && let Err(refused) = sender.try_send(std::mem::replace(&mut group, Vec::with_capacity(GROUP)))
        {
            let (mpsc::TrySendError::Full(group) | mpsc::TrySendError::Disconnected(group)) = refused;
            mine.take(database, group);
        }
    }
    mine.take(database, group);
    Ok(mine)
}

fn help(database: &Db, receiver: &Mutex<Receiver<Vec<Stored>>>) -> Share {
    let mut share = Share::default();
    loop {
        let next = lock(receiver).recv();
        let Ok(group) = next else { return share };
        share.take(database, group);
    }
}
