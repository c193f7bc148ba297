//! The one encoding of nouns and commands: MessagePack with named fields.
//!
//! Field names are the tags: once shipped they are frozen, a new field comes with a default, and an old
//! reader passes over names that it does not know. `docs/adr/0001` says why this lives in the leaf: log,
//! tables, snapshots and the agents' protocol all carry the same bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes that are no encoding of what was asked for.
#[derive(Debug, thiserror::Error)]
#[error("cannot decode {what}: {source}")]
pub struct CodecError {
    what: &'static str,
    source: rmp_serde::decode::Error,
}

/// Encodes a noun or command.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    rmp_serde::to_vec_named(value)
        .expect("nouns hold nothing that MessagePack cannot carry, and memory does not fail")
}

/// Decodes what [`encode`] wrote, now or in an older version.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    rmp_serde::from_slice(bytes).map_err(|source| CodecError { what: std::any::type_name::<T>(), source })
}
