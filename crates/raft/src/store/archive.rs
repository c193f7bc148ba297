//! Snapshots that people carry away and bring back: the files of [`super::snapshot_format`], outside of a data
//! directory. The membership in them is of no account: a state is given back to whichever servers there are.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use state::{RowKey, State};

use super::snapshot_format::{self, Header, Rows, SnapshotError, VERSION};

/// A snapshot that was saved for somebody. Its file has no name and is gone with the last descriptor.
#[derive(Debug)]
pub struct SavedSnapshot {
    /// The file, at its beginning.
    pub file: File,
    /// Its size, bytes.
    pub size: u64,
    /// SHA-256 of all of it.
    pub sha256: [u8; 32],
    /// The clients' index of the state in it.
    pub index: u64,
}

/// What a snapshot file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// Its id: term, index in the log, and a part of its own.
    pub id: String,
    /// Its size, bytes.
    pub size: u64,
    /// The clients' index of the state.
    pub index: u64,
    /// The raft term in which the last change was made.
    pub term: u64,
    /// Version of the format.
    pub version: u64,
    /// What is in it, in the order of the file.
    pub tables: Vec<TableInfo>,
}

/// One table of a snapshot file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableInfo {
    /// What its rows are.
    pub name: &'static str,
    /// How many there are.
    pub rows: u64,
    /// Bytes of keys and values.
    pub bytes: u64,
}

/// A snapshot file to be read, as often as one likes and from several threads.
#[derive(Debug, Clone)]
pub struct SnapshotArchive {
    file: Arc<File>,
}

/// The rows of a snapshot file, in its order.
pub struct SnapshotRows {
    rows: Rows<Reader>,
}

/// Reads a file that others read too: the place is its own.
struct Reader {
    file: Arc<File>,
    at: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl SnapshotArchive {
    /// A file at a path.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(path: &Path) -> io::Result<SnapshotArchive> {
        Ok(SnapshotArchive::of(Arc::new(File::open(path)?)))
    }

    /// A file that is open already.
    pub fn of(file: Arc<File>) -> SnapshotArchive {
        SnapshotArchive { file }
    }

    fn reader(&self) -> Reader {
        Reader { file: Arc::clone(&self.file), at: 0 }
    }

    /// The rows, checked as they are read. Blocks.
    ///
    /// # Errors
    /// When it does not begin as a snapshot does.
    pub fn rows(&self) -> Result<SnapshotRows, SnapshotError> {
        Ok(SnapshotRows { rows: Rows::open(self.reader())?.1 })
    }

    /// Reads every byte, and says what is there. Blocks.
    ///
    /// # Errors
    /// A file that is damaged, cut short, or none of ours.
    pub fn inspect(&self) -> Result<SnapshotInfo, SnapshotError> {
        let (header, mut rows) = Rows::open(self.reader())?;
        let mut tables: Vec<TableInfo> = Vec::new();
        while let Some((key, value)) = rows.step()? {
            let name = key.table().ok_or_else(|| state::RowError::UnknownKey(key.clone()))?;
            if tables.last().is_none_or(|last| last.name != name) {
                tables.push(TableInfo { name, rows: 0, bytes: 0 });
            }
            if let Some(table) = tables.last_mut() {
                table.rows += 1;
                table.bytes += (key.as_bytes().len() + value.len()) as u64;
            }
        }
        Ok(SnapshotInfo {
            id: header.snapshot_id,
            size: self.file.metadata()?.len(),
            index: header.index,
            term: header.last_log_id.map_or(0, |last| last.leader_id.term),
            version: u64::from(VERSION),
            tables,
        })
    }

    /// Reads all of it and makes the state: what can be read this way can be given back to servers. Blocks.
    ///
    /// # Errors
    /// As [`SnapshotArchive::inspect`], and rows that make no sound state.
    pub fn state(&self) -> Result<State, SnapshotError> {
        Ok(snapshot_format::read_from(self.reader())?.1)
    }
}

impl SnapshotRows {
    /// The next row; `None` at the end of a file that is whole. Blocks.
    ///
    /// # Errors
    /// Bytes that are not those that were written.
    #[expect(clippy::should_implement_trait, reason = "an iterator would hide where the file is damaged")]
    pub fn next(&mut self) -> Result<Option<(RowKey, Vec<u8>)>, SnapshotError> {
        self.rows.step()
    }
}

/// Counts and hashes what passes.
struct Measured<W> {
    to: W,
    bytes: u64,
    hash: Sha256,
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.bytes += written as u64;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Writes a state to a file without a name on the disk of `dir`.
pub(crate) fn save(dir: &Path, header: &Header, state: &State) -> io::Result<SavedSnapshot> {
    let to = Measured { to: tempfile::tempfile_in(dir)?, bytes: 0, hash: Sha256::new() };
    let Measured { to: mut file, bytes, hash } = snapshot_format::write(to, header, state)?;
    file.rewind()?;
    Ok(SavedSnapshot { file, size: bytes, sha256: hash.finalize().into(), index: state.index() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use state::{Command, Envelope};

    fn saved() -> SavedSnapshot {
        let mut state = State::new();
        for now_ns in 0..3 {
            state.apply(Envelope {
                trace: String::new(),
                now_ns,
                command: Command::BeginTenure { tenure: 1 },
            });
        }
        let header = Header {
            last_log_id: None,
            membership: Default::default(),
            snapshot_id: "1-2-x".into(),
            index: state.index(),
        };
        save(&std::env::temp_dir(), &header, &state).unwrap()
    }

    #[test]
    fn a_saved_file_says_what_is_in_it_and_reads_back() {
        let SavedSnapshot { mut file, size, sha256, index } = saved();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert_eq!((bytes.len() as u64, <[u8; 32]>::from(Sha256::digest(&bytes))), (size, sha256));
        let file = SnapshotArchive::of(Arc::new(file));
        let info = file.inspect().unwrap();
        assert_eq!((info.id.as_str(), info.size, info.index, info.version), ("1-2-x", size, index, 1));
        assert!(info.tables.iter().any(|table| table.name == "Namespaces" && table.rows == 1), "{info:?}");
        let state = file.state().unwrap();
        assert!(state.rows().eq(std::iter::from_fn({
            let mut rows = file.rows().unwrap();
            move || rows.next().unwrap()
        })));
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_noticed() {
        let SavedSnapshot { mut file, size, .. } = saved();
        let mut whole = Vec::new();
        file.read_to_end(&mut whole).unwrap();
        let try_it = |bytes: &[u8]| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            let file = SnapshotArchive::of(Arc::new(file));
            file.inspect().is_ok() || file.state().is_ok()
        };
        assert!(try_it(&whole));
        for at in (0..whole.len()).step_by(7) {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x10;
            assert!(!try_it(&flipped), "byte {at} of {size}");
            assert!(!try_it(&whole[..at]), "cut at {at} of {size}");
        }
        assert!(!try_it(&[whole.as_slice(), b"x"].concat()));
    }
}
