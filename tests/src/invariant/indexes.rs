//! P5: `X-Nomad-Index` never falls on one server; a blocking query returns when its index is passed, never before, and
//! at most a second after.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinHandle;

use super::{Promise, Verdict};
use crate::workload::http::{Answer, Failure, Http};

/// How long a watcher's query waits, and what may be missing of that at most.
const WAIT: Duration = Duration::from_secs(2);
const EARLY: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(6);
/// How long a query of [`wakes`] would wait if nothing woke it.
const LONG_WAIT: Duration = Duration::from_secs(10);
/// How much later than a plain read of the same server a query may show a change.
const LATE: Duration = Duration::from_secs(1);
/// Long enough for a query to be waiting.
const PARKED: Duration = Duration::from_millis(150);

/// Blocking queries on every server, one after the other, for as long as this lives.
pub struct Watchers {
    stop: Arc<AtomicBool>,
    watching: Vec<JoinHandle<()>>,
}

impl Watchers {
    /// Starts one for each server.
    pub fn start(verdict: &Verdict, http: &Http, addresses: &[String]) -> Watchers {
        let stop = Arc::<AtomicBool>::default();
        let watching = addresses.iter().map(|address| {
            let watch = watch(verdict.clone(), http.clone(), address.clone(), stop.clone());
            tokio::spawn(watch)
        });
        Watchers { watching: watching.collect(), stop }
    }

    /// Ends them.
    pub async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        futures::future::join_all(self.watching).await;
    }
}

/// Whether the index falls and whether a query returns early.
async fn watch(verdict: Verdict, http: Http, address: String, stop: Arc<AtomicBool>) {
    let mut last = 0;
    while !stop.load(Ordering::Relaxed) {
        let wait = WAIT.as_secs();
        let url = format!("{address}/v1/vars?prefix=chaos/&stale&index={last}&wait={wait}s");
        let asked = Instant::now();
        let answer = http.ask_within(PATIENCE, Method::GET, url, None).await;
        let took = asked.elapsed();
        let Some(index) = answer.ok().filter(Answer::ok).and_then(|one| one.index) else {
            // It may have been killed: a stale read of the next start may be older than what it had not synced.
            last = 0;
            tokio::time::sleep(PARKED).await;
            continue;
        };
        verdict.expect(Promise::P5, index >= last, || {
            format!("{address}: the index fell from {last} to {index}")
        });
        if last > 0 && took + EARLY < WAIT {
            verdict.expect(Promise::P5, index > last, || {
                format!("{address}: a query at {last} returned after {took:?} with {index}")
            });
        }
        last = index;
    }
}

/// In calm: one query after the other waits on each server while another server takes a write. Ends with the first that
/// is not woken: every further one would only take its time.
pub async fn wakes(verdict: &Verdict, http: &Http, addresses: &[String], rounds: usize) {
    for round in 0..rounds {
        for (server, address) in addresses.iter().enumerate() {
            let other = &addresses[(server + round + 1) % addresses.len()];
            if let Err(why) = wake(verdict, http, address, other, round).await {
                verdict.broken(Promise::P5, format!("{address}: {why}"));
            }
            if verdict.of(Promise::P5).broken > 0 {
                return;
            }
        }
    }
}

/// In calm every write is taken.
fn taken(answer: Result<Answer, Failure>) -> Result<Answer, String> {
    match answer {
        Ok(answer) if answer.ok() => Ok(answer),
        other => Err(format!("a write in calm was answered so: {other:?}")),
    }
}

async fn wake(
    verdict: &Verdict,
    http: &Http,
    address: &str,
    other: &str,
    round: usize,
) -> Result<(), String> {
    let path = "v1/var/chaos/wake";
    let write = |value: String| {
        let body = json!({ "Items": { "value": value } });
        async move { http.ask(Method::PUT, format!("{other}/{path}"), Some(&body)).await }
    };
    let answered = |what: &str| format!("no answer to {what} in calm");
    let written = taken(write(format!("before-{round}")).await)?;
    let index = written.number("ModifyIndex");
    let url = format!("{address}/{path}?index={index}&wait={}s", LONG_WAIT.as_secs());
    let asking = http.clone();
    let waiting = tokio::spawn(async move {
        let answer = asking.ask_within(LONG_WAIT + PATIENCE, Method::GET, url, None).await;
        (Instant::now(), answer)
    });
    tokio::time::sleep(PARKED).await;
    taken(write(format!("after-{round}")).await)?;
    // The index is passed on that server once a plain read of it shows the change.
    let deadline = Instant::now() + LONG_WAIT;
    let passed = loop {
        let shown = http.get(format!("{address}/{path}?stale")).await.map_err(|_| answered("a read"))?;
        if shown.number("ModifyIndex") > index {
            break Instant::now();
        }
        if Instant::now() >= deadline {
            return Err(format!(
                "a plain read does not show within {LONG_WAIT:?} what was written: {}",
                shown.body
            ));
        }
    };
    let (at, answer) = waiting.await.map_err(|error| error.to_string())?;
    let answer = answer.map_err(|_| answered("a blocking query"))?;
    let late = at.saturating_duration_since(passed);
    verdict.expect(Promise::P5, late <= LATE && answer.index.is_some_and(|shown| shown > index), || {
        format!("{address}: a query at {index} returned {late:?} after a plain read, with {:?}", answer.index)
    });
    Ok(())
}
