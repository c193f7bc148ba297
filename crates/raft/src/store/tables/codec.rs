//! How a row lies in sled: with a checksum of its own, and in chunks when it is large.
//!
//! sled moves anything large to a blob directory that leaks space, so values are cut below 12 KiB.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sled::{Batch, Tree};
use state::RowKey;

/// Values up to this many bytes stand in one piece.
const PIECE: usize = 12 << 10;
/// Prefix of the pieces of large values; no table has this tag.
const CHUNK: u8 = 0xFE;
/// Prefix of packs; no table has this tag.
const PACK: u8 = 0xFD;
/// Key of [`super::Applied`]; no table has this tag.
pub(super) const APPLIED: [u8; 2] = [0xFF, b'a'];
/// Key of the layout's number; without it every row lies alone, as the first versions wrote them.
pub(super) const LAYOUT: [u8; 2] = [0xFF, b'l'];
/// Rows that keep company lie in packs, all of them by when they were made.
pub(super) const PACKED: [u8; 1] = [3];
/// The layout before it: what belongs to a job's name lay in a pack by that name.
pub(super) const PACKED_BY_NAME: [u8; 1] = [2];

/// Rows that are cut into pieces, by the bytes of their keys, and into how many.
pub(super) type Pieces = BTreeMap<Vec<u8>, u16>;

const WHOLE: u8 = 0;
const CHUNKED: u8 = 1;

/// Whether a key read from the tree names a row.
pub(super) fn is_row(key: &[u8]) -> bool {
    key.first().is_some_and(|tag| *tag < PACK)
}

/// The company whose pack has this key.
pub(super) fn company(key: &[u8]) -> Option<&[u8]> {
    key.strip_prefix(&[PACK])
}

/// Where the pack of a company lies.
pub(super) fn pack_key(company: &[u8]) -> Vec<u8> {
    [[PACK].as_slice(), company].concat()
}

/// [`put`], by a count of pieces that it keeps up to date.
pub(super) fn put_counted(batch: &mut Batch, pieces: &mut Pieces, key: &RowKey, value: Option<&[u8]>) {
    let before = pieces.remove(key.as_bytes()).unwrap_or(0);
    let now = put(batch, key, value, before);
    if now > 0 {
        pieces.insert(key.as_bytes().to_vec(), now);
    }
}

/// Puts a row into `batch`; `before` is how many pieces it had, the answer how many it has.
fn put(batch: &mut Batch, key: &RowKey, value: Option<&[u8]>, before: u16) -> u16 {
    let mut pieces = 0;
    match value {
        None => batch.remove(key.as_bytes()),
        Some(value) => {
            let mut head = vec![WHOLE];
            head.extend_from_slice(&crc32c::crc32c(value).to_le_bytes());
            if value.len() <= PIECE {
                head.extend_from_slice(value);
            } else {
                head[0] = CHUNKED;
                for piece in value.chunks(PIECE) {
                    batch.insert(chunk_key(key, pieces), piece);
                    pieces += 1;
                }
                head.extend_from_slice(&pieces.to_le_bytes());
            }
            batch.insert(key.as_bytes(), head);
        }
    }
    for piece in pieces..before {
        batch.remove(chunk_key(key, piece));
    }
    pieces
}

/// Reads a row back: its value, and in how many pieces it was.
pub(super) fn get<'a>(tree: &Tree, key: &RowKey, stored: &'a [u8]) -> Result<(Cow<'a, [u8]>, u16), String> {
    let damaged = |why: &str| format!("row {:?}: {why}", key.as_bytes());
    let (Some(form), Some(sum)) = (stored.first(), stored.get(1..5)) else {
        return Err(damaged("cut short"));
    };
    let (value, pieces) = match *form {
        WHOLE => (Cow::Borrowed(&stored[5..]), 0),
        CHUNKED => {
            let pieces = stored.get(5..7).ok_or_else(|| damaged("cut short"))?;
            let pieces = u16::from_le_bytes([pieces[0], pieces[1]]);
            let mut value = Vec::new();
            for piece in 0..pieces {
                let bytes = tree.get(chunk_key(key, piece)).map_err(|error| error.to_string())?;
                value.extend_from_slice(&bytes.ok_or_else(|| damaged("a piece is missing"))?);
            }
            (Cow::Owned(value), pieces)
        }
        _ => return Err(damaged("unknown form")),
    };
    if crc32c::crc32c(&value).to_le_bytes() != sum {
        return Err(damaged("checksum mismatch"));
    }
    Ok((value, pieces))
}

fn chunk_key(key: &RowKey, piece: u16) -> Vec<u8> {
    let mut chunk = vec![CHUNK];
    // The length makes keys of different rows differ even when one is the other's beginning.
    chunk.extend_from_slice(&u32::try_from(key.as_bytes().len()).unwrap_or(u32::MAX).to_be_bytes());
    chunk.extend_from_slice(key.as_bytes());
    chunk.extend_from_slice(&piece.to_be_bytes());
    chunk
}
