//! Opens sled with a deadline and reads the state back; anything doubtful is set aside, not mended.
//!
//! Each attempt has a directory of its own (`tables/<number>`): a thread that still hangs in the old one
//! after its deadline cannot reach into the new one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use sled::Db;
use state::State;

use super::codec::{self, Pieces};
use super::{Applied, read};

/// sled's page cache. Nothing is read after the start but the leaves that change.
const CACHE_BYTES: u64 = 16 << 20;

/// How sled says that somebody else has them open.
const LOCKED: &str = "could not acquire lock";
/// How long that is waited out, and how often it is looked at.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// An open database and what it holds.
pub(crate) struct Loaded {
    pub(super) database: Db,
    /// Rows that are cut into pieces, and into how many.
    pub(super) pieces: Pieces,
    /// Whether it has to be filled anew before anything is added.
    pub(super) stale: bool,
    /// `None` when there is nothing in it that can be used.
    pub(crate) found: Option<(Applied, State)>,
}

/// Opens the newest tables below `root`. Blocks up to `deadline`, then starts empty ones.
pub(crate) fn open(root: &Path, deadline: Duration) -> io::Result<(Loaded, PathBuf)> {
    fs::create_dir_all(root)?;
    let mut newest = 0;
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        match path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<u64>().ok()) {
            Some(number) => newest = newest.max(number),
            None if path.extension().is_some_and(|extension| extension == "old") => fs::remove_dir_all(path)?,
            None => {}
        }
    }
    let dir = root.join(newest.to_string());
    match attempt(&dir, deadline) {
        Ok(loaded) => return Ok((loaded, dir)),
        Err(why) => tracing::error!(dir = %dir.display(), why, "the tables on disk are set aside"),
    }
    // One damaged copy is kept for whoever wants to know; the one before it goes at the next start.
    let bad = root.join("damaged");
    if bad.exists() {
        fs::rename(&bad, root.join(format!("{newest}.old")))?;
    }
    if dir.exists() {
        fs::rename(&dir, &bad)?;
    }
    let dir = root.join((newest + 1).to_string());
    attempt(&dir, deadline).map(|loaded| (loaded, dir)).map_err(io::Error::other)
}

fn attempt(dir: &Path, deadline: Duration) -> Result<Loaded, String> {
    delete_leftovers(dir).map_err(|error| error.to_string())?;
    let (sender, receiver) = mpsc::channel();
    let path = dir.to_path_buf();
    std::thread::Builder::new()
        .name("tables-open".into())
        .spawn(move || {
            // Nobody listens any more after the deadline.
            let _ = sender.send(open_and_load(&path));
        })
        .map_err(|error| error.to_string())?;
    match receiver.recv_timeout(deadline) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(format!("not open after {} s", deadline.as_secs())),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err("sled panicked".into()),
    }
}

/// An open while the disk was full leaves these behind, and no later open succeeds until they are gone.
fn delete_leftovers(dir: &Path) -> io::Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn open_and_load(dir: &Path) -> Result<Loaded, String> {
    // The writer flushes by itself, after each batch.
    let config = sled::Config::new().path(dir).cache_capacity(CACHE_BYTES).flush_every_ms(None);
    let database = unlocked(&config)?;
    let applied = match database.get(codec::APPLIED).map_err(|error| error.to_string())? {
        None => {
            let stale = !database.is_empty();
            return Ok(Loaded { database, pieces: Pieces::new(), stale, found: None });
        }
        Some(bytes) => decode_applied(&bytes)?,
    };
    let layout = database.get(codec::LAYOUT).map_err(|error| error.to_string())?;
    let current = layout.as_ref().is_some_and(|layout| layout == &codec::PACKED);
    if !current && layout.is_some_and(|layout| layout != codec::PACKED_BY_NAME) {
        return Err("a later version has written it".into());
    }
    let (state, pieces) = read::state(&database)?;
    state.check_rows()?;
    if state.index() != applied.index {
        return Err(format!("the counter says {}, the tables are of {}", state.index(), applied.index));
    }
    // What lies elsewhere in earlier versions' tables would lie in two places as soon as it changes.
    Ok(Loaded { database, pieces, stale: !current, found: Some((applied, state)) })
}

