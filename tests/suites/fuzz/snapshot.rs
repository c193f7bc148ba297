//! Saved snapshots, which anybody may carry about before they are given back.

use std::io::Write;
use std::sync::Arc;

use raft::SnapshotArchive;

use super::harness::{Target, fuzz};

/// What the file begins with, and the head of each of its frames: kind, tag, rows, length, checksum.
const MAGIC: usize = 8;
const HEAD: usize = 18;

/// The same with checksums that are right, so that what is behind them is looked at too.
fn resealed(input: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    let mut at = MAGIC;
    while at + HEAD <= bytes.len() {
        let room = bytes.len() - at - HEAD;
        let declared = u32::from_le_bytes([bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13]]);
        let length = (declared as usize).min(room);
        bytes[at + 10..at + 14].copy_from_slice(&(length as u32).to_le_bytes());
        let body = at + HEAD..at + HEAD + length;
        let sum = crc32c::crc32c_append(crc32c::crc32c(&bytes[at..at + 14]), &bytes[body.clone()]);
        bytes[at + 14..at + HEAD].copy_from_slice(&sum.to_le_bytes());
        at = body.end;
    }
    bytes
}

fn open(bytes: &[u8]) {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let archive = SnapshotArchive::of(Arc::new(file));
    // What one of them takes for a snapshot is one to the others, but for rules that only a whole state breaks.
    let (inspected, state) = (archive.inspect(), archive.state());
    assert!(inspected.is_ok() || state.is_err(), "a state of a file that cannot be inspected");
    let Ok(mut rows) = archive.rows() else { return assert!(inspected.is_err()) };
    while let Ok(Some(_)) = rows.next() {}
}

#[test]
fn snapshots() {
    let run = |input: &[u8]| {
        open(input);
        open(&resealed(input));
    };
    let words = &["\u{1}", "\u{2}", "\u{3}", "\0\0\0\0", "id", "namespace", "default", "\u{7f}\u{7f}\u{7f}"];
    fuzz(&Target { name: "snapshot", words, more: None, run });
}
