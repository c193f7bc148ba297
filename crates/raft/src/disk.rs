//! The disk below log, snapshots and identity: the system's files, or those of a simulated disk.
//!
//! It offers what the three need and no more, under the names of `std::fs`. Only with the feature `simulation` is
//! there a second kind; without it every call below is the system's own.

#[cfg(feature = "simulation")]
pub(crate) mod simulated;

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;

#[cfg(feature = "simulation")]
use self::simulated::{SimulatedDisk, SimulatedFile};

/// Where a server keeps its files.
#[derive(Clone, Default)]
pub(crate) enum Disk {
    /// The system's.
    #[default]
    Real,
    /// A simulated one.
    #[cfg(feature = "simulation")]
    Simulated(SimulatedDisk),
}

/// An open file, with a place of its own for sequential reads and writes.
#[derive(Debug)]
pub(crate) enum File {
    Real(fs::File),
    #[cfg(feature = "simulation")]
    Simulated(SimulatedFile),
}

impl Disk {
    /// Whether nothing here is real.
    pub(crate) fn is_simulated(&self) -> bool {
        !matches!(self, Disk::Real)
    }

    pub(crate) fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        match self {
            Disk::Real => fs::create_dir_all(dir),
            #[cfg(feature = "simulation")]
            Disk::Simulated(_) => Ok(()),
        }
    }

    /// The paths in a directory, in no particular order.
    pub(crate) fn read_dir(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        match self {
            Disk::Real => fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.path())).collect(),
            #[cfg(feature = "simulation")]
            Disk::Simulated(disk) => disk.read_dir(dir),
        }
    }

    /// A new, empty file for reading and writing; one that was there is emptied.
    pub(crate) fn create(&self, path: &Path) -> io::Result<File> {
        match self {
            Disk::Real => {
                let mut options = OpenOptions::new();
                options.read(true).write(true).create(true).truncate(true).open(path).map(File::Real)
            }
            #[cfg(feature = "simulation")]
            Disk::Simulated(disk) => disk.create(path).map(File::Simulated),
        }
    }

    /// A file that is there, for reading and writing.
    pub(crate) fn open(&self, path: &Path) -> io::Result<File> {
        match self {
            Disk::Real => OpenOptions::new().read(true).write(true).open(path).map(File::Real),
            #[cfg(feature = "simulation")]
            Disk::Simulated(disk) => disk.open(path).map(File::Simulated),
        }
    }

    /// All of a file.
    pub(crate) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        match self {
            Disk::Real => fs::rename(from, to),
            #[cfg(feature = "simulation")]
            Disk::Simulated(disk) => disk.rename(from, to),
        }
    }

    pub(crate) fn remove_file(&self, path: &Path) -> io::Result<()> {
        match self {
            Disk::Real => fs::remove_file(path),
            #[cfg(feature = "simulation")]
            Disk::Simulated(disk) => disk.remove(path),
        }
    }

    /// Bytes that may still be written below `dir`. A simulated disk refuses by itself.
    pub(crate) fn room(&self, dir: &Path) -> io::Result<u64> {
        match self {
            Disk::Real => {
                let found = statvfs(dir)?;
                Ok(found.blocks_available().saturating_mul(found.fragment_size()))
            }
            #[cfg(feature = "simulation")]
            Disk::Simulated(_) => Ok(u64::MAX),
        }
    }

    /// Makes creations, renames and deletions in `dir` durable.
    pub(crate) fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        match self {
            Disk::Real => fs::File::open(dir)?.sync_all(),
            #[cfg(feature = "simulation")]
            Disk::Simulated(disk) => disk.sync_dir(dir),
        }
    }
}

impl File {
    pub(crate) fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        match self {
            File::Real(file) => file.write_all_at(bytes, offset),
            #[cfg(feature = "simulation")]
            File::Simulated(file) => file.write_at(bytes, offset),
        }
    }

    pub(crate) fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        match self {
            File::Real(file) => file.read_exact_at(bytes, offset),
            #[cfg(feature = "simulation")]
            File::Simulated(file) => file.read_exact_at(bytes, offset),
        }
    }

    pub(crate) fn sync_data(&self) -> io::Result<()> {
        match self {
            File::Real(file) => file.sync_data(),
            #[cfg(feature = "simulation")]
            File::Simulated(file) => file.sync(),
        }
    }

    pub(crate) fn sync_all(&self) -> io::Result<()> {
        match self {
            File::Real(file) => file.sync_all(),
            #[cfg(feature = "simulation")]
            File::Simulated(file) => file.sync(),
        }
    }
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            File::Real(file) => file.read(buffer),
            #[cfg(feature = "simulation")]
            File::Simulated(file) => file.read(buffer),
        }
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            File::Real(file) => file.write(bytes),
            #[cfg(feature = "simulation")]
            File::Simulated(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            File::Real(file) => file.flush(),
            #[cfg(feature = "simulation")]
            File::Simulated(_) => Ok(()),
        }
    }
}
