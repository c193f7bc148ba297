//! Who this server is, durably: its raft id, its cluster, and the one member set it promised.
//!
//! The id is minted with the directory and never again; whoever wipes the directory becomes another
//! server. A cluster id, once written, never changes. The directory is locked against a second process.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::disk::Disk;
use crate::lock::lock;
use crate::member::Member;
use crate::world;

const FORMAT: u32 = 1;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Stored {
    format: u32,
    server_id: u64,
    cluster_id: Option<String>,
    /// This server minted the cluster id and initializes the cluster.
    minted: bool,
    promise: Option<Vec<Member>>,
    /// A log was created; from then on a missing log is a loss, not a beginning.
    log_begun: bool,
    /// An operator took this server out of the cluster.
    #[serde(default)]
    left: bool,
}

/// Why the identity cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file could not be read or written.
    #[error("identity file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is damaged or of a newer format.
    #[error("identity file {path} cannot be used: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another process uses the directory.
    #[error("data directory {dir} is in use by another process")]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory belongs to another cluster, or promised other members.
    #[error("data directory {dir} belongs to cluster {mine}, not to {theirs}")]
    OtherCluster {
        /// The directory.
        dir: PathBuf,
        /// What it belongs to.
        mine: String,
        /// What was to be written.
        theirs: String,
    },
}

/// The identity file of a data directory.
pub(crate) struct Identity {
    disk: Disk,
    dir: PathBuf,
    durable: bool,
    stored: Mutex<Stored>,
    /// Holds the lock on the directory; given back at the end, before late messages let go of this.
    in_use: Mutex<Option<File>>,
}

impl Identity {
    /// Reads the identity below `dir`, or mints one.
    pub(crate) fn open(disk: &Disk, dir: &Path, durable: bool) -> Result<Identity, IdentityError> {
        let path = dir.join("identity");
        let fail = |source| IdentityError::Io { path: path.clone(), source };
        disk.create_dir_all(dir).map_err(fail)?;
        let in_use = if disk.is_simulated() { None } else { Some(take(dir)?) };
        let stored = match disk.read(&path) {
            Ok(bytes) => {
                let stored =
                    decode(&bytes).map_err(|why| IdentityError::Damaged { path: path.clone(), why })?;
                if durable {
                    // A process that ended behind the rename left this file where only memory finds it.
                    disk.sync_dir(dir).map_err(fail)?;
                }
                stored
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if has_log(disk, dir) {
                    let why = "it is missing although there is a log".to_owned();
                    return Err(IdentityError::Damaged { path, why });
                }
                let minted = Stored {
                    format: FORMAT,
                    server_id: mint_id(),
                    cluster_id: None,
                    minted: false,
                    promise: None,
                    log_begun: false,
                    left: false,
                };
                save(disk, dir, &minted, durable).map_err(fail)?;
                minted
            }
            Err(error) => return Err(fail(error)),
        };
        if stored.log_begun && !has_log(disk, dir) {
            // With the log went this server's votes: as itself it might vote twice.
            let why = "the log it belongs to is gone; remove the data directory to join again".to_owned();
            return Err(IdentityError::Damaged { path, why });
        }
        Ok(Identity {
            disk: disk.clone(),
            dir: dir.to_path_buf(),
            durable,
            stored: Mutex::new(stored),
            in_use: Mutex::new(in_use),
        })
    }

    /// Notes that there is a log now.
    pub(crate) fn begin_log(&self) -> Result<(), IdentityError> {
        self.change(|stored, _dir| Ok(!std::mem::replace(&mut stored.log_begun, true)))
    }

    /// Notes that this server was taken out of its cluster and is not to come back by itself.
    pub(crate) fn leave(&self) -> Result<(), IdentityError> {
        self.change(|stored, _dir| Ok(!std::mem::replace(&mut stored.left, true)))
    }

    /// Whether it was.
    pub(crate) fn has_left(&self) -> bool {
        lock(&self.stored).left
    }

    /// Lets another process, or the next start in this one, have the directory.
    pub(crate) fn release(&self) {
        lock(&self.in_use).take();
    }

    pub(crate) fn server_id(&self) -> u64 {
        lock(&self.stored).server_id
    }

    pub(crate) fn cluster_id(&self) -> Option<String> {
        lock(&self.stored).cluster_id.clone()
    }

    /// Whether this server is the one that initializes its cluster.
    pub(crate) fn is_initializer(&self) -> bool {
        lock(&self.stored).minted
    }

    /// The member set this server promised, sorted by id.
    pub(crate) fn promise(&self) -> Option<Vec<Member>> {
        lock(&self.stored).promise.clone()
    }

    /// Whether `id` is in the promised set.
    pub(crate) fn has_promised(&self, id: u64) -> bool {
        lock(&self.stored).promise.as_ref().is_some_and(|set| set.iter().any(|member| member.id == id))
    }

