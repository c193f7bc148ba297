//! The pipes that a task writes its output to, named as the original names them: `.<task>.stdout.fifo` beside the logs.
//!
//! A name that cannot be had is no reason not to start a task: a pipe without one does as well.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use nix::fcntl::{FcntlArg, OFlag, fcntl, open, openat};
use nix::sys::stat::{Mode, SFlag, fstat};
use nix::unistd::{UnlinkatFlags, mkfifoat, unlinkat};

use super::open_dir;

/// Both ends of a task's output.
pub(super) struct Output {
    /// What the task writes to.
    pub(super) task_end: OwnedFd,
    /// What the supervisor reads from.
    pub(super) our_end: OwnedFd,
}

/// Makes a pipe for one stream of a task.
pub(super) fn make(dir: &Path, stem: &str) -> io::Result<Output> {
    if let Ok(output) = named(dir, &format!(".{stem}.fifo")) {
        return Ok(output);
    }
    let (our_end, task_end) = io::pipe()?;
    Ok(Output { task_end: task_end.into(), our_end: our_end.into() })
}

/// Tasks own the directory: nothing that lies there under this name is followed or trusted.
fn named(dir: &Path, name: &str) -> nix::Result<Output> {
    let dir = open_dir(dir)?;
    match unlinkat(dir.as_fd(), name, UnlinkatFlags::NoRemoveDir) {
        Ok(()) | Err(nix::errno::Errno::ENOENT) => {}
        Err(error) => return Err(error),
    }
    mkfifoat(dir.as_fd(), name, Mode::S_IRUSR | Mode::S_IWUSR)?;
    // A reader that does not wait for a writer, and only then the writer.
    let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let our_end = openat(dir.as_fd(), name, flags, Mode::empty())?;
    let kind = SFlag::from_bits_truncate(fstat(our_end.as_fd())?.st_mode) & SFlag::S_IFMT;
    if kind != SFlag::S_IFIFO {
        return Err(nix::errno::Errno::EEXIST);
    }
    let own = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&our_end));
    let task_end = open(own.as_str(), OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty())?;
    fcntl(our_end.as_fd(), FcntlArg::F_SETFL(OFlag::empty()))?;
    Ok(Output { task_end, our_end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::{Read, Write};

    #[test]
    fn what_goes_in_comes_out_and_links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("victim"), "safe").unwrap();
        std::os::unix::fs::symlink("victim", dir.path().join(".t.stdout.fifo")).unwrap();
        let Output { task_end, our_end } = make(dir.path(), "t.stdout").unwrap();
        File::from(task_end).write_all(b"hello").unwrap();
        let mut text = String::new();
        File::from(our_end).read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello");
        assert_eq!(std::fs::read_to_string(dir.path().join("victim")).unwrap(), "safe");
        assert!(dir.path().join(".t.stdout.fifo").exists());
    }
}
