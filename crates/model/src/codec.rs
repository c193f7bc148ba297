//! The one encoding of nouns and commands: MessagePack with named fields.
//!
//! Field names are the tags: once shipped they are frozen, a new field comes with a default, and an old
//! reader passes over names that it does not know. Fields that say nothing are left out (`docs/adr/0007`), so
//! every struct has `#[serde(default)]`, and its `Default` is false, 0, empty and `None` throughout. `docs/adr/0001` says why this lives in the leaf: log,
//! tables, snapshots and the agents' protocol all carry the same bytes.

mod blank;
#[cfg(test)]
mod tests;
mod writer;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Bytes that are no encoding of what was asked for.
#[derive(Debug, thiserror::Error)]
#[error("cannot decode {what}: {source}")]
pub struct CodecError {
    what: &'static str,
    source: rmp_serde::decode::Error,
}

/// SHA-256 of an encoding: equal nouns have equal ones.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Encodes a noun or command.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    value
        .serialize(writer::Writer { to: &mut bytes })
        .expect("nouns hold nothing that MessagePack cannot carry, and memory does not fail");
    bytes
}

/// Decodes what [`encode`] wrote, now or in an older version.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    rmp_serde::from_slice(bytes).map_err(|source| CodecError { what: std::any::type_name::<T>(), source })
}
