//! How a saved snapshot comes back: its rows in parts, each a command of its own, and one command that puts them in
//! place of everything. Until then nothing but the parts has changed. Variants and fields are frozen once shipped.

use model::codec::{digest, encode};
use serde::{Deserialize, Serialize};

use super::Seed;
use crate::row::RowKey;

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum RestoreStep {
    /// Forgets parts of whatever restore came before.
    Begin {
        /// Tells this restore from others, and is the cluster's epoch after it.
        id: Seed,
    },
    /// Keeps a part.
    Part {
        /// The restore.
        id: Seed,
        /// Counts them, from 0.
        number: u64,
        /// Rows, in any order.
        rows: Vec<RestoredRow>,
    },
    /// Puts what the parts hold in place of the state, if they are all there.
    Commit {
        /// The restore.
        id: Seed,
        /// How many there are.
        parts: u64,
        /// [`chain`] over all of them.
        #[serde(with = "serde_bytes")]
        digest: Vec<u8>,
    },
    /// Forgets the parts: the restore has failed.
    Abandon {
        /// The restore.
        id: Seed,
    },
}

/// A row of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RestoredRow {
    #[serde(with = "serde_bytes")]
    key: Vec<u8>,
    #[serde(with = "serde_bytes")]
    value: Vec<u8>,
}

/// A part as it is kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RestorePart {
    /// The restore that it is of.
    pub(crate) id: Option<Seed>,
    pub(crate) rows: Vec<RestoredRow>,
}

impl RestoredRow {
    /// A row as a snapshot has it.
    pub fn new(key: &RowKey, value: Vec<u8>) -> Self {
        RestoredRow { key: key.as_bytes().to_vec(), value }
    }

    /// How large it is, bytes.
    pub fn size(&self) -> usize {
        self.key.len() + self.value.len()
    }

    pub(crate) fn key(&self) -> RowKey {
        RowKey::from_bytes(&self.key)
    }

    pub(crate) fn value(&self) -> &[u8] {
        &self.value
    }
}

/// The digest of all parts up to one, from the digest of those before it: empty before the first.
pub fn chain(before: &[u8], rows: &[RestoredRow]) -> Vec<u8> {
    digest(&[before, &encode(&rows)].concat()).to_vec()
}
