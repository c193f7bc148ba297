//! Who this node is: an id for everybody and a secret for the servers alone, both kept in the state directory.
//!
//! They are plain files beside the store, because a damaged store must not turn the node into another one.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use model::NodeId;
use uuid::Uuid;

/// File that holds the node's id.
pub(crate) const ID_FILE: &str = "client-id";
/// File that holds the node's secret.
pub(crate) const SECRET_FILE: &str = "secret-id";

/// Why the node does not know who it is.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The file system says no.
    #[error("cannot keep the node's identity in {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the file system says.
        source: std::io::Error,
    },
    /// A file holds something else than an id.
    #[error("{path} does not hold a UUID; restore it, or remove it to become a new node")]
    Invalid {
        /// The file.
        path: PathBuf,
    },
}

/// A node's id and secret. The secret is never logged.
pub(crate) struct Identity {
    /// The id.
    pub(crate) id: NodeId,
    /// What proves to the servers that it is this node.
    pub(crate) secret: String,
}

impl Identity {
    /// Reads the identity, or makes one the first time.
    pub(crate) fn load(state_dir: &Path) -> Result<Self, IdentityError> {
        let id = read_or_mint(&state_dir.join(ID_FILE))?;
        let secret = read_or_mint(&state_dir.join(SECRET_FILE))?;
        Ok(Identity { id: NodeId(id), secret: secret.to_string() })
    }
}

fn read_or_mint(path: &Path) -> Result<Uuid, IdentityError> {
    let io = |source| IdentityError::Io { path: path.to_owned(), source };
    match fs::read_to_string(path) {
        Ok(text) => {
            let parsed = Uuid::parse_str(text.trim()).ok().filter(|uuid| !uuid.is_nil());
            parsed.ok_or_else(|| IdentityError::Invalid { path: path.to_owned() })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let minted = runtime::Mint::random().uuid();
            let temporary = path.with_extension("new");
            let mut options = fs::OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&temporary).map_err(io)?;
            file.write_all(minted.to_string().as_bytes()).map_err(io)?;
            file.sync_all().map_err(io)?;
            fs::rename(&temporary, path).map_err(io)?;
            if let Some(parent) = path.parent() {
                fs::File::open(parent).and_then(|dir| dir.sync_all()).map_err(io)?;
            }
            Ok(minted)
        }
        Err(error) => Err(io(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_identity_stays_and_its_secret_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = Identity::load(dir.path()).unwrap();
        let second = Identity::load(dir.path()).unwrap();
        assert_eq!((first.id, &first.secret), (second.id, &second.secret));
        let mode = fs::metadata(dir.path().join(SECRET_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_mangled_identity_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(ID_FILE), "nonsense").unwrap();
        assert!(matches!(Identity::load(dir.path()), Err(IdentityError::Invalid { .. })));
    }
}
