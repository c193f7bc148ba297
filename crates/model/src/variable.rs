//! A variable: a small set of secrets under a path. Mirrors the Variables API page.
//!
//! The servers replicate only ciphertext; what a variable holds is known where it is written and read.

use serde::{Deserialize, Serialize};

use crate::eval::named;
use crate::id::LockId;

/// Largest sum of keys and values, bytes.
pub const VARIABLE_MAX: usize = 64 << 10;
/// Longest path, bytes.
pub const PATH_MAX: usize = 128;
/// Shortest time after which a lock that nobody renews ends, ns.
pub const LOCK_TTL_MIN_NS: i64 = 10_000_000_000;
/// Longest time after which a lock that nobody renews ends, ns.
pub const LOCK_TTL_MAX_NS: i64 = 86_400_000_000_000;
/// What both times of a lock are unless given, ns.
pub const LOCK_DEFAULT_NS: i64 = 15_000_000_000;

/// A variable as it is replicated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Variable {
    /// Its namespace.
    pub namespace: String,
    /// Its path within the namespace.
    pub path: String,
    /// Id of the root key that it is encrypted with.
    pub key_id: String,
    /// Nonce and ciphertext of its items; empty for a variable that is only a lock.
    #[serde(with = "serde_bytes")]
    pub data: Vec<u8>,
    /// Who holds it.
    pub lock: Option<Lock>,
    /// Nobody gets its lock before this time, because the last one ended by itself, ns since 1970.
    pub locked_until_ns: i64,
    /// Index of its creation.
    pub create_index: u64,
    /// Time of its creation, ns since 1970.
    pub create_time_ns: i64,
    /// Index of its last change.
    pub modify_index: u64,
    /// Time of the last change of its items, ns since 1970.
    pub modify_time_ns: i64,
}

/// A hold of a variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Lock {
    /// Whoever knows it may write.
    pub id: LockId,
    /// How long it lasts without being renewed, ns.
    pub ttl_ns: i64,
    /// How long nobody gets it after it has ended by itself, ns.
    pub delay_ns: i64,
}

named!(
    /// What is done with the lock of a variable.
    LockOperation {
        /// Take it.
        #[default]
        Acquire = "lock-acquire",
        /// Keep it for another while.
        Renew = "lock-renew",
        /// Give it back.
        Release = "lock-release",
    }
);

/// Why a path is refused. The texts are part of the contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPath {
    /// Nothing was given.
    #[error("missing path")]
    Missing,
    /// It has characters that paths may not have, or is too long.
    #[error("invalid path \"{0}\"")]
    Characters(String),
    /// The top-level directory `nomad` is the servers' own.
    #[error(
        "only paths at \"nomad/jobs\" or \"nomad/job-templates\" and below are valid paths under the top-level \
         \"nomad\" directory"
    )]
    Reserved,
}

/// Looks at a path.
///
/// # Errors
/// [`InvalidPath`].
pub fn check_path(path: &str) -> Result<(), InvalidPath> {
    if path.is_empty() {
        return Err(InvalidPath::Missing);
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '~' | '/');
    if path.len() > PATH_MAX || !path.chars().all(fits) {
        return Err(InvalidPath::Characters(path.to_owned()));
    }
    let mut parts = path.splitn(3, '/');
    match (parts.next(), parts.next()) {
        (Some("nomad"), Some("jobs" | "job-templates")) => Ok(()),
        (Some("nomad"), _) => Err(InvalidPath::Reserved),
        _ => Ok(()),
    }
}

/// What a lock is asked to last.
///
/// # Errors
/// Every fault, in the words of the original.
pub fn check_lock(lock: &Lock) -> Result<(), Vec<String>> {
    let mut faults = Vec::new();
    if lock.delay_ns < 0 {
        faults.push("LockDelay must be positive".to_owned());
    }
    if !(LOCK_TTL_MIN_NS..=LOCK_TTL_MAX_NS).contains(&lock.ttl_ns) {
        faults.push("TTL must be between 10 seconds and 24 hours".to_owned());
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_checked() {
        assert!(check_path("a/b-c_d~e").is_ok() && check_path("nomad/jobs").is_ok());
        assert!(check_path("nomad/jobs/x/y").is_ok() && check_path("nomads").is_ok());
        assert_eq!(check_path("nomad"), Err(InvalidPath::Reserved));
        assert_eq!(check_path("nomad/bad"), Err(InvalidPath::Reserved));
        assert_eq!(check_path("a b").unwrap_err().to_string(), "invalid path \"a b\"");
        assert!(check_path(&"p".repeat(129)).is_err() && check_path("a.b").is_err());
    }
}
