//! Writers that register without pause and remember what was acknowledged, and when.
//!
//! Only a clear yes counts. Whatever else comes back may or may not have happened, and its id is never used again.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tests::job::unplaceable;
use tokio::task::JoinHandle;

/// Ids of acknowledged registrations.
pub(crate) type Ids = BTreeSet<String>;

/// How long a registration may take: longer than any election.
const TIMEOUT: Duration = Duration::from_secs(15);
/// After a refusal, so that a server that is away is not asked in a tight loop.
const PAUSE: Duration = Duration::from_millis(10);

/// What all ids of this process begin with.
pub(crate) fn prefix() -> String {
    format!("chaos-{}-", std::process::id())
}

/// Acknowledged registrations in the order of their answers.
#[derive(Default)]
pub(crate) struct Acknowledged(Mutex<Vec<(Instant, String)>>);

impl Acknowledged {
    fn add(&self, id: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The clock is read under the lock, so that the list is in order.
        all.push((Instant::now(), id));
    }

    /// Answers a second in the time before.
    pub(crate) fn rate_before(&self, until: Instant, time: Duration) -> f64 {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = all.iter().rev().skip_while(|(at, _)| *at > until);
        recent.take_while(|(at, _)| until - *at < time).count() as f64 / time.as_secs_f64()
    }

    /// The longest time without an answer, from the last one before `from` to `until`.
    pub(crate) fn longest_gap(&self, from: Instant, until: Instant) -> Duration {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let after = all.partition_point(|(at, _)| *at <= from);
        let mut times: Vec<_> = all[after.saturating_sub(1)..].iter().map(|(at, _)| *at).collect();
        times.retain(|at| *at <= until);
        times.push(until);
        times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }
}

/// Writers at work.
pub(crate) struct Load {
    /// What they have achieved so far.
    pub(crate) acknowledged: Arc<Acknowledged>,
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts writers that go round all addresses, together no faster than `rate` a second.
    pub(crate) fn start(addresses: &[String], writers: usize, rate: f64, name: &str) -> Load {
        let (acknowledged, stop) = (Arc::<Acknowledged>::default(), Arc::<AtomicBool>::default());
        let pace = Duration::from_secs_f64(writers as f64 / rate);
        let writers = (0..writers).map(|writer| {
            let prefix = format!("{}{name}-{writer}", prefix());
            let (addresses, acknowledged, stop) = (addresses.to_vec(), acknowledged.clone(), stop.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::new();
                let mut number = writer;
                while !stop.load(Ordering::Relaxed) {
                    let next = tokio::time::Instant::now() + pace;
                    let id = format!("{prefix}-{number}");
                    let url = format!("{}/v1/jobs", addresses[number % addresses.len()]);
                    number += 1;
                    let sent = client.put(url).json(&unplaceable(&id)).timeout(TIMEOUT).send().await;
                    if sent.is_ok_and(|answer| answer.status().is_success()) {
                        acknowledged.add(id);
                        tokio::time::sleep_until(next).await;
                    } else {
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            })
        });
        Load { writers: writers.collect(), acknowledged, stop }
    }

    /// Ends the writers and answers what was acknowledged.
    pub(crate) async fn stop(self) -> Ids {
        self.stop.store(true, Ordering::Relaxed);
        futures::future::join_all(self.writers).await;
        let mut all = self.acknowledged.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *all).into_iter().map(|(_, id)| id).collect()
    }
}
