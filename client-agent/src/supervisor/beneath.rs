//! Opening files beneath a directory without following a link out of it: tasks own parts of these trees.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::Mode;

/// A directory beneath which names are looked up.
pub(crate) struct Beneath(OwnedFd);

impl Beneath {
    /// Opens the directory itself; its own path is trusted.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        Ok(Beneath(super::open_dir(dir)?))
    }

    fn open_with(&self, path: &str, flags: OFlag, mode: Mode) -> io::Result<File> {
        let resolve = ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS;
        // A FIFO that a task made must not block whoever opens it.
        let flags = flags | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        let how = OpenHow::new().flags(flags).mode(mode).resolve(resolve);
        Ok(File::from(openat2(self.0.as_fd(), path, how)?))
    }

    /// Opens a regular file for reading.
    pub(crate) fn read(&self, path: &str) -> io::Result<File> {
        let file = self.open_with(path, OFlag::O_RDONLY, Mode::empty())?;
        regular(file)
    }

    /// Opens a regular file for appending, making it if need be.
    pub(crate) fn append(&self, path: &str) -> io::Result<File> {
        let mode = Mode::S_IRUSR | Mode::S_IWUSR | Mode::S_IRGRP | Mode::S_IROTH;
        let file = self.open_with(path, OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_APPEND, mode)?;
        regular(file)
    }
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_dots_lead_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("outside"), "secret").unwrap();
        let inner = dir.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(inner.join("plain"), "open").unwrap();
        std::os::unix::fs::symlink("../outside", inner.join("link")).unwrap();
        let beneath = Beneath::open(&inner).unwrap();
        assert!(beneath.read("plain").is_ok());
        assert!(beneath.read("link").is_err());
        assert!(beneath.read("../outside").is_err());
        assert!(beneath.append("link").is_err());
    }
}
