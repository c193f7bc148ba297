//! Row 13: how fast servers answer reads, and how fast one write wakes everybody who waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tests::job::unplaceable;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::report::Figure;
use crate::statistics::{Times, ms};
use crate::wire::Wire;

/// Connections that register the jobs that are read.
const WRITERS: usize = 64;
/// What the original needed for 500 of them.
const ORIGINAL_WAKE_MS: f64 = 25.0;
/// Longest a waiter is given to wake, seconds.
const WAKE_LIMIT: Duration = Duration::from_secs(30);

/// How long schedulers may take, and how often they are looked at.
const SETTLE_LIMIT: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_millis(500);

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
pub(crate) async fn run(address: &str, plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let run = format!("read-{}", std::process::id());
    fill(address, &run, plan.jobs).await?;
    settle(address).await?;
    let one = format!("/v1/job/{run}-0");
    let page = format!("/v1/jobs?prefix={run}-&per_page=50");
    let list = format!("/v1/jobs?prefix={run}-");
    let mut figures = Vec::new();
    let kinds = [
        ("one job", one.as_str(), plan.connections, Some(20_000.0), Some(7_214.0)),
        ("a page of 50", page.as_str(), plan.connections, None, Some(1_865.0)),
        ("the whole list", list.as_str(), 4, None, None),
    ];
    for (name, path, connections, must, original) in kinds {
        let read = read(address, path, connections, plan.time).await?;
        let limit = echo(read.bytes, connections, plan.time.min(Duration::from_secs(2))).await?;
        let figure = Figure::rate("13", format!("{name} over {connections} connections"), read.rate, "/s");
        let figure = must.map_or(figure.clone(), |must| figure.must(must));
        let figure = original.map_or(figure.clone(), |original| figure.original(original));
        figures.push(
            figure
                .beside(format!("{:.1} MB/s", read.rate * read.bytes as f64 / 1e6))
                .beside(format!("p50 {} p99 {}", ms(read.times.quantile(0.5)), ms(read.times.quantile(0.99))))
                .beside(format!("{:.2} x the same bytes over loopback, {limit:.0}/s", read.rate / limit)),
        );
    }
    figures.push(wake(address, &run, plan.waiters).await?);
    Ok(figures)
}

/// Waits until every job has been looked at by a scheduler: reads are to be measured, and not what else is done.
async fn settle(address: &str) -> anyhow::Result<()> {
    let mut wire = Wire::connect(address).await?;
    let since = Instant::now();
    loop {
        let pending = wire.get("/v1/evaluations?per_page=1&filter=Status%20%3D%3D%20%22pending%22").await?;
        pending.success()?;
        if pending.body == b"[]" {
            return Ok(());
        }
        ensure!(since.elapsed() < SETTLE_LIMIT, "evaluations are still pending after {SETTLE_LIMIT:?}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn fill(address: &str, run: &str, jobs: usize) -> anyhow::Result<()> {
    let next = Arc::new(AtomicU64::new(0));
    let writers = (0..WRITERS.min(jobs)).map(|_| {
        let (next, address, run) = (next.clone(), address.to_owned(), run.to_owned());
        tokio::spawn(async move {
            let mut wire = Wire::connect(&address).await?;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= jobs as u64 {
                    return anyhow::Ok(());
                }
                let body = unplaceable(&format!("{run}-{number}")).to_string();
                wire.put("/v1/jobs", body.as_bytes()).await?.success()?;
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

async fn read(address: &str, path: &str, connections: usize, time: Duration) -> anyhow::Result<Read> {
    let until = Instant::now() + time;
    let readers = (0..connections).map(|_| {
        let (address, path) = (address.to_owned(), path.to_owned());
        tokio::spawn(async move {
            let mut wire = Wire::connect(&address).await?;
            let (mut times, mut bytes) = (Vec::new(), 0);
            // One at least, however slow the machine.
            while times.is_empty() || Instant::now() < until {
                let start = Instant::now();
                let answer = wire.get(&path).await?;
                answer.success()?;
                bytes = answer.body.len();
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
async fn wake(address: &str, run: &str, waiters: usize) -> anyhow::Result<Figure> {
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
    let what = format!("{} blocking queries woken by one write, p99", times.len());
    Ok(Figure::cost("13", what, p99.as_secs_f64() * 1e3, "ms")
        .original(ORIGINAL_WAKE_MS)
        .beside("the original woke 500")
        .beside(format!("p50 {}, {early} before the write", ms(times.quantile(0.5))))
        .beside(format!(
            "{:.1} x the write itself, {}",
            p99.as_secs_f64() / written.as_secs_f64(),
            ms(written)
        )))
}
