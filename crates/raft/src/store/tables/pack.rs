//! Several small rows in one value.
//!
//! sled pays for each value that is put, not for its bytes, and a registration changes half a dozen small rows. Rows that
//! keep company ([`RowKey::company`]) therefore lie in one value, a pack, as long as there is room in it; a row for which
//! there is none lies alone, as rows without company do. A row moves from the pack to a place of its own and never back,
//! and the pack counts who is alone, so that no row is ever in two places.

use std::collections::BTreeMap;

use sled::{Batch, Db};
use state::RowKey;

use super::codec::{self, Pieces};

/// A pack's bytes. A leaf of sled holds sixteen values, and one of more than 128 KiB becomes a file of its own.
const PACK_BYTES: usize = 6 << 10;
/// Checksum and how many are alone.
const HEAD: usize = 8;
/// Lengths of key and value.
const ROW_HEAD: usize = 4;

/// Rows of one company.
#[derive(Debug, Default)]
pub(super) struct Pack {
    /// By the bytes of their keys.
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Rows of the company that lie alone.
    alone: u32,
    bytes: usize,
}

impl Pack {
    /// The pack as it lies in the database; an empty one when there is none.
    pub(super) fn get(database: &Db, company: &[u8]) -> Result<Pack, String> {
        let stored = database.get(codec::pack_key(company)).map_err(|error| error.to_string())?;
        stored.map_or_else(|| Ok(Pack::default()), |bytes| Pack::decode(company, &bytes))
    }

    /// Reads the rows of a pack.
    pub(super) fn decode(company: &[u8], stored: &[u8]) -> Result<Pack, String> {
        let damaged = |why: &str| format!("rows of company {company:?}: {why}");
        let (head, mut rest) = stored.split_at_checked(HEAD).ok_or_else(|| damaged("cut short"))?;
        if crc32c::crc32c(&stored[4..]).to_le_bytes() != head[..4] {
            return Err(damaged("checksum mismatch"));
        }
        let mut pack =
            Pack { alone: u32::from_le_bytes([head[4], head[5], head[6], head[7]]), ..Pack::default() };
        while let Some((lengths, after)) = rest.split_at_checked(ROW_HEAD) {
            let length = |at: usize| usize::from(u16::from_le_bytes([lengths[at], lengths[at + 1]]));
            let (key, after) =
                after.split_at_checked(length(0)).ok_or_else(|| damaged("a key is cut short"))?;
            let (value, after) =
                after.split_at_checked(length(2)).ok_or_else(|| damaged("a row is cut short"))?;
            pack.put(key.to_vec(), value.to_vec());
            rest = after;
        }
        if rest.is_empty() { Ok(pack) } else { Err(damaged("bytes are left over")) }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![0; 4];
        bytes.reserve(self.bytes + HEAD);
        bytes.extend(self.alone.to_le_bytes());
        for (key, value) in &self.rows {
            for part in [key, value] {
                // `put` takes nothing that a pack has no room for.
                bytes.extend(u16::try_from(part.len()).unwrap_or(u16::MAX).to_le_bytes());
            }
            bytes.extend(key);
            bytes.extend(value);
        }
        let sum = crc32c::crc32c(&bytes[4..]).to_le_bytes();
        bytes[..4].copy_from_slice(&sum);
        bytes
    }

