//! The secrets of root keys: one file each, mode 0600, on every server of the cluster.
//!
//! They are in no command, row or snapshot; servers hand them to each other (`app/keys.rs`). A root key signs (RSA,
//! 2048 bits) and encrypts variables (AES-256-GCM).

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::RootKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, rand_core};
use runtime::Mint;
use serde::{Deserialize, Serialize};

/// Size of the signing half, bits.
const RSA_BITS: usize = 2_048;
/// Size of a nonce, bytes.
const NONCE: usize = 12;

/// The directory of root keys.
pub(crate) struct Keystore {
    dir: PathBuf,
    loaded: Mutex<BTreeMap<String, Arc<Secrets>>>,
}

/// A key's file.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    id: String,
    /// AES-256 key, base64.
    data_key: String,
    /// RSA private key, PKCS #8, base64.
    signing_key: String,
}

/// What is secret of a root key.
pub(crate) struct Secrets {
    id: String,
    data_key: [u8; 32],
    signing_key: RsaPrivateKey,
    file: Vec<u8>,
}

impl Keystore {
    /// Keys in `dir`, which is made when the first key is.
    pub(crate) fn new(dir: PathBuf) -> Self {
        Keystore { dir, loaded: Mutex::default() }
    }

    /// Where it is, for errors.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A key that this server holds.
    pub(crate) fn get(&self, key_id: &str) -> Option<Arc<Secrets>> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(secrets) = loaded.get(key_id) {
            return Some(secrets.clone());
        }
        let file = std::fs::read(self.path(key_id)?).ok()?;
        let secrets = Arc::new(Secrets::read(file).ok().filter(|secrets| secrets.id == key_id)?);
        loaded.insert(key_id.to_owned(), secrets.clone());
        Some(secrets)
    }

    /// Makes a key and keeps its file. Takes about a second of one core.
    pub(crate) fn make(&self, mint: &Mint) -> io::Result<Arc<Secrets>> {
        let signing_key = RsaPrivateKey::new(&mut Dice(mint), RSA_BITS).map_err(io::Error::other)?;
        let mut data_key = [0u8; 32];
        mint.fill(&mut data_key);
        let document = signing_key.to_pkcs8_der().map_err(io::Error::other)?;
        let content = KeyFile {
            id: mint.id(),
            data_key: STANDARD.encode(data_key),
            signing_key: STANDARD.encode(document.as_bytes()),
        };
        let file = serde_json::to_vec(&content).map_err(io::Error::other)?;
        self.keep(Secrets { id: content.id, data_key, signing_key, file })
    }

    /// Keeps a key that another server made.
    pub(crate) fn store(&self, file: Vec<u8>) -> io::Result<Arc<Secrets>> {
        let secrets = Secrets::read(file)?;
        match self.get(&secrets.id) {
            Some(held) => Ok(held),
            None => self.keep(secrets),
        }
    }

    fn keep(&self, secrets: Secrets) -> io::Result<Arc<Secrets>> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.dir)?;
        let path = self.path(&secrets.id);
        let path = path.ok_or_else(|| io::Error::other("a key's id is no file name"))?;
        write_private(&path, &secrets.file)?;
        let secrets = Arc::new(secrets);
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.insert(secrets.id.clone(), secrets.clone());
        Ok(secrets)
    }

    /// The id comes from a peer: it must not lead out of the directory.
    fn path(&self, key_id: &str) -> Option<PathBuf> {
        let plain = !key_id.is_empty() && key_id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        plain.then(|| self.dir.join(format!("{key_id}.json")))
    }
}

impl Secrets {
    fn read(file: Vec<u8>) -> io::Result<Self> {
        let content: KeyFile = serde_json::from_slice(&file).map_err(io::Error::other)?;
        let data_key = STANDARD.decode(&content.data_key).map_err(io::Error::other)?;
        let data_key = data_key.try_into().map_err(|_| io::Error::other("a data key has 32 bytes"))?;
        let document = STANDARD.decode(&content.signing_key).map_err(io::Error::other)?;
        let signing_key = RsaPrivateKey::from_pkcs8_der(&document).map_err(io::Error::other)?;
        Ok(Secrets { id: content.id, data_key, signing_key, file })
    }

    /// The file, for a server that lacks it.
    pub(crate) fn file(&self) -> &[u8] {
        &self.file
    }

    /// What the cluster may know of it.
    pub(crate) fn public(&self) -> RootKey {
        RootKey {
            id: self.id.clone(),
            modulus: self.signing_key.n().to_bytes_be(),
            exponent: self.signing_key.e().to_bytes_be(),
            ..RootKey::default()
        }
    }

    /// A JSON web token (RS256) that says what `claims` say.
    pub(crate) fn token(&self, claims: &serde_json::Value) -> Option<String> {
        let header = serde_json::json!({ "alg": "RS256", "kid": self.id, "typ": "JWT" });
        let encode = |part: &serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signer = SigningKey::<Sha256>::new(self.signing_key.clone());
        let signature = signer.try_sign(signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
    }

    /// Nonce and ciphertext. `context` has to be the same when it is opened.
    pub(crate) fn seal(&self, mint: &Mint, plain: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0u8; NONCE];
        mint.fill(&mut nonce);
        let cipher = Aes256Gcm::new(&self.data_key.into());
        let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: context }).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// What [`Secrets::seal`] was given; `None` when it was another key or context.
    pub(crate) fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let cipher = Aes256Gcm::new(&self.data_key.into());
        cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: context }).ok()
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The mint as a generator of the interface that the key maker wants.
struct Dice<'a>(&'a Mint);

impl rand_core::RngCore for Dice<'_> {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl rand_core::CryptoRng for Dice<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_seals_is_read_again_and_travels() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mint = Mint::random();
        let made = Keystore::new(here.path().to_owned()).make(&mint).unwrap();
        let sealed = made.seal(&mint, b"secret", b"default\0a/b").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        let read = Keystore::new(here.path().to_owned()).get(&made.id).unwrap();
        assert_eq!(read.open(&sealed, b"default\0a/b").as_deref(), Some(&b"secret"[..]));
        assert_eq!(read.open(&sealed, b"default\0other"), None);
        let store = Keystore::new(there.path().to_owned());
        store.store(made.file().to_vec()).unwrap();
        assert_eq!(store.get(&made.id).unwrap().public(), made.public());
        assert!(store.get("../x").is_none());
        let token = made.token(&serde_json::json!({ "sub": "x" })).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = rsa::pkcs1v15::Signature::try_from(&*URL_SAFE_NO_PAD.decode(signature).unwrap());
        let verifier = rsa::pkcs1v15::VerifyingKey::<Sha256>::new(made.signing_key.to_public_key());
        rsa::signature::Verifier::verify(&verifier, signed.as_bytes(), &signature.unwrap()).unwrap();
        assert_eq!((made.public().modulus.len(), made.public().exponent), (256, vec![1, 0, 1]));
    }
}
