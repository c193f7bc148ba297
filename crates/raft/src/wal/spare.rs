//! Keeps a zeroed segment ready, so that a rollover never waits for 64 MiB of zeros. The first ones are smaller: each has
//! to be ready before its predecessor, which is smaller still, is full.
//!
//! It waits in this thread's hands; the next one is zeroed as soon as it is taken, while the log fills it. When there is
//! no room for that, the disk is short: the flag goes up, and proposals are refused while the segment that was just begun
//! still carries what raft itself must write. A second one in reserve would take 64 MiB more of every server, and one
//! that has no room for it would refuse proposals with a whole segment at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::segment;
use crate::disk::{Disk, File};

const RETRY: Duration = Duration::from_millis(500);

/// A zeroed file that is no segment yet.
pub(crate) struct Spare {
    pub(crate) path: PathBuf,
    pub(crate) file: File,
    pub(crate) size: u64,
}

/// Starts the thread, with a segment of `sizes.0` bytes, and then larger ones up to `sizes.1`; it ends when the receiver
/// is dropped.
pub(crate) fn start(
    (disk, dir): (Disk, PathBuf),
    sizes: (u64, u64),
    space_low: Arc<AtomicBool>,
    closing: Arc<AtomicBool>,
) -> std::io::Result<Receiver<Spare>> {
    let (sender, receiver) = sync_channel(0);
    thread::Builder::new()
        .name("wal-spares".into())
        .spawn(move || run((&disk, &dir), sizes, &space_low, &closing, &sender))?;
    Ok(receiver)
}

fn run(
    (disk, dir): (&Disk, &Path),
    (mut size, largest): (u64, u64),
    space_low: &AtomicBool,
    closing: &AtomicBool,
    sender: &SyncSender<Spare>,
) {
    loop {
        let path = segment::spare_path(dir);
        let Some(file) = create((disk, &path), size, space_low, closing) else {
            return;
        };
        if sender.send(Spare { path: path.clone(), file, size }).is_err() {
            // The log is closed; the next start would delete the file anyway.
            let _ = disk.remove_file(&path);
            return;
        }
        size = segment::size_after(size, largest);
    }
}

/// Tries until there is space; `None` when the log closes first.
fn create(
    (disk, path): (&Disk, &Path),
    size: u64,
    space_low: &AtomicBool,
    closing: &AtomicBool,
) -> Option<File> {
    loop {
        if closing.load(Ordering::Acquire) {
            return None;
        }
        match segment::create_zeroed(disk, path, size, segment::BREATH) {
            Ok(file) => {
                if space_low.swap(false, Ordering::AcqRel) {
                    tracing::info!("there is space for log segments again");
                }
                return Some(file);
            }
            Err(error) if !segment::is_full(&error) => {
                // Not a matter of space: the writer will meet the same fault when it needs a segment, and
                // for it that is fatal.
                tracing::error!(%error, path = %path.display(), "a log segment cannot be prepared");
                thread::sleep(RETRY);
            }
            Err(error) => {
                if !space_low.swap(true, Ordering::AcqRel) {
                    tracing::error!(%error, path = %path.display(), "no space for another log segment");
                }
                thread::sleep(RETRY);
            }
        }
    }
}
