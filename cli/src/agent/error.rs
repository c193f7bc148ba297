//! Why an agent does not start. Every sentence says what to change.

use runtime::trace;
use std::path::PathBuf;
use thiserror::Error;

/// Why an agent does not start.
#[derive(Debug, Error)]
pub(super) enum AgentError {
    /// A flag.
    #[error("{0}")]
    Flag(String),
    /// A configuration file.
    #[error("Error loading configuration: {0}")]
    Load(#[from] runtime::ConfigError),
    /// The configuration as a whole.
    #[error("{0}")]
    Invalid(#[from] runtime::config::ValidateError),
    /// An address.
    #[error("{0}")]
    Address(#[from] runtime::config::EndpointError),
    /// Logging.
    #[error("Error setting up logging: {0}")]
    Trace(#[from] trace::InitError),
    /// Signals.
    #[error("Error listening for signals: {0}")]
    Signals(std::io::Error),
    /// A port in use, mostly.
    #[error("Error starting agent: {0}")]
    Bind(server::StartError),
    /// The directory for everything that is kept.
    #[error("Error starting agent: cannot use the data directory {}: {source}", .path.display())]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// This very program, for supervisors.
    #[error("Error starting agent: the path of this program is not known: {0}")]
    OwnPath(std::io::Error),
    /// The server half.
    #[error("Error starting agent: server setup failed: {0}")]
    Server(server::StartError),
    /// The client half.
    #[error("Error starting agent: client setup failed: {0}")]
    Client(client_agent::StartError),
}
