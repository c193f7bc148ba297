//! The public half of a signing key, as `/.well-known/jwks.json` publishes it.

use serde::{Deserialize, Serialize};

/// A signing key that the cluster knows. The private half never leaves the server that made it: it is in no
/// command, row or snapshot, and a leader that does not hold it mints a key of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct RootKey {
    /// Key id (`kid`).
    pub id: String,
    /// Ed25519 public key, 32 bytes.
    #[serde(with = "serde_bytes")]
    pub public: Vec<u8>,
    /// The key that new signatures use.
    pub active: bool,
    /// Time of its creation, ns since 1970.
    pub create_time_ns: i64,
    /// Index of its creation.
    pub create_index: u64,
    /// Index of its last change.
    pub modify_index: u64,
}
