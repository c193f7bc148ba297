//! A segment as a start may find it, fuzzed by the harness of `tests/suites/fuzz`: what is taken for whole is whole,
//! what was torn is mended for good, and what is refused is left as it was.

use std::fs;

use super::record::{self, HEAD, OVERHEAD, SEAL, SEAL_WORD};
use super::recovery::recover;
use super::scan::scan;
use super::segment::{self, SEGMENT_HEAD};
use crate::disk::Disk;
use crate::fuzz_harness::{Target, fuzz};

const CACHE_BYTES: usize = 1 << 20;

/// The same with a head, checksums and seals that are right, so that what is behind them is looked at too.
fn resealed(input: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    if bytes.len() < SEGMENT_HEAD {
        return bytes;
    }
    bytes[..SEGMENT_HEAD].copy_from_slice(&segment::head(1));
    let mut at = SEGMENT_HEAD;
    while at + OVERHEAD <= bytes.len() && bytes[at..].iter().any(|byte| *byte != 0) {
        let room = bytes.len() - at - OVERHEAD;
        let declared = u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let length = u32::try_from(room).unwrap().min(declared);
        bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
        let end = at + HEAD + length as usize;
        bytes[end..end + SEAL].copy_from_slice(&SEAL_WORD.to_le_bytes());
        let sum = record::checksum(&bytes[at..end]);
        bytes[at + 8..at + 12].copy_from_slice(&sum.to_le_bytes());
        at = end + SEAL;
    }
    bytes
}

fn look(bytes: &[u8]) {
    let seen = scan(bytes, 1);
    for (at, found) in &seen.records {
        assert!(found.payload.end + SEAL <= bytes.len() && record::parse(bytes, *at).is_ok());
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(segment::file_name(1));
    fs::write(&path, bytes).unwrap();
    match recover(&Disk::Real, dir.path(), CACHE_BYTES) {
        Err(_) => assert_eq!(fs::read(&path).unwrap(), bytes, "a refused log was changed"),
        Ok(_) => {
            let again = recover(&Disk::Real, dir.path(), CACHE_BYTES).expect("a log that was mended opens");
            assert_eq!(again.torn, None, "a log is torn again after it was mended");
        }
    }
}

#[test]
fn segments() {
    let run = |input: &[u8]| {
        look(input);
        look(&resealed(input));
    };
    let words = &[
        "\0\0\0\0\u{1}\0\0\0",
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        "\u{2}\0\0\0",
        "\u{3}\0\0\0",
        "\u{4}\0\0\0",
        "\u{5}\0\0\0",
        "\u{6}\0\0\0",
    ];
    fuzz(&Target { name: "segment", words, more: None, run });
}
