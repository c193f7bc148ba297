//! Ids are types, so that an evaluation's id cannot be handed to a table of allocations.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A text that is not a UUID where an id was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a UUID")]
pub struct InvalidId {
    /// What was given.
    pub text: String,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id that stands for "none"; it is shown as the empty text.
            pub const NIL: $name = $name(Uuid::nil());

            /// True for [`Self::NIL`].
            pub fn is_nil(&self) -> bool {
                self.0.is_nil()
            }

            /// The id as clients see it: hyphenated, or empty when nil.
            pub fn text(&self) -> String {
                if self.is_nil() { String::new() } else { self.0.to_string() }
            }

            /// The first eight hex digits, as tables show it.
            pub fn short(&self) -> String {
                self.0.to_string()[..8].to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                // Only the canonical 36 characters: every other spelling would give one object two names.
                match (text.len(), Uuid::parse_str(text)) {
                    (36, Ok(uuid)) => Ok($name(uuid)),
                    _ => Err(InvalidId { text: text.to_owned() }),
                }
            }
        }
    };
}

uuid_id!(
    /// Names an evaluation.
    EvalId
);
uuid_id!(
    /// Names an allocation.
    AllocId
);
uuid_id!(
    /// Names a client node.
    NodeId
);
uuid_id!(
    /// Names a deployment.
    DeploymentId
);
uuid_id!(
    /// Names one hold of a variable's lock.
    LockId
);

/// Sixteen random bytes, minted with a command, for ids whose number only the receiver knows: apply and the
/// scheduler draw from it, so that every replica draws the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub Uuid);

impl Seed {
    /// The `number`th id of this seed.
    pub fn uuid(self, number: u64) -> Uuid {
        let digest =
            Sha256::new().chain_update(self.0.as_bytes()).chain_update(number.to_le_bytes()).finalize();
        let bytes: [u8; 16] = digest[..16].try_into().expect("a SHA-256 digest has more than sixteen bytes");
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// The `number`th evaluation id.
    pub fn eval_id(self, number: u64) -> EvalId {
        EvalId(self.uuid(number))
    }
}

/// The namespace that exists without being created.
pub const DEFAULT_NAMESPACE: &str = "default";

/// A job's name in the cluster: namespace and id, ordered as lists show them.
///
/// One text that all copies share, with NUL between the two, which neither may hold: the names of jobs are compared and
/// copied more often than anything else in the state.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "NamedParts", into = "NamedParts")]
pub struct JobKey(Arc<str>);

/// How a name is written down.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct NamedParts {
    namespace: String,
    id: String,
}

impl JobKey {
    /// A key out of its two parts.
    pub fn new(namespace: &str, id: &str) -> Self {
        JobKey([namespace, "\0", id].concat().into())
    }

    /// Namespace of the job.
    pub fn namespace(&self) -> &str {
        self.parts().0
    }

    /// Id within the namespace; may hold any character but space and NUL.
    pub fn id(&self) -> &str {
        self.parts().1
    }

    /// Both, with NUL between them.
    pub fn text(&self) -> &str {
        &self.0
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('\0').unwrap_or_default()
    }
}

impl Default for JobKey {
    fn default() -> Self {
        JobKey::new("", "")
    }
}

impl PartialOrd for JobKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for JobKey {
    // NUL comes before every character: a namespace that another one begins with comes first, as it would by itself.
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl From<NamedParts> for JobKey {
    fn from(parts: NamedParts) -> Self {
        JobKey::new(&parts.namespace, &parts.id)
    }
}

impl From<JobKey> for NamedParts {
    fn from(key: JobKey) -> Self {
        NamedParts { namespace: key.namespace().to_owned(), id: key.id().to_owned() }
    }
}

impl fmt::Debug for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JobKey({self})")
    }
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.id(), self.namespace())
    }
}
