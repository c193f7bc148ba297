//! How each noun of the API looks as text: one file per noun, pure functions from documented shapes to lines.
//!
//! Nothing here asks a server, reads the clock or prints; ids are shortened and times written as the caller says.

pub mod alloc;
pub mod checks;
pub mod deployment;
pub mod diagnostic;
pub mod diff;
pub mod eval;
pub mod explain;
pub mod files;
pub mod job;
pub mod metric;
pub mod node;
pub mod node_pool;
pub mod operator;
pub mod scaling;
pub mod server;
pub mod service;
mod size;
pub mod var;

pub use size::bytes;
