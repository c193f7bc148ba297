//! Row 12: from the start of the process to a leader that is ready to work.

use std::path::Path;
use std::time::Instant;

use tests::cluster::Cluster;

use crate::statistics::{Times, ms};

const ROUNDS: usize = 5;

/// Starts one durable server with an empty directory, several times.
pub(crate) async fn run(bin: &Path, dir: &Path) -> anyhow::Result<String> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let _server = Cluster::start(bin, dir, 1, 0).await?;
        times.push(start.elapsed());
    }
    let times = Times::new(times);
    Ok(format!(
        "row 12: cold start to leader, empty and durable, p50 {} (must 150 ms)",
        ms(times.quantile(0.5))
    ))
}
