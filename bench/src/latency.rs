//! Row 2: one registration after the other, against the disk's own sync.

use std::time::Instant;

use anyhow::ensure;

use tests::job::unplaceable;

use crate::machine::Disk;
use crate::statistics::{Times, ms};

/// Registers `count` jobs one by one.
pub(crate) async fn run(address: &str, count: usize, disk: &Disk) -> anyhow::Result<String> {
    let client = reqwest::Client::new();
    let url = format!("{address}/v1/jobs");
    let run = std::process::id();
    let mut times = Vec::with_capacity(count);
    for number in 0..count {
        let body = unplaceable(&format!("one-{run}-{number}"));
        let start = Instant::now();
        let answer = client.put(&url).json(&body).send().await?;
        ensure!(answer.status().is_success(), "{}: {}", answer.status(), answer.text().await?);
        times.push(start.elapsed());
    }
    let times = Times::new(times);
    let p50 = times.quantile(0.5);
    let ratio = p50.as_secs_f64() / disk.p50.as_secs_f64();
    Ok(format!(
        "row 2: one client p50 {} p99 {}; {ratio:.1} x fdatasync p50 {} (must 7)",
        ms(p50),
        ms(times.quantile(0.99)),
        ms(disk.p50)
    ))
}
