//! Parts of a snapshot on their way back: see [`crate::command::restore`].

use std::sync::Arc;

use model::codec::encode;

use super::{RowError, RowKey, read};
use crate::snapshot::State;

pub(super) const PART: u8 = 96;

impl RowKey {
    pub(crate) fn restore_part(number: u64) -> Self {
        RowKey::new([&[PART], number.to_be_bytes().as_slice()].concat())
    }

    fn part_number(&self) -> Option<u64> {
        Some(u64::from_be_bytes(self.bytes.get(1..)?.try_into().ok()?))
    }
}

impl State {
    pub(super) fn row_of_restore(&self, key: &RowKey) -> Option<Vec<u8>> {
        self.restore.get(&key.part_number()?).map(|part| encode(&**part))
    }

    pub(super) fn keys_of_restore(&self) -> impl Iterator<Item = RowKey> + '_ {
        self.restore.keys().map(|number| RowKey::restore_part(*number))
    }

    pub(super) fn load_row_of_restore(&mut self, key: &RowKey, value: &[u8]) -> Result<(), RowError> {
        let number = key.part_number().ok_or_else(|| RowError::UnknownKey(key.clone()))?;
        self.restore.insert(number, Arc::new(read(key, value)?));
        Ok(())
    }
}
