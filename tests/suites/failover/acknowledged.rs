//! P1: every acknowledged registration is stored, compared id by id.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tests::cluster::Cluster;
use tests::eventually::eventually;
use tests::job::unplaceable;

use super::servers;

const WRITERS: usize = 8;
/// Enough for every run to prove something.
const ACKNOWLEDGED_MIN: usize = 300;

/// Registers without pause at every server until told to stop; answers what was acknowledged.
async fn write(addresses: Vec<String>, writer: usize, stop: Arc<AtomicBool>, seen: Arc<Mutex<Vec<String>>>) {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(15)).build().unwrap();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        let id = format!("ack-{writer}-{number}");
        let address = &addresses[number % addresses.len()];
        number += 1;
        let sent = client.put(format!("{address}/v1/jobs")).json(&unplaceable(&id)).send().await;
        // Whatever is not a clear yes may or may not have happened: only the yes is a promise.
        if sent.is_ok_and(|answer| answer.status().is_success()) {
            seen.lock().unwrap().push(id);
        }
    }
}

async fn stored(cluster: &Cluster) -> BTreeSet<String> {
    eventually("a list of jobs", || async {
        let leader = cluster.leader().await.map_err(|error| error.to_string())?;
        let jobs = cluster.get(leader, "/v1/jobs?prefix=ack-").await.map_err(|error| error.to_string())?;
        let ids = jobs.as_array().unwrap().iter().map(|job| job["ID"].as_str().unwrap().to_owned());
        Ok::<_, String>(ids.collect())
    })
    .await
}

/// Waits until so many more registrations have been acknowledged.
async fn progress(seen: &Arc<Mutex<Vec<String>>>, more: usize) {
    let target = seen.lock().unwrap().len() + more;
    eventually("further acknowledgements", || async {
        let count = seen.lock().unwrap().len();
        if count >= target { Ok(()) } else { Err(count) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_leaders_and_a_power_cut_lose_nothing_acknowledged() {
    let mut cluster = servers(3).await;
    let (stop, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(cluster.addresses(), writer, stop.clone(), seen.clone())))
        .collect();
    for _ in 0..3 {
        progress(&seen, ACKNOWLEDGED_MIN / 3).await;
        let leader = cluster.leader().await.unwrap();
        cluster.kill(leader).unwrap();
        progress(&seen, 20).await;
        cluster.spawn(leader).unwrap();
    }
    progress(&seen, 50).await;
    // All at once, as when the power goes, in the middle of the load.
    for server in 0..3 {
        cluster.kill(server).unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    for server in 0..3 {
        cluster.spawn(server).unwrap();
    }
    let acknowledged: BTreeSet<String> = seen.lock().unwrap().iter().cloned().collect();
    let stored = stored(&cluster).await;
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(
        lost.is_empty(),
        "{} of {} acknowledged registrations are gone: {lost:?}",
        lost.len(),
        acknowledged.len()
    );
    assert!(acknowledged.len() >= ACKNOWLEDGED_MIN);
}

#[tokio::test]
async fn a_minority_acknowledges_nothing() {
    let mut cluster = servers(3).await;
    let leader = cluster.leader().await.unwrap();
    cluster.put(leader, "/v1/jobs", &unplaceable("before")).await.unwrap();
    for server in (0..3).filter(|server| *server != leader) {
        cluster.kill(server).unwrap();
    }
    let refused = cluster.put(leader, "/v1/jobs", &unplaceable("lonely")).await;
    assert!(refused.is_err(), "acknowledged without a majority: {refused:?}");
    let stale = cluster.get(leader, "/v1/job/before?stale").await.unwrap();
    assert_eq!(stale["ID"], "before", "a stale read is answered locally");
    eventually("a stale read that says that it may be old", || async {
        let url = format!("{}/v1/job/before?stale", cluster.address(leader));
        let answer = reqwest::get(url).await.map_err(|error| error.to_string())?;
        let contact = answer.headers()["x-nomad-lastcontact"].to_str().unwrap().to_owned();
        if contact.parse::<u64>().unwrap() > 1_000 { Ok(()) } else { Err(contact) }
    })
    .await;
    let consistent = cluster.get(leader, "/v1/job/before").await.unwrap_err().to_string();
    assert!(consistent.contains("No cluster leader"), "{consistent}");
}
