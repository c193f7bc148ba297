//! Configuration files and flags, laid over each other and checked. Also what SIGHUP reads again.

use super::error::AgentError;
use crate::args::AgentArgs;
use runtime::{Config, config};
use std::path::PathBuf;

/// What the agent is told at its start.
pub(super) struct Settings {
    /// Checked.
    pub(super) config: Config,
    /// The files it comes from.
    pub(super) files: Vec<PathBuf>,
    /// Sentences for the log, once there is one.
    pub(super) warnings: Vec<String>,
}

/// Load, override, check.
pub(super) fn load(args: &AgentArgs) -> Result<Settings, AgentError> {
    let overrides = args.overrides().map_err(AgentError::Flag)?;
    let loaded = config::load(&args.config, args.dev)?;
    let mut config = loaded.config;
    overrides.apply(&mut config);
    config.validate()?;
    let mut warnings = loaded.warnings;
    warnings.extend(config.warnings());
    let joined = [&config.server.join(), &config.client.server_join];
    if joined.iter().any(|join| !join.start_join.is_empty()) {
        warnings.push(
            "start_join is used like retry_join: its addresses are tried until one answers, and the agent does not end \
             when none does"
                .to_owned(),
        );
    }
    Ok(Settings { config, files: loaded.files, warnings })
}
