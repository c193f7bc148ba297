//! The types that openraft is used with.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{BufMut, Bytes, BytesMut};
use openraft::CommittedLeaderId;
#[cfg(not(feature = "simulation"))]
use openraft::TokioRuntime as Runtime;
use serde::{Deserialize, Serialize};
use state::Outcome;

use crate::member::Member;
#[cfg(feature = "simulation")]
use crate::simulation::Runtime;
use crate::store::snapshot_file::SnapshotFile;
use crate::wal::Position;

openraft::declare_raft_types!(
    /// Drover's raft.
    pub(crate) TypeConfig:
        D = Batch,
        R = Reply,
        NodeId = u64,
        Node = Member,
        Entry = openraft::Entry<TypeConfig>,
        SnapshotData = SnapshotFile,
        Responder = openraft::raft::responder::OneshotResponder<TypeConfig>,
        AsyncRuntime = Runtime,
);

pub(crate) type RaftCore = openraft::Raft<TypeConfig>;
pub(crate) type Entry = openraft::Entry<TypeConfig>;
pub(crate) type LogId = openraft::LogId<u64>;
pub(crate) type StoredMembership = openraft::StoredMembership<u64, Member>;
pub(crate) type StorageError = openraft::StorageError<u64>;
pub(crate) type SnapshotMeta = openraft::SnapshotMeta<u64, Member>;

/// Commands that share one log entry: `(length, envelope)` again and again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    pub(crate) bytes: Bytes,
    /// Set once the entry is in this server's own log: from then on "not leader" means "unknown".
    pub(crate) appended: Option<Arc<AtomicBool>>,
}

impl Batch {
    /// Joins encoded envelopes.
    pub(crate) fn join<'a>(envelopes: impl Iterator<Item = &'a [u8]> + Clone) -> Batch {
        let size = envelopes.clone().map(|one| one.len() + 4).sum();
        let mut bytes = BytesMut::with_capacity(size);
        for one in envelopes {
            bytes.put_u32_le(u32::try_from(one.len()).expect("a command is limited to 8 MiB"));
            bytes.put_slice(one);
        }
        Batch { bytes: bytes.freeze(), appended: None }
    }

    /// The encoded envelopes, in order. An error when the lengths do not add up.
    pub(crate) fn split(&self) -> io::Result<Vec<Bytes>> {
        let mut rest = self.bytes.clone();
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let length = rest.get(..4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
            let end = length.map_or(usize::MAX, |length| 4 + length as usize);
            if end > rest.len() {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a batch of commands is cut short"));
            }
            let part = rest.split_to(end);
            parts.push(part.slice(4..));
        }
        Ok(parts)
    }

    pub(crate) fn mark_appended(&self) {
        if let Some(appended) = &self.appended {
            appended.store(true, Ordering::Release);
        }
    }
}

impl Serialize for Batch {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.bytes)
    }
}

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Batch, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes::copy_from_slice(bytes))
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes::from(bytes))
            }
        }
        let bytes = deserializer.deserialize_byte_buf(Visitor)?;
        Ok(Batch { bytes, appended: None })
    }
}

/// What became of an entry's commands: index and outcome of each, in order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Reply(pub(crate) Vec<(u64, Outcome)>);

/// openraft's log id as the log's own position.
pub(crate) fn position(log_id: &LogId) -> Position {
    Position { term: log_id.leader_id.term, node: log_id.leader_id.node_id, index: log_id.index }
}

/// The log's position as openraft's log id.
pub(crate) fn log_id(at: Position) -> LogId {
    LogId { leader_id: CommittedLeaderId::new(at.term, at.node), index: at.index }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_splits_into_what_was_joined() {
        let parts: [&[u8]; 3] = [b"one", b"", b"three"];
        let batch = Batch::join(parts.iter().copied());
        let split = batch.split().unwrap();
        assert_eq!(split, parts.map(Bytes::copy_from_slice).to_vec());
        let cut = Batch { bytes: batch.bytes.slice(..batch.bytes.len() - 1), appended: None };
        assert!(cut.split().is_err());
    }
}
