//! The log's record: how it is laid out, written and recognised.
//!
//! `length | kind | crc32c | term | node | index | payload | seal`, little endian. The seal is a
//! fixed non-zero word after the payload: with it a record whose end never reached the disk (zeros)
//! can be told from one that was complete and was damaged later. Nothing here touches a file.

use std::ops::Range;

use bytes::Bytes;
use model::planted::{self, Bug};

/// Bytes before the payload.
pub(crate) const HEAD: usize = 36;
/// Bytes after the payload.
pub(crate) const SEAL: usize = 4;
/// Bytes of a record with an empty payload.
pub(crate) const OVERHEAD: usize = HEAD + SEAL;
/// No payload may be longer; a larger length is damage.
pub(crate) const MAX_PAYLOAD: usize = 64 << 20;

pub(super) const SEAL_WORD: u32 = 0x5EA1_ED01;

/// Where in the log something stands: openraft's log id without its generics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Position {
    /// Term of the leader that wrote the entry.
    pub(crate) term: u64,
    /// Id of that leader.
    pub(crate) node: u64,
    /// Index of the entry, from zero.
    pub(crate) index: u64,
}

/// What a record says. The numbers are frozen: they are on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Kind {
    /// Begins what one fdatasync covers; `index` is the byte length of the records that follow.
    Group = 1,
    /// A log entry.
    Entry = 2,
    /// A vote; `index` is 1 when it is committed.
    Vote = 3,
    /// Entries from `index` on are gone.
    Truncate = 4,
    /// Entries up to and including this position are gone.
    Purged = 5,
    /// Everything up to this position is committed.
    Committed = 6,
}

impl Kind {
    fn from_u32(value: u32) -> Option<Kind> {
        Some(match value {
            1 => Kind::Group,
            2 => Kind::Entry,
            3 => Kind::Vote,
            4 => Kind::Truncate,
            5 => Kind::Purged,
            6 => Kind::Committed,
            _ => return None,
        })
    }
}

/// A record found at some offset of a segment.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) at: Position,
    pub(crate) payload: Range<usize>,
}

impl Found {
    /// Bytes the whole record takes.
    pub(crate) fn size(&self) -> usize {
        self.payload.len() + OVERHEAD
    }
}

/// Writes one record at the end of `buffer` and returns its size.
pub(crate) fn push(buffer: &mut Vec<u8>, kind: Kind, at: Position, payload: &[u8]) -> usize {
    let start = buffer.len();
    let length = u32::try_from(payload.len()).expect("payloads are limited to MAX_PAYLOAD");
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(&(kind as u32).to_le_bytes());
    buffer.extend_from_slice(&[0; 4]);
    buffer.extend_from_slice(&at.term.to_le_bytes());
    buffer.extend_from_slice(&at.node.to_le_bytes());
    buffer.extend_from_slice(&at.index.to_le_bytes());
    buffer.extend_from_slice(payload);
    let sum = checksum(&buffer[start..]);
    buffer[start + 8..start + 12].copy_from_slice(&sum.to_le_bytes());
    buffer.extend_from_slice(&SEAL_WORD.to_le_bytes());
    buffer.len() - start
}

/// The length a record at `offset` declares, if its head is there and the length is possible.
pub(crate) fn declared_size(bytes: &[u8], offset: usize) -> Option<usize> {
    let length = word(bytes, offset)? as usize;
    (length <= MAX_PAYLOAD).then_some(length + OVERHEAD)
}

/// Reads the record at `offset`, or says why it is none.
pub(crate) fn parse(bytes: &[u8], offset: usize) -> Result<Found, &'static str> {
    let size = declared_size(bytes, offset).ok_or("impossible length")?;
    let end = offset.checked_add(size).filter(|end| *end <= bytes.len()).ok_or("longer than the segment")?;
    let kind = word(bytes, offset + 4).and_then(Kind::from_u32).ok_or("unknown kind")?;
    let stored = word(bytes, offset + 8).ok_or("no checksum")?;
    if word(bytes, end - SEAL) != Some(SEAL_WORD) {
        return Err("unsealed");
    }
    let sound = stored == checksum(&bytes[offset..end - SEAL]);
    if !sound && !planted::is(Bug::DamagedRecordAccepted) {
        return Err("checksum mismatch");
    }
    let long = |from: usize| {
        let mut eight = [0; 8];
        eight.copy_from_slice(&bytes[offset + from..offset + from + 8]);
        u64::from_le_bytes(eight)
    };
    let at = Position { term: long(12), node: long(20), index: long(28) };
    Ok(Found { kind, at, payload: offset + HEAD..end - SEAL })
}

/// Checks a record that was read back on its own and returns its payload.
pub(crate) fn payload_of(record: Bytes, at: Position) -> Result<Bytes, &'static str> {
    let found = parse(&record, 0)?;
    if found.kind != Kind::Entry || found.at != at || found.size() != record.len() {
        return Err("another record stands here");
    }
    Ok(record.slice(found.payload))
}

fn word(bytes: &[u8], offset: usize) -> Option<u32> {
    let four = bytes.get(offset..offset.checked_add(4)?)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

/// Over head and payload, the checksum's own four bytes left out.
pub(super) fn checksum(record: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&record[..8]), &record[12..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_any_flipped_bit_is_seen() {
        let at = Position { term: 3, node: 9, index: 77 };
        let mut bytes = Vec::new();
        let size = push(&mut bytes, Kind::Entry, at, b"hello");
        assert_eq!(size, bytes.len());
        let found = parse(&bytes, 0).unwrap();
        assert_eq!((found.kind, found.at, &bytes[found.payload.clone()]), (Kind::Entry, at, &b"hello"[..]));
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(parse(&damaged, 0).is_err(), "bit {bit} was not noticed");
        }
    }

    #[test]
    fn a_short_buffer_is_an_error_not_a_panic() {
        let mut bytes = Vec::new();
        push(&mut bytes, Kind::Vote, Position::default(), &[1; 40]);
        for length in 0..bytes.len() {
            assert!(parse(&bytes[..length], 0).is_err());
        }
    }
}
