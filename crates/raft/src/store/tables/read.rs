//! Reads every row back: one thread walks through sled, and whichever is free decodes what it found.

use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use sled::{Db, IVec};
use state::{DecodedRow, RowKey, State};

use super::codec::{self, Pieces};
use super::pack::Pack;
use crate::lock::lock;

/// Values that are handed over together; most of them are packs.
const GROUP: usize = 64;
/// Groups that may wait for a thread; beyond them the reader decodes, too.
const WAITING: usize = 2;
/// More threads than this have nothing to do, because reading takes a third of the time.
const THREADS: usize = 4;

type Stored = (IVec, IVec);

/// What one thread has decoded.
#[derive(Default)]
struct Share {
    rows: Vec<DecodedRow>,
    pieces: Pieces,
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
        if let Some(company) = codec::company(key) {
            return Pack::decode(company, stored)?
                .into_rows()
                .try_for_each(|(key, value)| self.decoded(key, &value));
        }
        if !codec::is_row(key) {
            return Ok(());
        }
        let key = RowKey::from_bytes(key);
        let (value, pieces) = codec::get(database, &key, stored)?;
        if pieces > 0 {
            self.pieces.insert(key.as_bytes().to_vec(), pieces);
        }
        self.decoded(key, &value)
    }

    fn decoded(&mut self, key: RowKey, value: &[u8]) -> Result<(), String> {
        self.rows.push(DecodedRow::decode(key, value).map_err(|error| error.to_string())?);
        Ok(())
    }
}

/// The state that the tables hold, and its rows that are cut into pieces, with how many each has.
pub(super) fn state(database: &Db) -> Result<(State, Pieces), String> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    state_with(database, threads - 1)
}

fn state_with(database: &Db, helpers: usize) -> Result<(State, Pieces), String> {
    let mut rows = Vec::new();
    let mut pieces = Pieces::new();
    for share in shares(database, helpers)? {
        if let Some(why) = share.fault {
            return Err(why);
        }
        rows.push(share.rows);
        pieces.extend(share.pieces);
    }
    let state = State::from_decoded(rows.into_iter().flatten()).map_err(|error| error.to_string())?;
    Ok((state, pieces))
}

fn shares(database: &Db, helpers: usize) -> Result<Vec<Share>, String> {
    let (sender, receiver) = mpsc::sync_channel(WAITING);
    let receiver = Mutex::new(receiver);
    thread::scope(|scope| {
        // Gone with this closure, also when it fails: the other threads end when nothing can come any more.
        let sender = sender;
        let mut running = Vec::new();
        for _ in 0..helpers {
            let helper = thread::Builder::new().name("tables-decode".into());
            let helper = helper.spawn_scoped(scope, || help(database, &receiver));
            running.push(helper.map_err(|error| error.to_string())?);
        }
        let mut shares = vec![walk(database, &sender)?];
        drop(sender);
        // What still waits; all of it when there is but one core.
        shares.push(help(database, &receiver));
        for helper in running {
            shares.push(helper.join().map_err(|_panic| "a thread that decodes rows panicked")?);
        }
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

#[cfg(test)]
mod tests {
    use state::{Command, Envelope};

    use super::super::writer;
    use super::*;

    /// More rows than may wait, one of them large enough to lie in pieces.
    fn filled(dir: &std::path::Path) -> (Db, State) {
        let mut state = State::new();
        let mut apply = |command| drop(state.apply(Envelope { trace: String::new(), now_ns: 1, command }));
        apply(Command::BeginTenure { tenure: 1 });
        for number in 0..GROUP * 16 * (WAITING + 1) {
            let id = format!("job-{number}");
            let name = if number == 7 { "x".repeat(50_000) } else { id.clone() };
            let job =
                model::Job { namespace: "default".into(), id: id.clone(), name, ..model::Job::default() };
            let eval = model::Evaluation {
                id: model::EvalId(uuid::Uuid::from_u64_pair(1, number as u64)),
                namespace: "default".into(),
                job_id: id,
                ..model::Evaluation::default()
            };
            apply(Command::RegisterJob {
                job: Box::new(job),
                eval: Box::new(eval),
                enforce_index: None,
                preserve_counts: false,
                submission: None,
            });
        }
        let database = sled::Config::new().path(dir).open().unwrap();
        writer::rebuild(&database, &mut Pieces::new(), &state).unwrap();
        database.insert(codec::APPLIED, b"no row").unwrap();
        (database, state)
    }

    #[test]
    fn any_number_of_threads_reads_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let (database, state) = filled(dir.path());
        for helpers in [0, 1, 3] {
            let (back, pieces) = state_with(&database, helpers).unwrap();
            assert!(format!("{back:?}") == format!("{state:?}"), "{helpers} helpers read another state");
            assert_eq!(pieces.into_values().collect::<Vec<_>>(), [5]);
        }
    }

    #[test]
    fn one_damaged_row_is_the_whole_answer() {
        let dir = tempfile::tempdir().unwrap();
        let (database, _) = filled(dir.path());
        let (key, stored) = database.iter().nth(GROUP + 1).unwrap().unwrap();
        let mut damaged = stored.to_vec();
        *damaged.last_mut().unwrap() ^= 1;
        database.insert(key, damaged).unwrap();
        for helpers in [0, 1] {
            assert!(state_with(&database, helpers).unwrap_err().contains("checksum mismatch"));
        }
    }
}
