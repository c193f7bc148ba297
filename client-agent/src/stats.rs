//! Figures of the agent, its host and its allocations: what the kernel says now.

pub(crate) mod alloc;
pub(crate) mod host;

/// Figures of this client agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Allocations that it knows.
    pub allocs: usize,
    /// Those of them whose tasks run.
    pub running: usize,
    /// Status updates that no server has acknowledged yet.
    pub updates_waiting: usize,
    /// A session with a server is up.
    pub connected: bool,
}
