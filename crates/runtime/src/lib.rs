//! What every process of Drover boots with: configuration, tracing, metrics, shutdown, backoff, the clock and the id mint.
//!
//! An impure room: the wall clock, randomness, the environment and signals are read here and nowhere else. It knows no
//! job, no node and no protocol.

pub mod backoff;
pub mod clock;
pub mod config;
pub mod metrics;
pub mod mint;
pub mod shutdown;
pub mod trace;
pub mod version;

pub use backoff::Backoff;
pub use clock::{Clock, Ticks};
pub use config::{Config, ConfigError};
pub use metrics::Metrics;
pub use mint::Mint;
pub use shutdown::Shutdown;
pub use version::{COMPAT_VERSION, DROVER_VERSION};
