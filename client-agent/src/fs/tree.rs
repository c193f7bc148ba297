//! An allocation's directory as clients see it: nothing above it, no link that leads out of it, no secrets.
//!
//! Tasks own parts of the tree and may change it at any moment, so a path is resolved by the kernel, beneath the
//! directory, in one step.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use proto::fs_request::FsError;
use serde_json::{Value, json};

use super::{content_type, mode};
use crate::alloc::dir::CONTROL;
use crate::clock;
use crate::context::Listing;
use crate::supervisor::open_dir;

/// Names of one directory that are listed; more are an error.
const NAMES_MAX: usize = 100_000;
/// Directories of a task that are never read for anybody.
const PROHIBITED: [(&str, &str); 2] = [("secrets", "secret"), ("private", "private")];

/// One file or directory.
#[derive(Debug)]
pub(super) struct Entry {
    name: String,
    is_dir: bool,
    size: u64,
    mode: u32,
    modified_ns: i64,
    content_type: Option<&'static str>,
}

impl Entry {
    fn of(name: &str, metadata: &std::fs::Metadata) -> Self {
        Entry {
            name: name.to_owned(),
            is_dir: metadata.is_dir(),
            size: metadata.size(),
            mode: metadata.mode(),
            modified_ns: metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec()),
            content_type: None,
        }
    }

    /// True for a directory.
    pub(super) fn is_dir(&self) -> bool {
        self.is_dir
    }

    /// As the file system page shows it.
    pub(super) fn json(&self) -> Value {
        let mut value = json!({
            "Name": self.name,
            "IsDir": self.is_dir,
            "Size": self.size,
            "FileMode": mode::text(self.mode),
            "ModTime": clock::rfc3339(self.modified_ns),
        });
        if let (Some(kind), Some(fields)) = (self.content_type, value.as_object_mut()) {
            fields.insert("ContentType".to_owned(), Value::from(kind));
        }
        value
    }
}

/// The directory of one allocation.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    root: PathBuf,
    tasks: Vec<String>,
}