    /// The rows that lie in it.
    pub(super) fn into_rows(self) -> impl Iterator<Item = (RowKey, Vec<u8>)> {
        self.rows.into_iter().map(|(key, value)| (RowKey::from_bytes(&key), value))
    }

    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.bytes += size(&key, &value);
        self.rows.insert(key, value);
    }

    /// Takes a row out; whether it was there.
    fn take(&mut self, key: &[u8]) -> bool {
        let Some(value) = self.rows.remove(key) else { return false };
        self.bytes -= size(key, &value);
        true
    }

    /// Changes a row's value, or removes it; what has to be written outside of the pack goes into `batch`, and `pieces`
    /// knows of rows that lie in pieces.
    pub(super) fn change(
        &mut self,
        database: &Db,
        batch: &mut Batch,
        pieces: &mut Pieces,
        key: &RowKey,
        value: Option<Vec<u8>>,
    ) -> Result<(), String> {
        let packed = self.take(key.as_bytes());
        let was_alone = !packed
            && self.alone > 0
            && database.contains_key(key.as_bytes()).map_err(|error| error.to_string())?;
        match value {
            Some(value) if !was_alone && self.bytes + size(key.as_bytes(), &value) <= PACK_BYTES => {
                self.put(key.as_bytes().to_vec(), value);
            }
            Some(value) => {
                self.alone += u32::from(!was_alone);
                codec::put_counted(batch, pieces, key, Some(&value));
            }
            None if was_alone => {
                self.alone -= 1;
                codec::put_counted(batch, pieces, key, None);
            }
            None => {}
        }
        Ok(())
    }

    /// Puts the pack itself into a batch; an empty one is removed.
    pub(super) fn write(&self, batch: &mut Batch, company: &[u8]) {
        let key = codec::pack_key(company);
        if self.rows.is_empty() && self.alone == 0 {
            batch.remove(key);
        } else {
            batch.insert(key, self.encode());
        }
    }
}

fn size(key: &[u8], value: &[u8]) -> usize {
    ROW_HEAD + key.len() + value.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> RowKey {
        RowKey::from_bytes(&[4, 0, 0, 0, 0, 0, 0, 0, 1, number])
    }

    fn change(database: &Db, pieces: &mut Pieces, number: u8, value: Option<usize>) {
        let company = key(number).company().unwrap();
        let mut batch = Batch::default();
        let mut pack = Pack::get(database, &company).unwrap();
        pack.change(database, &mut batch, pieces, &key(number), value.map(|bytes| vec![number; bytes]))
            .unwrap();
        pack.write(&mut batch, &company);
        database.apply_batch(batch).unwrap();
    }

    /// Which rows there are, with their lengths: those in the pack, and those alone.
    fn places(database: &Db) -> (Vec<usize>, Vec<usize>) {
        let company = key(0).company().unwrap();
        let packed = Pack::get(database, &company).unwrap().into_rows().map(|(_, value)| value.len());
        let alone = database.iter().map(Result::unwrap).filter(|(key, _)| codec::is_row(key));
        let values = alone
            .map(|(key, stored)| codec::get(database, &RowKey::from_bytes(&key), &stored).unwrap().0.len());
        (packed.collect(), values.collect())
    }

    #[test]
    fn a_row_is_in_one_place_however_it_grows() {
        let dir = tempfile::tempdir().unwrap();
        let database = sled::Config::new().path(dir.path()).open().unwrap();
        let mut pieces = Pieces::new();
        for (number, bytes) in [(1, 3_000), (2, 2_000), (3, 2_000)] {
            change(&database, &mut pieces, number, Some(bytes));
        }
        assert_eq!(places(&database), (vec![3_000, 2_000], vec![2_000]), "no room for the third");
        change(&database, &mut pieces, 1, Some(50_000));
        assert_eq!(places(&database), (vec![2_000], vec![50_000, 2_000]), "too large for any pack");
        assert_eq!(pieces.values().copied().collect::<Vec<_>>(), [5]);
        change(&database, &mut pieces, 1, Some(10));
        change(&database, &mut pieces, 3, Some(20));
        assert_eq!(places(&database), (vec![2_000], vec![10, 20]), "who is alone stays alone");
        change(&database, &mut pieces, 4, None);
        for number in 1..=3 {
            change(&database, &mut pieces, number, None);
        }
        assert!(database.is_empty() && pieces.is_empty(), "nothing is left of a company that is gone");
    }

    #[test]
    fn every_bit_of_a_pack_is_checked() {
        let mut pack = Pack::default();
        pack.put(key(1).as_bytes().to_vec(), vec![7; 100]);
        let stored = pack.encode();
        assert_eq!(Pack::decode(&[], &stored).unwrap().rows, pack.rows);
        for at in 0..stored.len() {
            let mut damaged = stored.clone();
            damaged[at] ^= 1;
            assert!(Pack::decode(&[], &damaged).is_err(), "byte {at}");
        }
    }
}
