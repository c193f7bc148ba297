//! Directories of allocations: `alloc/{data,logs,tmp}` shared by the tasks, `<task>/{local,private,secrets,tmp}`, and
//! `.drover/<task>` for their supervisors.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use model::AllocId;

/// Beneath an allocation's directory: what supervisors keep of each task. Of no other user's concern, never served.
pub(crate) const CONTROL: &str = ".drover";

/// Directory of an allocation beneath the agent's.
pub(crate) fn alloc_root(alloc_dir: &Path, id: AllocId) -> PathBuf {
    alloc_dir.join(id.to_string())
}

/// Directories of one task.
#[derive(Debug, Clone)]
pub(crate) struct TaskDirs {
    /// Shared by the group's tasks.
    pub(crate) shared: PathBuf,
    /// Log files of all tasks.
    pub(crate) logs: PathBuf,
    /// The task's.
    pub(crate) task: PathBuf,
    /// For its supervisor's records.
    pub(crate) control: PathBuf,
    /// For the task's own files.
    pub(crate) local: PathBuf,
    /// For secrets; never served.
    pub(crate) secrets: PathBuf,
}

/// True for a task's name that can be a directory: one component that leads nowhere else.
pub(crate) fn valid_task_name(task: &str) -> bool {
    !task.is_empty()
        && task != "."
        && task != ".."
        && task != "alloc"
        && task != CONTROL
        && !task.contains(['/', '\0'])
}

impl TaskDirs {
    /// Names them; makes none.
    pub(crate) fn beneath(root: &Path, task: &str) -> Self {
        let own = root.join(task);
        TaskDirs {
            shared: root.join("alloc"),
            logs: root.join("alloc/logs"),
            local: own.join("local"),
            secrets: own.join("secrets"),
            control: root.join(CONTROL).join(task),
            task: own,
        }
    }

    /// Makes the task's directories, for `user` unless that is empty. May be called again.
    pub(crate) fn make(&self, user: &str) -> io::Result<()> {
        make_dir(&self.task, 0o777)?;
        make_dir(&self.control, 0o700)?;
        make_dir(&self.local, 0o777)?;
        make_dir(&self.task.join("private"), 0o777)?;
        make_dir(&self.task.join("tmp"), 0o1777)?;
        make_dir(&self.secrets, 0o700)?;
        if !user.is_empty() {
            let user = nix::unistd::User::from_name(user)?
                .ok_or_else(|| io::Error::other(format!("unknown user {user:?}")))?;
            std::os::unix::fs::lchown(&self.secrets, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        }
        Ok(())
    }
}

impl TaskDirs {
    /// Writes a file for the task to read, beneath its `local` directory whatever its name says.
    pub(crate) fn write_local(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if parts.is_empty() || parts.contains(&"..") {
            return Err(io::Error::other(format!("{name:?} leads out of the task's directory")));
        }
        let path = self.local.join(parts.join("/"));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, bytes)
    }
}

/// Makes the directories that all tasks of an allocation share. May be called again.
pub(crate) fn make_shared(root: &Path) -> io::Result<()> {
    make_dir(root, 0o755)?;
    make_dir(&root.join("alloc"), 0o777)?;
    make_dir(&root.join(CONTROL), 0o700)?;
    for name in ["data", "logs", "tmp"] {
        make_dir(&root.join("alloc").join(name), 0o777)?;
    }
    Ok(())
}

fn make_dir(path: &Path, mode: u32) -> io::Result<()> {
    match fs::create_dir(path) {
        // What a task has made of its directories since is its own business.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        other => other?,
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Removes an allocation's directory; one that is not there is fine.
pub(crate) fn remove(root: &Path) -> io::Result<()> {
    match fs::remove_dir_all(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("a");
        make_shared(&root).unwrap();
        let dirs = TaskDirs::beneath(&root, "t");
        dirs.make("").unwrap();
        dirs.make("").unwrap();
        for path in ["alloc/data", "alloc/logs", "alloc/tmp", "t/local", "t/private", "t/secrets", "t/tmp"] {
            assert!(root.join(path).is_dir(), "{path}");
        }
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&dirs.secrets), 0o700);
        assert_eq!(mode(&dirs.logs), 0o777);
        remove(&root).unwrap();
        remove(&root).unwrap();
        assert!(!valid_task_name("..") && !valid_task_name("a/b") && valid_task_name("web"));
    }
}
