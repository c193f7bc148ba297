//! One file of the log: zero-filled to its full size before its first record.
//!
//! Writing into blocks that exist halves the price of a sync, because the file system has no
//! metadata to journal. A segment is never reused for other records: it is deleted, and a new one
//! is zeroed in the background, so that everything behind the last record is always zero.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::disk::{Disk, File};

/// Bytes before the first record.
pub(crate) const SEGMENT_HEAD: usize = 32;

const MAGIC: &[u8; 8] = b"DRVRWAL\x01";
const SYNC_STEP: u64 = 1 << 20;
/// Between two steps the disk is the log's alone. A segment lasts for longer than it takes to be ready.
pub(crate) const BREATH: Duration = Duration::from_millis(10);
/// How much larger than its predecessor a segment may be: the first ones are short, so that an idle server takes little
/// room, and each has to last until the next is ready.
const GROWTH: u64 = 4;
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// Size of the segment behind one of `size` bytes.
pub(crate) fn size_after(size: u64, largest: u64) -> u64 {
    size.saturating_mul(GROWTH).min(largest)
}

/// The file name of segment `sequence`.
pub(crate) fn file_name(sequence: u64) -> String {
    format!("{sequence:020}.seg")
}

/// The sequence in a segment's file name; `None` for other files.
pub(crate) fn sequence_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(".seg")?.parse().ok()
}

/// The first bytes of segment `sequence`.
pub(crate) fn head(sequence: u64) -> [u8; SEGMENT_HEAD] {
    let mut head = [0; SEGMENT_HEAD];
    head[..8].copy_from_slice(MAGIC);
    head[8..16].copy_from_slice(&sequence.to_le_bytes());
    let sum = crc32c::crc32c(&head[..16]);
    head[16..20].copy_from_slice(&sum.to_le_bytes());
    head
}

/// Creates `path` with `size` zero bytes on disk, with a `breath` after each MiB. The file is synced, its directory is
/// not.
pub(crate) fn create_zeroed(disk: &Disk, path: &Path, size: u64, breath: Duration) -> io::Result<File> {
    // Asked before: who finds out by writing fills the disk to the brim at every attempt, and whoever else writes to it,
    // the tables and the snapshots that would let old segments go, fails meanwhile.
    if let Some(dir) = path.parent()
        && disk.room(dir)? < size
    {
        return Err(io::ErrorKind::StorageFull.into());
    }
    let file = disk.create(path)?;
    let fill = || {
        let mut written = 0;
        while written < size {
            let step = (size - written).min(ZEROS.len() as u64);
            let step = usize::try_from(step).expect("a step is at most the zero block");
            file.write_all_at(&ZEROS[..step], written)?;
            written += step as u64;
            if written % SYNC_STEP == 0 && written < size {
                // One sync of 64 MiB at the end would hold up the log's own syncs for tens of milliseconds, and one of
                // these after the other each of them a little.
                file.sync_data()?;
                std::thread::sleep(breath);
            }
        }
        file.sync_all()
    };
    match fill() {
        Ok(()) => Ok(file),
        Err(error) => {
            // What was written so far would only hold space that is already short.
            let _ = disk.remove_file(path);
            Err(error)
        }
    }
}

/// Whether there is no room on the disk, which may change, unlike other faults.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// The segments in `dir`, oldest first. Everything else in it is left over and deleted.
pub(crate) fn list(disk: &Disk, dir: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut segments = Vec::new();
    for path in disk.read_dir(dir)? {
        match sequence_of(&path) {
            Some(sequence) => segments.push((sequence, path)),
            None if is_spare(&path) => remove_if_there(disk, &path)?,
            None => {}
        }
    }
    segments.sort();
    Ok(segments)
}

/// A path for a file that is no segment yet. No two logs of this process get the same one, so that
/// the threads of a log that is being closed never touch what its successor zeroes.
pub(crate) fn spare_path(dir: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    dir.join(format!("spare-{}.tmp", NUMBER.fetch_add(1, Ordering::Relaxed)))
}

fn remove_if_there(disk: &Disk, path: &Path) -> io::Result<()> {
    match disk.remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn is_spare(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("spare-"))
}
