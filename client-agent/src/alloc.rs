//! One allocation on this node: its directory, the order of its tasks, its status and its health.

mod alone;
pub(crate) mod dir;
pub(crate) mod health;
pub(crate) mod order;
mod overtime;
mod requests;
pub(crate) mod rollup;
pub(crate) mod runner;
mod standing;
mod turn;