/// A path without `.`, `..` and doubled slashes; `None` when it leads above its beginning.
fn clean(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

fn escapes() -> FsError {
    FsError::new(500, "Path escapes the alloc directory")
}

/// An error in Go's words.
fn fault(what: &str, path: &str, error: &io::Error) -> FsError {
    match error.raw_os_error().map(nix::errno::Errno::from_raw) {
        Some(nix::errno::Errno::EXDEV | nix::errno::Errno::ELOOP) => escapes(),
        Some(errno @ nix::errno::Errno::ENOENT) => {
            FsError::new(404, format!("{what} {path}: {}", errno.desc().to_lowercase()))
        }
        Some(errno) => FsError::new(500, format!("{what} {path}: {}", errno.desc().to_lowercase())),
        None => FsError::new(500, format!("{what} {path}: {error}")),
    }
}

impl Tree {
    pub(super) fn of(listing: &Listing) -> Self {
        Tree { root: listing.root.clone(), tasks: listing.tasks.clone() }
    }

    fn open(&self, what: &str, path: &str, flags: OFlag) -> Result<File, FsError> {
        let cleaned = clean(path).ok_or_else(escapes)?;
        // The original tells the place on the node.
        let place = self.root.join(&cleaned).display().to_string();
        if cleaned.split('/').next() == Some(CONTROL) {
            return Err(fault(what, &place, &io::Error::from_raw_os_error(nix::errno::Errno::ENOENT as i32)));
        }
        let opened = || -> io::Result<File> {
            let root = open_dir(&self.root)?;
            let how = OpenHow::new()
                .flags(flags | OFlag::O_CLOEXEC)
                .resolve(ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_MAGICLINKS);
            Ok(File::from(openat2(root.as_fd(), cleaned.as_str(), how)?))
        };
        opened().map_err(|error| fault(what, &place, &error))
    }

    /// The names in a directory, sorted.
    pub(super) fn list(&self, path: &str) -> Result<Vec<Entry>, FsError> {
        let dir = self.open("open", path, OFlag::O_RDONLY | OFlag::O_DIRECTORY)?;
        let at_root = clean(path).as_deref() == Some(".");
        let names = std::fs::read_dir(format!("/proc/self/fd/{}", dir.as_raw_fd()));
        let names = names.map_err(|error| fault("open", path, &error))?;
        let mut entries = Vec::new();
        for name in names.flatten() {
            let text = name.file_name().to_string_lossy().into_owned();
            if at_root && text == CONTROL {
                continue;
            }
            if entries.len() >= NAMES_MAX {
                return Err(FsError::new(500, format!("directory {path:?} has more than {NAMES_MAX} files")));
            }
            // One that has gone meanwhile is none of it.
            if let Ok(metadata) = name.metadata() {
                entries.push(Entry::of(&text, &metadata));
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Facts about a file.
    pub(super) fn stat(&self, path: &str) -> Result<Entry, FsError> {
        let found = self.open("stat", path, OFlag::O_PATH)?;
        let metadata = found.metadata().map_err(|error| fault("stat", path, &error))?;
        let cleaned = clean(path).ok_or_else(escapes)?;
        let name = Path::new(&cleaned).file_name().map(|name| name.to_string_lossy().into_owned());
        let root = || self.root.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut entry =
            Entry::of(&name.filter(|name| name != ".").or_else(root).unwrap_or_default(), &metadata);
        let mut kind = "application/octet-stream";
        if metadata.is_file()
            && let Ok(file) = self.read(path)
        {
            let mut head = Vec::new();
            // What cannot be read is of no known kind.
            let _ = file.take(content_type::LOOK_AT as u64).read_to_end(&mut head);
            kind = content_type::detect(&head);
            if kind.starts_with("text/plain") && path.ends_with(".json") {
                kind = "application/json";
            }
        }
        entry.content_type = Some(kind);
        Ok(entry)
    }

    /// Opens a regular file for reading.
    pub(super) fn read(&self, path: &str) -> Result<File, FsError> {
        let found = self.open("stat", path, OFlag::O_PATH)?;
        let metadata = found.metadata().map_err(|error| fault("stat", path, &error))?;
        if metadata.is_dir() {
            return Err(FsError::new(500, format!("file {path:?} is a directory")));
        }
        let kind = metadata.file_type();
        if kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device() {
            return Err(FsError::new(500, format!("file {path:?} is not a regular file")));
        }
        // Opened anew by its descriptor: what was looked at is what is read, whatever the name means by now.
        let real = std::fs::read_link(format!("/proc/self/fd/{}", found.as_raw_fd()));
        self.check_prohibited(path, &real.map_err(|error| fault("open", path, &error))?)?;
        let opened = File::open(format!("/proc/self/fd/{}", found.as_raw_fd()));
        opened.map_err(|error| fault("open", path, &error))
    }

    fn check_prohibited(&self, path: &str, real: &Path) -> Result<(), FsError> {
        for task in &self.tasks {
            for (dir, word) in PROHIBITED {
                if real.starts_with(self.root.join(task).join(dir)) {
                    return Err(FsError::new(500, format!("Reading {word} file prohibited: {path}")));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn tree(root: &Path) -> Tree {
        for dir in ["alloc", "t/local", "t/secrets", CONTROL] {
            std::fs::create_dir_all(root.join(dir)).unwrap();
        }
        std::fs::write(root.join("t/local/ten"), "0123456789").unwrap();
        std::fs::write(root.join("t/local/a.json"), "{}").unwrap();
        std::fs::write(root.join("t/secrets/token"), "x").unwrap();
        symlink("../secrets/token", root.join("t/local/peek")).unwrap();
        symlink("/etc/passwd", root.join("t/local/out")).unwrap();
        symlink("ten", root.join("t/local/same")).unwrap();
        Tree { root: root.canonicalize().unwrap(), tasks: vec!["t".into()] }
    }

    #[test]
    fn what_may_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let tree = tree(dir.path());
        let error = |path: &str| tree.read(path).map(drop).unwrap_err().text;
        assert!(tree.read("t/local/ten").is_ok());
        assert!(tree.read("/t/./local/../local/same").is_ok());
        assert_eq!(error("t/secrets"), "file \"t/secrets\" is a directory");
        assert_eq!(error("t/secrets/token"), "Reading secret file prohibited: t/secrets/token");
        assert_eq!(error("t/local/peek"), "Reading secret file prohibited: t/local/peek");
        assert_eq!(error("t/local/out"), "Path escapes the alloc directory");
        assert_eq!(error("../../etc/passwd"), "Path escapes the alloc directory");
        let none = tree.root.join("t/none");
        assert_eq!(error("t/none"), format!("stat {}: no such file or directory", none.display()));
        assert_eq!(tree.list("../..").unwrap_err().text, "Path escapes the alloc directory");
    }

    #[test]
    fn what_is_told_of_files() {
        let dir = tempfile::tempdir().unwrap();
        let tree = tree(dir.path());
        let names = |path: &str| -> Vec<String> {
            tree.list(path).unwrap().into_iter().map(|entry| entry.name).collect()
        };
        assert_eq!(names("/"), ["alloc", "t"]);
        assert_eq!(names("t"), ["local", "secrets"]);
        let ten = tree.stat("t/local/ten").unwrap().json();
        assert_eq!((&ten["Name"], &ten["Size"], &ten["IsDir"]), (&json!("ten"), &json!(10), &json!(false)));
        assert_eq!(ten["ContentType"], "text/plain; charset=utf-8");
        assert_eq!(tree.stat("t/local/a.json").unwrap().json()["ContentType"], "application/json");
        assert_eq!(tree.stat("t").unwrap().json()["ContentType"], "application/octet-stream");
    }
}
