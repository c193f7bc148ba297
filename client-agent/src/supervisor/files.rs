//! What a supervisor leaves on disk: the lock, the start record and the exit record of a task.
//!
//! Files are replaced by rename, so a reader sees an old one or a new one, never half of one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::process::ProcessName;
use crate::driver::ExitResult;

/// Held while a supervisor has anything to say about the task.
pub(crate) const LOCK: &str = "supervisor.lock";
/// The start record.
pub(crate) const START: &str = "supervisor.start";
/// The exit record.
pub(crate) const EXIT: &str = "supervisor.exit";
/// The socket on which the agent talks to the supervisor.
pub(crate) const SOCKET: &str = "supervisor.sock";
/// Longest file that is read, bytes.
const FILE_MAX: u64 = 4 << 20;

/// Who runs the task. Written before the task starts, and again once its process is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StartRecord {
    /// Which start of the task this is.
    pub(crate) generation: u64,
    /// Boot of the host that it belongs to.
    pub(crate) boot_id: String,
    /// The supervisor.
    pub(crate) supervisor: ProcessName,
    /// The task's main process, once it is known.
    pub(crate) task: Option<ProcessName>,
    /// When, ns since 1970.
    pub(crate) started_at_ns: i64,
}

/// How the task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(crate) struct ExitRecord {
    /// Which start of the task this is.
    pub(crate) generation: u64,
    /// What became of it.
    pub(crate) result: ExitResult,
    /// It could not be started at all.
    pub(crate) start_error: Option<String>,
    /// When, ns since 1970.
    pub(crate) finished_at_ns: i64,
}

/// Opens the lock file, without taking the lock.
pub(crate) fn open_lock(dir: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options.custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits()).open(dir.join(LOCK))
}

/// True while a supervisor holds the task.
pub(crate) fn held(dir: &Path) -> io::Result<bool> {
    match OpenOptions::new().read(true).open(dir.join(LOCK)) {
        Ok(file) => match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(fs::TryLockError::WouldBlock) => Ok(true),
            Err(fs::TryLockError::Error(error)) => Err(error),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The start record; `None` when there is none.
pub(crate) fn read_start(dir: &Path) -> io::Result<Option<StartRecord>> {
    read_json(&dir.join(START))
}

/// The exit record; `None` when there is none.
pub(crate) fn read_exit(dir: &Path) -> io::Result<Option<ExitRecord>> {
    read_json(&dir.join(EXIT))
}

/// Reads one of these files; `None` when it does not exist.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let mut options = OpenOptions::new();
    let opened = options.read(true).custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits()).open(path);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut bytes = Vec::new();
    file.take(FILE_MAX).read_to_end(&mut bytes)?;
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Replaces a file and flushes it and its directory entry.
pub(crate) fn write_durably<T: Serialize>(dir: &Path, name: &str, value: &T) -> io::Result<()> {
    write(dir, name, value, true)
}

/// Replaces a file, flushed or not.
pub(crate) fn write<T: Serialize>(dir: &Path, name: &str, value: &T, flush: bool) -> io::Result<()> {
    let bytes = serde_json::to_vec(value).map_err(io::Error::other)?;
    let temporary = dir.join(format!("{name}.new"));
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    // A task of another user may plant a link here; `create_new` follows none.
    let mut file = options.write(true).create_new(true).mode(0o600).open(&temporary)?;
    file.write_all(&bytes)?;
    if flush {
        file.sync_all()?;
    }
    fs::rename(&temporary, dir.join(name))?;
    if flush {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}
