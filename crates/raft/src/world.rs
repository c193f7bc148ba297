//! What this crate asks of the world beside files and sockets: tasks, threads for work that blocks, and chance.
//!
//! In a simulation all three belong to the simulated process; without that feature they are the system's.

use std::future::Future;

use tokio::task::{JoinError, JoinHandle};

/// Starts a task.
pub(crate) fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[cfg(feature = "simulation")]
    if let Some(process) = crate::simulation::current() {
        return tokio::spawn(process.live(future));
    }
    tokio::spawn(future)
}

/// Does work that blocks where it holds up nobody.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    #[cfg(feature = "simulation")]
    if crate::simulation::current().is_some() {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await
}

/// An id that nobody else draws.
pub(crate) fn mint() -> uuid::Uuid {
    #[cfg(feature = "simulation")]
    if let (Some(high), Some(low)) = (crate::simulation::draw(), crate::simulation::draw()) {
        return uuid::Builder::from_random_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
            .into_uuid();
    }
    uuid::Uuid::new_v4()
}
