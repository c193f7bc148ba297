//! Row 12: from the start of the process to a leader that is ready to work.

use std::path::Path;
use std::time::Instant;

use tests::cluster::Cluster;

use crate::report::Figure;
use crate::statistics::Times;

const ROUNDS: usize = 5;

/// Starts one durable server with an empty directory, several times.
pub(crate) async fn run(bin: &Path, dir: &Path) -> anyhow::Result<Figure> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let _server = Cluster::start(bin, dir, 1, 0).await?;
        times.push(start.elapsed());
    }
    let times = Times::new(times);
    let p50 = times.quantile(0.5).as_secs_f64() * 1e3;
    Ok(Figure::cost("12", "cold start to leader, empty and durable, p50", p50, "ms")
        .must(150.0)
        .original(1_310.0))
}
