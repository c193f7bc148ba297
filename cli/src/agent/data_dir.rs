//! The directories an agent keeps things in. Development mode without one gets a temporary one, removed at the end.

use super::error::AgentError;
use runtime::Config;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Keys and logs of tasks are nobody else's business.
const MODE: u32 = 0o700;

/// Where the agent keeps things.
pub(super) struct DataDir {
    /// The state of the server.
    pub(super) server: PathBuf,
    /// The state of the client agent.
    pub(super) client: PathBuf,
    /// The allocations.
    pub(super) alloc: PathBuf,
    temporary: Option<TempDir>,
}

impl DataDir {
    /// Make the directories that are missing.
    pub(super) fn open(config: &Config) -> Result<DataDir, AgentError> {
        if config.dev_mode && config.data_dir.is_empty() {
            let made = tempfile::Builder::new().prefix("drover-dev-").tempdir();
            let temporary =
                made.map_err(|source| AgentError::DataDir { path: std::env::temp_dir(), source })?;
            let below = |name: &str, set: &str| {
                if set.is_empty() { temporary.path().join(name) } else { PathBuf::from(set) }
            };
            return Ok(DataDir {
                server: below("server", &config.server.data_dir),
                client: below("client", &config.client.state_dir),
                alloc: below("alloc", &config.client.alloc_dir),
                temporary: Some(temporary),
            });
        }
        let dir = DataDir {
            server: config.server_dir(),
            client: config.client_state_dir(),
            alloc: config.alloc_dir(),
            temporary: None,
        };
        if !config.data_dir.is_empty() {
            make(Path::new(&config.data_dir))?;
        }
        if config.server.enabled {
            make(&dir.server)?;
        }
        if config.client.enabled {
            make(&dir.client)?;
            make(&dir.alloc)?;
        }
        Ok(dir)
    }

    /// Whether what is written shall outlive the agent.
    pub(super) fn durable(&self) -> bool {
        self.temporary.is_none()
    }

    /// Remove what was temporary.
    pub(super) fn close(self) {
        if let Some(temporary) = self.temporary {
            let path = temporary.path().to_owned();
            if let Err(error) = temporary.close() {
                tracing::warn!(path = %path.display(), %error, "the temporary directory stays behind");
            }
        }
    }
}

fn make(path: &Path) -> Result<(), AgentError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(MODE)
        .create(path)
        .map_err(|source| AgentError::DataDir { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn development_leaves_nothing_behind() {
        let dir = DataDir::open(&Config::dev()).unwrap();
        assert!(!dir.durable() && dir.server.parent().unwrap().is_dir());
        let parent = dir.server.parent().unwrap().to_owned();
        dir.close();
        assert!(!parent.exists());
    }

    #[test]
    fn directories_are_made_for_their_owner_alone() {
        let base = tempfile::tempdir().unwrap();
        let mut config =
            Config { data_dir: base.path().join("d").to_string_lossy().into_owned(), ..Config::default() };
        config.server.enabled = true;
        let dir = DataDir::open(&config).unwrap();
        assert!(dir.durable() && dir.server.is_dir() && !dir.client.exists());
        let mode = std::fs::metadata(&dir.server).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        config.data_dir = "/proc/nowhere".to_owned();
        let refused = DataDir::open(&config).err().unwrap().to_string();
        assert!(
            refused.starts_with("Error starting agent: cannot use the data directory /proc/nowhere: "),
            "{refused}"
        );
    }
}
