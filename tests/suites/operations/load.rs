//! Clients that write without pause and try the next address when one does not say yes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tests::cluster::Cluster;
use tests::eventually::{PATIENCE, eventually};
use tests::job::unplaceable;
use tokio::task::JoinHandle;

/// Jobs of the load begin so.
pub(crate) const PREFIX: &str = "load-";
/// How long one server may take to answer, before the next one is asked.
const ANSWER: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// Writers that go on until they are told to stop.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
    writers: Vec<JoinHandle<()>>,
}

impl Load {
    /// So many writers, to all servers that there are now.
    pub(crate) fn start(cluster: &Cluster, writers: usize) -> Load {
        let (stop, acknowledged) = (Arc::default(), Arc::default());
        let writer = |number| {
            tokio::spawn(write(cluster.addresses(), number, Arc::clone(&stop), Arc::clone(&acknowledged)))
        };
        let writers = (0..writers).map(writer).collect();
        Load { stop, acknowledged, writers }
    }

    /// What was acknowledged up to now.
    pub(crate) fn acknowledged(&self) -> BTreeSet<String> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// Waits until so many more writes have been acknowledged.
    pub(crate) async fn progress(&self, more: usize) {
        let wanted = self.acknowledged().len() + more;
        eventually("further acknowledgements", || async {
            let count = self.acknowledged.lock().unwrap().len();
            if count >= wanted { Ok(()) } else { Err(count) }
        })
        .await;
    }

    /// Stops the writers. None of them may have given up on a write.
    pub(crate) async fn end(self) -> BTreeSet<String> {
        self.stop.store(true, Ordering::Relaxed);
        for writer in self.writers {
            writer.await.expect("a write failed for good");
        }
        Arc::into_inner(self.acknowledged).unwrap().into_inner().unwrap()
    }
}

async fn write(
    addresses: Vec<String>,
    writer: usize,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
) {
    let client = reqwest::Client::builder().timeout(ANSWER).build().unwrap();
    let (mut number, mut at) = (0, writer);
    while !stop.load(Ordering::Relaxed) {
        let id = format!("{PREFIX}{writer}-{number}");
        number += 1;
        let deadline = Instant::now() + PATIENCE;
        // Registering a job as it is already changes nothing, so that it may be tried again.
        loop {
            let address = &addresses[at % addresses.len()];
            let sent = client.put(format!("{address}/v1/jobs")).json(&unplaceable(&id)).send().await;
            if sent.as_ref().is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            assert!(Instant::now() < deadline, "{id} found nobody: {sent:?}");
            at += 1;
            tokio::time::sleep(PAUSE).await;
        }
        acknowledged.lock().unwrap().insert(id);
    }
}

/// Every job of the load that the servers have now.
pub(crate) async fn stored(cluster: &Cluster) -> BTreeSet<String> {
    eventually("a list of jobs", || async {
        let leader = cluster.leader().await.map_err(|error| error.to_string())?;
        let path = format!("/v1/jobs?prefix={PREFIX}");
        let jobs = cluster.get(leader, &path).await.map_err(|error| error.to_string())?;
        let ids = jobs.as_array().unwrap().iter().map(|job| job["ID"].as_str().unwrap().to_owned());
        Ok::<_, String>(ids.collect())
    })
    .await
}

/// Nothing that was acknowledged is missing.
pub(crate) async fn nothing_lost(cluster: &Cluster, acknowledged: &BTreeSet<String>) {
    let stored = stored(cluster).await;
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged are gone: {lost:?}", lost.len(), acknowledged.len());
}
