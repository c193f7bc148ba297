//! Reads the log back at start, repairs a torn tail, and refuses everything else that is damaged.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::index::{Index, Place};
use super::record::{Found, Kind, Position};
use super::scan::{Scan, Verdict, scan};
use super::segment::{self, SEGMENT_HEAD};
use crate::disk::{Disk, File};

/// Why the log cannot be opened. Nothing was changed on disk.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// A file could not be read or written.
    #[error("log file {path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A synced record cannot be read: a flipped bit, a lost block, a foreign file.
    #[error("log file {path} is damaged at offset {offset}: {why}")]
    Corrupt {
        /// The segment.
        path: PathBuf,
        /// Bytes from the file's start to the damaged record.
        offset: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A segment between the first and the last is missing.
    #[error("log directory {dir}: segment {missing} is missing")]
    MissingSegment {
        /// The log's directory.
        dir: PathBuf,
        /// The missing sequence.
        missing: u64,
    },
    /// Entries between what was purged and the first one are missing.
    #[error("log directory {dir}: entries before index {first} are missing")]
    MissingEntries {
        /// The log's directory.
        dir: PathBuf,
        /// The first entry that is there.
        first: u64,
    },
}

/// A vote as the log keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VoteRecord {
    /// The term voted in.
    pub(crate) term: u64,
    /// The server voted for.
    pub(crate) node: u64,
    /// Whether a quorum granted it.
    pub(crate) committed: bool,
}

/// A tail that was written but never synced, and is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TornTail {
    /// The segment.
    pub(crate) file: PathBuf,
    /// Where the dropped bytes began.
    pub(crate) offset: u64,
    /// How many bytes were dropped.
    pub(crate) bytes: u64,
}

/// What the log's directory said.
pub(crate) struct Recovered {
    pub(crate) index: Index,
    pub(crate) vote: Option<VoteRecord>,
    pub(crate) committed: Option<Position>,
    pub(crate) segments: BTreeMap<u64, Segment>,
    /// Where the next group goes: segment, offset, and the segment's size.
    pub(crate) tail: Option<(u64, u64, u64)>,
    pub(crate) torn: Option<TornTail>,
    /// The last group: where it begins, and its bytes.
    last_group: (u64, Vec<u8>),
}

/// A segment that is kept open for reading.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<File>,
    /// The highest entry index ever written to it.
    pub(crate) last_index: Option<u64>,
}

/// Reads every segment in `dir`.
pub(crate) fn recover(disk: &Disk, dir: &Path, cache_limit: usize) -> Result<Recovered, WalError> {
    let fail = |path: &Path| {
        let path = path.to_path_buf();
        move |source| WalError::Io { path, source }
    };
    disk.create_dir_all(dir).map_err(fail(dir))?;
    let found = segment::list(disk, dir).map_err(fail(dir))?;
    let mut recovered = Recovered {
        index: Index::new(cache_limit),
        vote: None,
        committed: None,
        segments: BTreeMap::new(),
        tail: None,
        torn: None,
        last_group: (0, Vec::new()),
    };
    // One buffer for all of them: the kernel clears every page of a new one.
    let (mut bytes, mut torn) = (Vec::new(), None);
    for (number, (sequence, path)) in found.iter().enumerate() {
        if let Some((previous, _)) = number.checked_sub(1).and_then(|before| found.get(before))
            && previous + 1 != *sequence
        {
            return Err(WalError::MissingSegment { dir: dir.to_path_buf(), missing: previous + 1 });
        }
        let is_last = number + 1 == found.len();
        torn = recovered.read_segment(disk, (*sequence, path), is_last, &mut bytes)?;
    }
    let expected = recovered.index.purged().map_or(0, |purged| purged.index + 1);
    match recovered.index.first_index() {
        // Raft numbers from zero; its own test suite from one.
        Some(first) if first > expected && !(expected == 0 && first == 1) => {
            return Err(WalError::MissingEntries { dir: dir.to_path_buf(), first });
        }
        _ => {}
    }
    // Only now: a log that is refused stays as it was found.
    if let Some(torn) = torn {
        repair(&torn).map_err(fail(&torn.path))?;
    }
    Ok(recovered)
}

/// A tail that is to be mended.
struct Torn {
    path: PathBuf,
    file: Arc<File>,
    /// Where its group begins.
    group: u64,
    /// What is there of the group, up to the last byte that is not zero.
    bytes: Vec<u8>,
}

