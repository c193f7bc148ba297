//! Wall time of the agent, read in one place.

/// Now, ns since 1970.
pub(crate) fn now_ns() -> i64 {
    runtime::Clock::system().now_ns()
}
