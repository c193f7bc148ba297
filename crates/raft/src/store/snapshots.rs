//! The directory of snapshot files: temporary name, sync, rename, sync of the directory; two are kept.
//!
//! A file under its final name is complete. Which one counts is the newest that reads back whole.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use state::State;

use super::snapshot_format::{self, Header, SnapshotError};
use crate::disk::Disk;
use crate::lock::lock;
use crate::type_config::LogId;
use crate::world;

/// Snapshots that stay besides the newest one.
const KEPT: usize = 2;

/// The snapshot directory and the newest snapshot in it.
pub(crate) struct Snapshots {
    disk: Disk,
    dir: PathBuf,
    durable: bool,
    current: Mutex<Option<(Header, PathBuf)>>,
}

impl Snapshots {
    /// Opens the directory; deletes what a crash left half written.
    pub(crate) fn open(disk: Disk, dir: PathBuf, durable: bool) -> io::Result<Snapshots> {
        disk.create_dir_all(&dir)?;
        for path in disk.read_dir(&dir)? {
            if path.extension().is_some_and(|extension| extension == "tmp") {
                disk.remove_file(&path)?;
            }
        }
        if durable {
            // A process that ended behind a rename left a name that only memory holds. The log is purged on its word.
            disk.sync_dir(&dir)?;
        }
        Ok(Snapshots { disk, dir, durable, current: Mutex::new(None) })
    }

    /// The newest snapshot whose bytes are sound. Damaged ones are renamed aside.
    pub(crate) fn find_newest(&self) -> io::Result<Option<Header>> {
        self.newest(snapshot_format::verify, |header| header)
    }

    /// The newest snapshot that reads back whole, with its state. Damaged ones are renamed aside.
    pub(crate) fn load_newest(&self) -> io::Result<Option<(Header, State)>> {
        self.newest(snapshot_format::read, |(header, _)| header)
    }

    fn newest<T>(
        &self,
        read: impl Fn(&Disk, &Path) -> Result<T, SnapshotError>,
        header: impl Fn(&T) -> &Header,
    ) -> io::Result<Option<T>> {
        for path in self.files()?.into_iter().rev() {
            match read(&self.disk, &path) {
                Ok(found) => {
                    *lock(&self.current) = Some((header(&found).clone(), path));
                    return Ok(Some(found));
                }
                Err(error) => {
                    tracing::error!(path = %path.display(), %error, "a snapshot cannot be used");
                    self.disk.rename(&path, &path.with_extension("bad"))?;
                }
            }
        }
        Ok(None)
    }

    /// The newest snapshot's header and file.
    pub(crate) fn current(&self) -> Option<(Header, PathBuf)> {
        lock(&self.current).clone()
    }

    /// Writes a snapshot of `state`.
    pub(crate) fn write(&self, header: &Header, state: &State) -> io::Result<PathBuf> {
        let temporary = self.temporary("build");
        let file = self.disk.create(&temporary);
        let written = file.and_then(|file| snapshot_format::write(file, header, state)?.sync_all());
        let kept = written.and_then(|()| self.keep(header.clone(), &temporary));
        if kept.is_err() {
            // It is tried again under another name; half a file would hold room that is short already.
            let _ = self.disk.remove_file(&temporary);
        }
        kept
    }

    /// Where they lie.
    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Where they are.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A path to receive or build a snapshot at.
    pub(crate) fn temporary(&self, purpose: &str) -> PathBuf {
        self.dir.join(format!("{purpose}-{}.tmp", world::mint().simple()))
    }

    /// Reads a received file whole; nothing is kept of it unless it is sound.
    pub(crate) fn check(&self, path: &Path) -> Result<(Header, State), SnapshotError> {
        snapshot_format::read(&self.disk, path)
    }

    /// Gives a complete, synced file its final name and deletes older ones.
    pub(crate) fn keep(&self, header: Header, temporary: &Path) -> io::Result<PathBuf> {
        let path = self.dir.join(file_name(header.last_log_id.as_ref()));
        self.disk.rename(temporary, &path)?;
        if self.durable {
            self.disk.sync_dir(&self.dir)?;
        }
        let mut current = lock(&self.current);
        let newer = current.as_ref().is_none_or(|(old, _)| old.last_log_id <= header.last_log_id);
        if newer {
            *current = Some((header, path.clone()));
        }
        drop(current);
        let files = self.files()?;
        for old in files.iter().rev().skip(KEPT) {
            self.disk.remove_file(old)?;
        }
        Ok(path)
    }

    /// Finished snapshots, oldest first. Names sort by index.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for path in self.disk.read_dir(&self.dir)? {
            if path.extension().is_some_and(|extension| extension == "snap") {
                // The header must be readable to say what it is of; the rest is checked when it is used.
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

fn file_name(last: Option<&LogId>) -> String {
    let (index, term) = last.map_or((0, 0), |last| (last.index, last.leader_id.term));
    format!("{index:020}-{term:020}.snap")
}