/// Opens as soon as nobody holds the tables any more: sled's own threads may, for a moment after it was closed, and a
/// process that is still being ended. Both leave nothing that would have to be set aside.
fn unlocked(config: &sled::Config) -> Result<Db, String> {
    let since = Instant::now();
    loop {
        match config.open() {
            Err(sled::Error::Io(error))
                if error.to_string().starts_with(LOCKED) && since.elapsed() < LOCK_PATIENCE =>
            {
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened.map_err(|error| error.to_string()),
        }
    }
}

/// Checksum, then the rest.
pub(super) fn encode_applied(applied: &Applied) -> Result<Vec<u8>, rmp_serde::encode::Error> {
    let body = rmp_serde::to_vec_named(applied)?;
    let mut bytes = crc32c::crc32c(&body).to_le_bytes().to_vec();
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

fn decode_applied(bytes: &[u8]) -> Result<Applied, String> {
    let (sum, body) = bytes.split_at_checked(4).ok_or("the applied position is cut short")?;
    if sum != crc32c::crc32c(body).to_le_bytes() {
        return Err("the applied position is damaged".into());
    }
    rmp_serde::from_slice(body).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use model::id::JobKey;
    use model::{Evaluation, Job};
    use sled::Batch;
    use state::{Command, Envelope, RowKey};
    use std::sync::Arc;

    use super::super::Tables;
    use super::*;
    use crate::lock::lock;

    const LIMIT: Duration = Duration::from_secs(30);

    /// Registers a job, and answers which rows changed.
    fn apply(state: &mut State, number: u128) -> Vec<RowKey> {
        let (namespace, id) = ("default".to_owned(), format!("job-{number}"));
        let eval = Evaluation {
            id: model::EvalId(uuid::Uuid::from_u128(number)),
            namespace: namespace.clone(),
            job_id: id.clone(),
            ..Evaluation::default()
        };
        let command = Command::RegisterJob {
            job: Box::new(Job { namespace, id, ..Job::default() }),
            eval: Box::new(eval),
            enforce_index: None,
            preserve_counts: false,
            submission: None,
        };
        state.apply(Envelope { trace: String::new(), now_ns: 1, command }).dirty
    }

    /// What earlier versions wrote: every row alone and no number of a layout, or another number.
    fn write_layout(dir: &Path, state: &State, layout: Option<[u8; 1]>) {
        let database = sled::Config::new().path(dir).open().unwrap();
        let mut batch = Batch::default();
        for (key, value) in state.rows() {
            codec::put_counted(&mut batch, &mut Pieces::new(), &key, Some(&value));
        }
        let applied = Applied { index: state.index(), ..Applied::default() };
        batch.insert(&codec::APPLIED, encode_applied(&applied).unwrap());
        layout.into_iter().for_each(|layout| batch.insert(&codec::LAYOUT, &layout));
        database.apply_batch(batch).unwrap();
        database.flush().unwrap();
    }

    #[test]
    fn tables_that_somebody_is_about_to_let_go_are_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let (loaded, dir) = open(root.path(), LIMIT).unwrap();
        let held = std::thread::spawn(move || {
            std::thread::sleep(LOCK_PAUSE * 5);
            drop(loaded);
        });
        assert_eq!(open(root.path(), LIMIT).unwrap().1, dir, "nothing was set aside");
        held.join().unwrap();
    }

    /// Registers jobs 1 and 2, then takes job 1 away and registers another one under its name, `apart` commands later.
    fn taken_again(apart: u128, together: bool) {
        let root = tempfile::tempdir().unwrap();
        let (loaded, dir) = open(root.path(), LIMIT).unwrap();
        let tables = Tables::start(loaded, dir).unwrap();
        let (mut state, mut dirty) = (State::new(), Vec::new());
        let follow = |state: &State, dirty: &mut Vec<RowKey>| {
            let applied = Applied { index: state.index(), ..Applied::default() };
            tables.follow(&Arc::new(state.clone()), applied, dirty.drain(..));
        };
        (1..=2).for_each(|number| dirty.extend(apply(&mut state, number)));
        if !together {
            follow(&state, &mut dirty);
            while lock(&tables.shared.waiting).oldest.is_some() {
                std::thread::yield_now();
            }
        }
        let eval = Evaluation { id: model::EvalId(uuid::Uuid::from_u128(1 << 80)), ..Evaluation::default() };
        let purge = Command::DeregisterJob {
            job: JobKey::new("default", "job-1"),
            purge: true,
            eval: Box::new(eval),
        };
        dirty.extend(state.apply(Envelope { trace: String::new(), now_ns: 1, command: purge }).dirty);
        (3..3 + apart).for_each(|number| dirty.extend(apply(&mut state, number)));
        dirty.extend(apply(&mut state, 1));
        follow(&state, &mut dirty);
        drop(tables);
        let (loaded, _) = open(root.path(), LIMIT).unwrap();
        assert!(loaded.found.unwrap().1.rows().eq(state.rows()), "{apart} apart, together: {together}");
    }

    #[test]
    fn a_name_that_is_taken_again_has_the_rows_of_the_new_job() {
        for apart in [0, 40] {
            taken_again(apart, true);
            taken_again(apart, false);
        }
    }

    #[test]
    fn tables_of_earlier_layouts_are_read_and_written_anew() {
        written_anew(None);
        written_anew(Some(codec::PACKED_BY_NAME));
    }

    fn written_anew(layout: Option<[u8; 1]>) {
        let root = tempfile::tempdir().unwrap();
        let mut state = State::new();
        (1..=40).for_each(|number| drop(apply(&mut state, number)));
        write_layout(&root.path().join("0"), &state, layout);

        let (mut loaded, dir) = open(root.path(), LIMIT).unwrap();
        let (_, found) = loaded.found.take().unwrap();
        assert!(found.rows().eq(state.rows()), "what lies alone is read as it is");
        let tables = Tables::start(loaded, dir).unwrap();
        apply(&mut state, 41);
        let applied = Applied { index: state.index(), ..Applied::default() };
        tables.follow(&Arc::new(state.clone()), applied, std::iter::empty());
        drop(tables);

        let (loaded, _) = open(root.path(), LIMIT).unwrap();
        let alone = loaded.database.iter().keys().filter(|key| codec::is_row(key.as_ref().unwrap())).count();
        assert!(alone < 10, "{alone} rows still lie alone");
        assert!(!loaded.stale && loaded.found.unwrap().1.rows().eq(state.rows()));
    }
}