    /// Makes this server part of a cluster, for good. Writes to disk and syncs.
    pub(crate) fn adopt(&self, cluster_id: &str, minted: bool) -> Result<(), IdentityError> {
        self.change(|stored, dir| match &stored.cluster_id {
            Some(mine) if mine != cluster_id => Err(IdentityError::OtherCluster {
                dir: dir.to_path_buf(),
                mine: mine.clone(),
                theirs: cluster_id.to_owned(),
            }),
            Some(_) => Ok(false),
            None => {
                stored.cluster_id = Some(cluster_id.to_owned());
                stored.minted = minted;
                Ok(true)
            }
        })
    }

    /// Promises a member set. The first promise stands; a later, different one is refused with `false`.
    pub(crate) fn make_promise(&self, members: &[Member]) -> Result<bool, IdentityError> {
        let mut kept = true;
        self.change(|stored, _dir| match &stored.promise {
            Some(promised) => {
                kept = promised.iter().map(|member| member.id).eq(members.iter().map(|member| member.id));
                Ok(false)
            }
            None => {
                stored.promise = Some(members.to_vec());
                Ok(true)
            }
        })?;
        Ok(kept)
    }

    fn change(
        &self,
        edit: impl FnOnce(&mut Stored, &Path) -> Result<bool, IdentityError>,
    ) -> Result<(), IdentityError> {
        let mut stored = lock(&self.stored);
        let mut changed = stored.clone();
        if edit(&mut changed, &self.dir)? {
            save(&self.disk, &self.dir, &changed, self.durable)
                .map_err(|source| IdentityError::Io { path: self.dir.join("identity"), source })?;
            *stored = changed;
        }
        Ok(())
    }
}

/// Locks the directory against other processes.
fn take(dir: &Path) -> Result<File, IdentityError> {
    let path = dir.join("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|source| IdentityError::Io { path, source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_held) => Err(IdentityError::InUse { dir: dir.to_path_buf() }),
    }
}

fn has_log(disk: &Disk, dir: &Path) -> bool {
    let segments = disk.read_dir(&dir.join("wal")).unwrap_or_default();
    segments.iter().any(|path| path.extension().is_some_and(|extension| extension == "seg"))
}

/// 53 bits, so that every JSON reader keeps them; never zero, which means nobody.
fn mint_id() -> u64 {
    let (high, low) = world::mint().as_u64_pair();
    ((high ^ low) & ((1 << 53) - 1)).max(1)
}

fn save(disk: &Disk, dir: &Path, stored: &Stored, durable: bool) -> io::Result<()> {
    let body = rmp_serde::to_vec_named(stored).map_err(io::Error::other)?;
    let temporary = dir.join("identity.tmp");
    let mut file = disk.create(&temporary)?;
    file.write_all(&crc32c::crc32c(&body).to_le_bytes())?;
    file.write_all(&body)?;
    if durable {
        file.sync_all()?;
    }
    disk.rename(&temporary, &dir.join("identity"))?;
    if durable { disk.sync_dir(dir) } else { Ok(()) }
}

fn decode(bytes: &[u8]) -> Result<Stored, String> {
    let (sum, body) = bytes.split_at_checked(4).ok_or("cut short")?;
    if sum != crc32c::crc32c(body).to_le_bytes() {
        return Err("checksum mismatch".into());
    }
    let stored: Stored = rmp_serde::from_slice(body).map_err(|error| error.to_string())?;
    if stored.format != FORMAT {
        return Err(format!("format {} is unknown", stored.format));
    }
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_first_promise_and_cluster_stand() {
        let dir = tempfile::tempdir().unwrap();
        let member = |id| Member { id, ..Member::default() };
        let first = Identity::open(&Disk::Real, dir.path(), true).unwrap();
        let id = first.server_id();
        assert!(matches!(Identity::open(&Disk::Real, dir.path(), true), Err(IdentityError::InUse { .. })));
        assert!(first.make_promise(&[member(1), member(2)]).unwrap());
        first.adopt("one", false).unwrap();
        drop(first);
        let second = Identity::open(&Disk::Real, dir.path(), true).unwrap();
        assert_eq!((second.server_id(), second.cluster_id().as_deref()), (id, Some("one")));
        assert!(second.has_promised(2) && !second.has_promised(3));
        assert!(!second.make_promise(&[member(1), member(3)]).unwrap());
        assert!(matches!(second.adopt("two", false), Err(IdentityError::OtherCluster { .. })));
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        drop(Identity::open(&Disk::Real, dir.path(), false).unwrap());
        let path = dir.path().join("identity");
        let mut bytes = fs::read(&path).unwrap();
        bytes[10] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(matches!(Identity::open(&Disk::Real, dir.path(), false), Err(IdentityError::Damaged { .. })));
    }
}
