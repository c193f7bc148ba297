//! Row 13: how fast servers answer reads, and how fast one write wakes everybody who waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tests::job::unplaceable;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::statistics::{Times, ms};

/// Connections that register the jobs that are read.
const WRITERS: usize = 64;
/// Longest a waiter is given to wake, seconds.
const WAKE_LIMIT: Duration = Duration::from_secs(30);

/// How much is read.
pub(crate) struct Plan {
    /// Jobs in the list.
    pub(crate) jobs: usize,
    /// Connections that read one job, or a page.
    pub(crate) connections: usize,
    /// Blocking queries that one write wakes.
    pub(crate) waiters: usize,
    /// How long each kind of read goes on.
    pub(crate) time: Duration,
}

/// Registers the jobs, then reads them in every way.
pub(crate) async fn run(address: &str, plan: &Plan) -> anyhow::Result<Vec<String>> {
    let run = format!("read-{}", std::process::id());
    fill(address, &run, plan.jobs).await?;
    let one = format!("{address}/v1/job/{run}-0");
    let page = format!("{address}/v1/jobs?prefix={run}-&per_page=50");
    let list = format!("{address}/v1/jobs?prefix={run}-");
    let mut lines = Vec::new();
    let kinds = [
        ("one job", one.as_str(), plan.connections, " (must 20,000/s)"),
        ("a page of 50", page.as_str(), plan.connections, ""),
        ("the whole list", list.as_str(), 4, ""),
    ];
    for (name, url, connections, must) in kinds {
        let read = read(url, connections, plan.time).await?;
        let limit = echo(read.bytes, connections, plan.time.min(Duration::from_secs(2))).await?;
        lines.push(format!(
            "row 13: {name}: {:.0}/s over {connections} connections, {:.1} MB/s, {} bytes each, p50 {} p99 {}; {:.2} x the same bytes over loopback, {limit:.0}/s{must}",
            read.rate,
            read.rate * read.bytes as f64 / 1e6,
            read.bytes,
            ms(read.times.quantile(0.5)),
            ms(read.times.quantile(0.99)),
            read.rate / limit,
        ));
    }
    lines.push(wake(address, &run, plan.waiters).await?);
    Ok(lines)
}

async fn fill(address: &str, run: &str, jobs: usize) -> anyhow::Result<()> {
    let next = Arc::new(AtomicU64::new(0));
    let writers = (0..WRITERS.min(jobs)).map(|_| {
        let (next, url, run) = (next.clone(), format!("{address}/v1/jobs"), run.to_owned());
        tokio::spawn(async move {
            let client = reqwest::Client::builder().pool_max_idle_per_host(1).build()?;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= jobs as u64 {
                    return anyhow::Ok(());
                }
                let body = unplaceable(&format!("{run}-{number}"));
                let answer = client.put(&url).json(&body).send().await?;
                ensure!(answer.status().is_success(), "{}: {}", answer.status(), answer.text().await?);
            }
        })
    });
    for writer in futures::future::join_all(writers).await {
        writer??;
    }
    Ok(())
}

/// What reading the same thing again and again came to.
struct Read {
    rate: f64,
    bytes: usize,
    times: Times,
}

async fn read(url: &str, connections: usize, time: Duration) -> anyhow::Result<Read> {
    let until = Instant::now() + time;
    let readers = (0..connections).map(|_| {
        let url = url.to_owned();
        tokio::spawn(async move {
            let client = reqwest::Client::builder().pool_max_idle_per_host(1).build()?;
            let (mut times, mut bytes) = (Vec::new(), 0);
            // One at least, however slow the machine.
            while times.is_empty() || Instant::now() < until {
                let start = Instant::now();
                let answer = client.get(&url).send().await?.error_for_status()?;
                bytes = answer.bytes().await?.len();
                times.push(start.elapsed());
            }
            anyhow::Ok((times, bytes))
        })
    });
    let start = Instant::now();
    let (mut all, mut bytes) = (Vec::new(), 0);
    for reader in futures::future::join_all(readers).await {
        let (times, length) = reader??;
        all.extend(times);
        bytes = length;
    }
    let times = Times::new(all);
    Ok(Read { rate: times.len() as f64 / start.elapsed().as_secs_f64(), bytes, times })
}

/// The machine's own limit: answers of so many bytes a second over loopback, by a server that thinks of nothing.
async fn echo(bytes: usize, connections: usize, time: Duration) -> anyhow::Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let answering = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                stream.set_nodelay(true)?;
                let (answer, mut question) = (vec![7; bytes.max(1)], [0; 256]);
                while stream.read(&mut question).await? > 0 {
                    stream.write_all(&answer).await?;
                }
                std::io::Result::Ok(())
            });
        }
    });
    let until = Instant::now() + time;
    let asking = (0..connections).map(|_| {
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (mut answer, mut count) = (vec![0; bytes.max(1)], 0u64);
            while count == 0 || Instant::now() < until {
                stream.write_all(&[1; 128]).await?;
                stream.read_exact(&mut answer).await?;
                count += 1;
            }
            std::io::Result::Ok(count)
        })
    });
    let start = Instant::now();
    let mut count = 0;
    for asker in futures::future::join_all(asking).await {
        count += asker??;
    }
    answering.abort();
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

/// Blocking queries on one job, all of them woken by one write to it.
async fn wake(address: &str, run: &str, waiters: usize) -> anyhow::Result<String> {
    let job = format!("{run}-0");
    let url = format!("{address}/v1/job/{job}");
    let client = reqwest::Client::new();
    let head = client.get(&url).send().await?.error_for_status()?;
    let index = head.headers().get("x-nomad-index").context("a read has an index")?.to_str()?.to_owned();
    let waiting = (0..waiters).map(|_| {
        let url = format!("{url}?index={index}&wait=60s");
        tokio::spawn(async move {
            let client = reqwest::Client::builder().pool_max_idle_per_host(1).build()?;
            let answer = client.get(&url).timeout(WAKE_LIMIT).send().await?.error_for_status()?;
            answer.bytes().await?;
            anyhow::Ok(Instant::now())
        })
    });
    let waiting: Vec<_> = waiting.collect();
    // All of them wait by then; one that does not is answered at once and counts as woken early.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut body = unplaceable(&job);
    body["Job"]["Meta"] = serde_json::json!({ "woken": run });
    let start = Instant::now();
    client.put(format!("{address}/v1/jobs")).json(&body).send().await?.error_for_status()?;
    let written = start.elapsed();
    let (mut times, mut early) = (Vec::new(), 0);
    for waiter in futures::future::join_all(waiting).await {
        match waiter??.checked_duration_since(start) {
            Some(time) => times.push(time),
            None => early += 1,
        }
    }
    let times = Times::new(times);
    ensure!(times.len() > 0, "nobody was woken by the write");
    let p99 = times.quantile(0.99);
    Ok(format!(
        "row 13: {} blocking queries woken by one write: p50 {} p99 {}, {early} before it; {:.1} x the write itself, {}",
        times.len(),
        ms(times.quantile(0.5)),
        ms(p99),
        p99.as_secs_f64() / written.as_secs_f64(),
        ms(written),
    ))
}
