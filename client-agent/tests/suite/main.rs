//! The client agent against a server in this process that speaks the real protocol.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod agent;
mod client_api;
mod delays;
mod fake_server;
mod jobs;
mod logs;
mod reattach;
mod services;
mod session;
mod tasks;

use std::time::{Duration, Instant};

/// Waits until a condition holds; the text names it in the panic.
async fn eventually<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(value) = holds() {
            return value;
        }
        assert!(Instant::now() < deadline, "not within 30 s: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
