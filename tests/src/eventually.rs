//! Waits for a condition with a deadline; the only way in which a suite waits.

use std::fmt::Debug;
use std::future::Future;
use std::time::{Duration, Instant};

/// How long anything may take on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// Asks until the answer is `Ok`; panics with the last answer when [`PATIENCE`] runs out.
pub async fn eventually<T, E: Debug, F: Future<Output = Result<T, E>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(last) if Instant::now() >= deadline => {
                panic!("{what} did not happen within {PATIENCE:?}: {last:?}")
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
