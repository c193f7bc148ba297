//! Carries a task's output into its log files and rotates them: `<task>.stdout.N`, the highest N is the newest.
//!
//! Output is never held back: when the disk refuses it, it is thrown away, because a task must not hang on its logs.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::beneath::Beneath;
use super::wire::LogSpec;

/// Bytes read from the task at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// One stream of a task on its way to disk.
pub(super) struct Pump {
    done: mpsc::Receiver<()>,
}

impl Pump {
    /// Pumps from a thread until every holder of the other end has closed it.
    pub(super) fn begin(source: OwnedFd, logs: &LogSpec, stem: &str) -> Self {
        let (finished, done) = mpsc::channel();
        let mut files = Rotation::open(logs, stem);
        let mut source = File::from(source);
        // Without a thread the output has no reader and the task is told so by SIGPIPE; nothing better is left.
        let _ = thread::Builder::new().name(stem.to_owned()).spawn(move || {
            let mut chunk = vec![0; CHUNK_BYTES];
            loop {
                match source.read(&mut chunk) {
                    Ok(0) => break,
                    Ok(length) => files.write(&chunk[..length]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
            let _ = finished.send(());
        });
        Pump { done }
    }

    /// Waits for the last of the output.
    pub(super) fn finish(self, patience: Duration) {
        let _ = self.done.recv_timeout(patience);
    }
}

/// The log files of one stream.
struct Rotation {
    dir: PathBuf,
    stem: String,
    max_files: u64,
    max_bytes: u64,
    number: u64,
    written: u64,
    file: Option<File>,
}

impl Rotation {
    fn open(logs: &LogSpec, stem: &str) -> Self {
        let newest = numbers(&logs.dir, stem).last().copied().unwrap_or(0);
        let mut rotation = Rotation {
            dir: logs.dir.clone(),
            stem: stem.to_owned(),
            max_files: logs.max_files.max(1),
            max_bytes: logs.max_bytes.max(1),
            number: newest,
            written: 0,
            file: None,
        };
        rotation.reopen();
        rotation
    }

    fn reopen(&mut self) {
        let name = format!("{}.{}", self.stem, self.number);
        self.file = Beneath::open(&self.dir).and_then(|dir| dir.append(&name)).ok();
        self.written =
            self.file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |metadata| metadata.len());
    }

    fn write(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.written >= self.max_bytes {
                self.number += 1;
                self.reopen();
                self.remove_old();
            }
            if self.file.is_none() {
                self.reopen();
            }
            let room = usize::try_from(self.max_bytes.saturating_sub(self.written)).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(bytes.len().min(room.max(1)));
            let Some(file) = &mut self.file else { return };
            match file.write_all(now) {
                Ok(()) => self.written += now.len() as u64,
                // Disk full, most likely: the file is opened anew with the next output.
                Err(_) => {
                    self.file = None;
                    return;
                }
            }
            bytes = later;
        }
    }

    fn remove_old(&self) {
        for number in numbers(&self.dir, &self.stem) {
            if number.saturating_add(self.max_files) <= self.number {
                let _ = std::fs::remove_file(self.dir.join(format!("{}.{number}", self.stem)));
            }
        }
    }
}

/// Numbers of a stream's log files, ascending.
pub(crate) fn numbers(dir: &Path, stem: &str) -> Vec<u64> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return Vec::new();
    };
    let number = |name: &str| name.strip_prefix(stem)?.strip_prefix('.')?.parse().ok();
    let mut numbers: Vec<u64> =
        entries.flatten().filter_map(|entry| entry.file_name().to_str().and_then(number)).collect();
    numbers.sort_unstable();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs(dir: &Path) -> LogSpec {
        LogSpec { dir: dir.to_owned(), max_files: 2, max_bytes: 4 }
    }

    #[test]
    fn files_rotate_at_their_size_and_the_oldest_go() {
        let dir = tempfile::tempdir().unwrap();
        let mut rotation = Rotation::open(&logs(dir.path()), "t.stdout");
        rotation.write(b"aaaabbbbcc");
        assert_eq!(numbers(dir.path(), "t.stdout"), [1, 2]);
        assert_eq!(std::fs::read(dir.path().join("t.stdout.1")).unwrap(), b"bbbb");
        assert_eq!(std::fs::read(dir.path().join("t.stdout.2")).unwrap(), b"cc");
        let mut again = Rotation::open(&logs(dir.path()), "t.stdout");
        again.write(b"ddee");
        assert_eq!(std::fs::read(dir.path().join("t.stdout.2")).unwrap(), b"ccdd");
        assert_eq!(std::fs::read(dir.path().join("t.stdout.3")).unwrap(), b"ee");
        assert_eq!(numbers(dir.path(), "t.stdout"), [2, 3]);
    }

    #[test]
    fn a_vanished_directory_only_loses_output() {
        let dir = tempfile::tempdir().unwrap();
        let mut rotation = Rotation::open(&logs(&dir.path().join("gone")), "t.stderr");
        rotation.write(b"lost");
        assert!(numbers(&dir.path().join("gone"), "t.stderr").is_empty());
    }
}
