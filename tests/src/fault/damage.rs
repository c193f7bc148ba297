//! Damage to the files of a server that does not run: a tail that was being written, and bits that turned.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use runtime::Mint;

/// The eight bytes with which a group of records begins, as the log writes them before anything else.
const GROUP: [u8; 8] = [0, 0, 0, 0, 1, 0, 0, 0];
/// A group's head has 40 bytes.
const HEAD: u64 = 40;

/// Where a server keeps its log.
pub fn log_dir(data: &Path) -> PathBuf {
    data.join("server/raft/wal")
}

/// Where it keeps its tables.
pub fn tables_dir(data: &Path) -> PathBuf {
    data.join("server/raft/tables")
}

/// Where it keeps its snapshots.
pub fn snapshots_dir(data: &Path) -> PathBuf {
    data.join("server/raft/snapshots")
}

/// Leaves the beginning of a record behind the last one of a log, as a power cut does. Answers where.
///
/// # Errors
/// When there is no log, or it cannot be written.
pub fn tear_tail(log: &Path, mint: &Mint) -> anyhow::Result<(PathBuf, u64)> {
    let mut segments = files(log)?;
    segments.retain(|path| path.extension().is_some_and(|extension| extension == "seg"));
    segments.sort();
    let path = segments.pop().context("a log has a segment")?;
    let bytes = fs::read(&path)?;
    let end = written(&bytes);
    let mut torn = GROUP.to_vec();
    torn.resize(usize::try_from(9 + mint.below(HEAD - 10))?, 0xA5);
    File::options().write(true).open(&path)?.write_all_at(&torn, end as u64)?;
    Ok((path, end as u64))
}

/// Flips one bit of the largest file below a directory, somewhere in the first half of what is written there: behind it
/// there is enough that was synced later. Answers where; `None` when there is nothing to flip.
///
/// # Errors
/// Whatever the file system says.
pub fn flip_bit(dir: &Path, mint: &Mint) -> anyhow::Result<Option<(PathBuf, u64)>> {
    let mut largest: Option<(usize, PathBuf, Vec<u8>)> = None;
    for path in files(dir)? {
        let bytes = fs::read(&path)?;
        let size = written(&bytes);
        if largest.as_ref().is_none_or(|(most, ..)| size > *most) {
            largest = Some((size, path, bytes));
        }
    }
    let Some((size, path, bytes)) = largest.filter(|(size, ..)| *size > 4_096) else { return Ok(None) };
    let at = mint.below(size as u64 / 2);
    let flipped = bytes[usize::try_from(at)?] ^ (1 << mint.below(8));
    File::options().write(true).open(&path)?.write_all_at(&[flipped], at)?;
    Ok(Some((path, at)))
}

/// One past the last byte that is not zero.
fn written(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

/// All files below a directory.
fn files(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        let entries = fs::read_dir(&dir).with_context(|| dir.display().to_string())?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_bit_turns_in_the_first_half() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(flip_bit(dir.path(), &Mint::seeded(1)).unwrap(), None);
        let before = vec![7; 10_000];
        fs::write(dir.path().join("a"), &before).unwrap();
        let (path, at) = flip_bit(dir.path(), &Mint::seeded(1)).unwrap().unwrap();
        let after = fs::read(path).unwrap();
        let turned: Vec<usize> = (0..before.len()).filter(|at| before[*at] != after[*at]).collect();
        assert_eq!(turned, [usize::try_from(at).unwrap()]);
        assert!(at < 5_000 && (before[turned[0]] ^ after[turned[0]]).count_ones() == 1);
    }
}
