//! The client agent: registers its node, keeps a session with a server and runs allocations.
//!
//! It knows protobuf's side of servers and nothing of their state, and it never decides where something runs. What it
//! starts outlives it: see `supervisor.rs`. It is meant to be killed at any instant.

mod agent;
mod alloc;
mod checks;
mod clock;
mod context;
mod cores;
mod driver;
mod exec;
mod fingerprint;
mod fs;
mod http;
mod identity;
mod logs;
mod node;
mod options;
mod outbox;
pub mod reconcile;
mod roster;
mod services;
mod session;
mod stats;
mod store;
mod supervisor;
mod task;

pub use agent::{ClientAgent, StartError, start};
pub use http::HttpAnswer;
pub use identity::IdentityError;
pub use options::{DEFAULT_SERVER_PORT, Options};
pub use stats::Stats;
pub use supervisor::supervisor_main;
