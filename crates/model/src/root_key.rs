//! A root key as the cluster knows it: the public half, as `/.well-known/jwks.json` publishes it.

use serde::{Deserialize, Serialize};

/// A root key that the cluster knows. What is secret of it is in no command, row or snapshot: servers keep it in
/// files and hand it to each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct RootKey {
    /// Key id (`kid`).
    pub id: String,
    /// Ed25519 public key of clusters that are older than RSA keys; nothing is signed with it any more.
    #[serde(with = "serde_bytes")]
    pub public: Vec<u8>,
    /// Modulus of the RSA public key, big-endian; what signatures are looked at with.
    #[serde(with = "serde_bytes")]
    pub modulus: Vec<u8>,
    /// Exponent of the RSA public key, big-endian.
    #[serde(with = "serde_bytes")]
    pub exponent: Vec<u8>,
    /// The key that new signatures and variables use.
    pub active: bool,
    /// Time of its creation, ns since 1970.
    pub create_time_ns: i64,
    /// Index of its creation.
    pub create_index: u64,
    /// Index of its last change.
    pub modify_index: u64,
}