impl Recovered {
    /// Makes sure that what was read is on the disk, before anybody is told of it or anything is written behind it. A
    /// process that ended between a write and its sync leaves a group that only the page cache holds, and after a sync
    /// that failed the system takes such pages for written: so the last group, the only one that this can be, is
    /// written once more. The same goes for the name of a segment.
    pub(crate) fn make_durable(&self, disk: &Disk, dir: &Path) -> Result<(), WalError> {
        let Some(segment) = self.tail.and_then(|(sequence, ..)| self.segments.get(&sequence)) else {
            return Ok(());
        };
        let fail = |source| WalError::Io { path: segment.path.clone(), source };
        let (offset, bytes) = &self.last_group;
        segment.file.write_all_at(bytes, *offset).map_err(fail)?;
        segment.file.sync_data().map_err(fail)?;
        disk.sync_dir(dir).map_err(|source| WalError::Io { path: dir.to_path_buf(), source })
    }

    fn read_segment(
        &mut self,
        disk: &Disk,
        (sequence, path): (u64, &Path),
        is_last: bool,
        bytes: &mut Vec<u8>,
    ) -> Result<Option<Torn>, WalError> {
        let fail = |source| WalError::Io { path: path.to_path_buf(), source };
        let corrupt =
            |offset: usize, why| WalError::Corrupt { path: path.to_path_buf(), offset: offset as u64, why };
        let mut file = disk.open(path).map_err(fail)?;
        bytes.clear();
        file.read_to_end(bytes).map_err(fail)?;
        let file = Arc::new(file);
        let Scan { records, end, group, written, verdict } = scan(bytes, sequence);
        let (end, torn) = match verdict {
            Verdict::Clean => (end, None),
            Verdict::Torn { group } if is_last => {
                let (path, file) = (path.to_path_buf(), Arc::clone(&file));
                let dropped = bytes[group..written].to_vec();
                let (offset, length) = (group as u64, dropped.len() as u64);
                self.torn = Some(TornTail { file: path.clone(), offset, bytes: length });
                (group, Some(Torn { path, file, group: offset, bytes: dropped }))
            }
            Verdict::Torn { .. } => return Err(corrupt(end, "torn although later segments exist")),
            Verdict::Corrupt { at, why } => return Err(corrupt(at, why)),
        };
        if is_last {
            let group = group.filter(|group| *group < end).unwrap_or(end);
            self.last_group = (group as u64, bytes[group..end].to_vec());
        }
        let mut last_index = None;
        // Nothing of a torn group counts: nobody was told of any of it.
        for (offset, found) in records.into_iter().take_while(|(offset, _)| *offset < end) {
            if found.kind == Kind::Entry {
                last_index = last_index.max(Some(found.at.index));
            }
            self.replay(sequence, offset, &found)
                .map_err(|()| corrupt(offset, "entry does not follow the one before it"))?;
        }
        self.tail = Some((sequence, end as u64, bytes.len() as u64));
        self.segments.insert(sequence, Segment { path: path.to_path_buf(), file, last_index });
        Ok(torn)
    }

    fn replay(&mut self, sequence: u64, offset: usize, found: &Found) -> Result<(), ()> {
        let at = found.at;
        match found.kind {
            Kind::Group => {}
            Kind::Entry => {
                let place = Place { segment: sequence, offset: offset as u64, size: found.size() };
                self.index.recovered(at, place).map_err(|_last| ())?;
            }
            Kind::Vote => {
                self.vote = Some(VoteRecord { term: at.term, node: at.node, committed: at.index == 1 });
            }
            Kind::Truncate => self.index.truncate(at.index),
            Kind::Purged => self.index.purge(at),
            Kind::Committed => self.committed = self.committed.max(Some(at)),
        }
        Ok(())
    }
}

/// Puts zeros in the place of a torn group. Stopped at any point, and whichever of the zeros arrive, the next start finds
/// a torn group again, or none: see `scan`. So the group goes as a whole; to shorten it would take a new head, which may
/// lie across two sectors of which only one arrives.
fn repair(torn: &Torn) -> io::Result<()> {
    debug_assert!(torn.group >= SEGMENT_HEAD as u64, "a group begins behind the segment's head");
    torn.file.write_all_at(&vec![0; torn.bytes.len()], torn.group)?;
    torn.file.sync_data().inspect_err(|_failed| {
        // The system may take those zeros for written now, and show them to the next start whatever the disk holds. That
        // start has to find what it has to mend.
        let _ = torn.file.write_all_at(&torn.bytes, torn.group);
    })
}
