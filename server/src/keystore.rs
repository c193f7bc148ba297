//! The private halves of signing keys: one file each, mode 0600, on the server that made them and nowhere else.
//!
//! They are in no command, row or snapshot. A leader that does not hold the active key makes one of its own.

use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use model::RootKey;
use runtime::Mint;

/// The directory of private keys.
pub(crate) struct Keystore {
    dir: PathBuf,
}

impl Keystore {
    /// Keys in `dir`, which is made when the first key is.
    pub(crate) fn new(dir: PathBuf) -> Self {
        Keystore { dir }
    }

    /// True when this server holds the private half.
    pub(crate) fn holds(&self, key_id: &str) -> bool {
        self.path(key_id).is_file()
    }

    /// Makes a key, keeps its private half and answers the public one.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(crate) fn make(&self, mint: &Mint) -> io::Result<RootKey> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.dir)?;
        let mut secret = [0u8; 32];
        mint.fill(&mut secret);
        let key = SigningKey::from_bytes(&secret);
        let id = mint.id();
        let document = key.to_pkcs8_der().map_err(io::Error::other)?;
        write_private(&self.path(&id), document.as_bytes())?;
        Ok(RootKey { id, public: key.verifying_key().to_bytes().to_vec(), ..RootKey::default() })
    }

    fn path(&self, key_id: &str) -> PathBuf {
        self.dir.join(format!("{key_id}.der"))
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
