//! The machine's own limits: what no program on it can beat.

use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::statistics::{Times, ms};

const SYNCS: usize = 500;
const BLOCK: usize = 4096;
const ROUND_TRIPS: usize = 2_000;

/// Syncs of preallocated blocks.
pub(crate) struct Disk {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl fmt::Display for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_second = 1.0 / self.p50.as_secs_f64();
        write!(f, "fdatasync p50 {} p99 {} ({per_second:.0}/s)", ms(self.p50), ms(self.p99))
    }
}

/// Measures fdatasync on blocks that were written before, as a log with preallocated segments does.
pub(crate) fn disk(dir: &Path) -> anyhow::Result<Disk> {
    let file: File = tempfile::tempfile_in(dir)?;
    file.write_all_at(&vec![0; BLOCK * SYNCS], 0)?;
    file.sync_all()?;
    let mut times = Vec::with_capacity(SYNCS);
    for number in 0..SYNCS {
        let start = Instant::now();
        file.write_all_at(&[1; 1024], (number * BLOCK) as u64)?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    let times = Times::new(times);
    Ok(Disk { p50: times.quantile(0.5), p99: times.quantile(0.99) })
}

/// Measures a round trip of one byte over loopback.
pub(crate) async fn loopback() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let echo = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut byte = [0];
        while stream.read(&mut byte).await? == 1 {
            stream.write_all(&byte).await?;
        }
        std::io::Result::Ok(())
    });
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut times = Vec::with_capacity(ROUND_TRIPS);
    for _ in 0..ROUND_TRIPS {
        let start = Instant::now();
        stream.write_all(&[7]).await?;
        stream.read_exact(&mut [0]).await?;
        times.push(start.elapsed());
    }
    drop(stream);
    echo.await??;
    Ok(format!("loopback round trip p50 {}", ms(Times::new(times).quantile(0.5))))
}
