//! Row 2: one registration after the other, against the disk's own sync.

use std::time::Instant;

use tests::job::unplaceable;

use crate::machine::Disk;
use crate::report::Figure;
use crate::statistics::{Times, ms};
use crate::wire::Wire;

/// Registrations a second of the original, one connection to three servers.
const ORIGINAL: f64 = 208.0;

/// Registers `count` jobs one by one.
pub(crate) async fn run(address: &str, count: usize, disk: &Disk) -> anyhow::Result<Vec<Figure>> {
    let mut wire = Wire::connect(address).await?;
    let run = std::process::id();
    let mut times = Vec::with_capacity(count);
    for number in 0..count {
        let body = unplaceable(&format!("one-{run}-{number}")).to_string();
        let start = Instant::now();
        wire.put("/v1/jobs", body.as_bytes()).await?.success()?;
        times.push(start.elapsed());
    }
    let times = Times::new(times);
    let p50 = times.quantile(0.5);
    let ratio = p50.as_secs_f64() / disk.p50.as_secs_f64();
    Ok(vec![
        Figure::cost("2", "one client, p50", p50.as_secs_f64() * 1e3, "ms")
            .original(1e3 / ORIGINAL)
            .beside(format!("p99 {}", ms(times.quantile(0.99)))),
        Figure::cost("2", "the same in syncs of the disk", ratio, "x fdatasync")
            .must(7.0)
            .beside(format!("fdatasync p50 {}", ms(disk.p50))),
    ])
}
