//! Row 8: the leader is killed under load; how long until a write is committed again, and is anything lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tests::cluster::Cluster;
use tests::job::unplaceable;

use crate::report::Figure;
use crate::statistics::{Times, ms};

/// The original's longest time without an acknowledged write.
const ORIGINAL_S: f64 = 2.9;
/// Writers beside each kill.
const WRITERS: usize = 8;
/// How long the load lasts before and after a kill.
const CALM: Duration = Duration::from_secs(3);

type Acknowledged = Arc<Mutex<Vec<(Instant, String)>>>;

/// Kills the leader `kills` times; compares the acknowledged ids with the stored ones at the end.
pub(crate) async fn run(cluster: &mut Cluster, kills: usize) -> anyhow::Result<Vec<Figure>> {
    let acknowledged: Acknowledged = Arc::default();
    let mut gaps = Vec::new();
    for round in 0..kills {
        let leader = cluster.leader().await?;
        let stop = Arc::new(AtomicBool::new(false));
        let survivors: Vec<_> = (0..cluster.addresses().len())
            .filter(|server| *server != leader)
            .map(|server| cluster.address(server))
            .collect();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let address = survivors[writer % survivors.len()].clone();
                tokio::spawn(write(
                    address,
                    format!("kill-{round}-{writer}"),
                    stop.clone(),
                    acknowledged.clone(),
                ))
            })
            .collect();
        tokio::time::sleep(CALM).await;
        let killed = Instant::now();
        cluster.kill(leader)?;
        tokio::time::sleep(CALM).await;
        stop.store(true, Ordering::Relaxed);
        futures::future::join_all(writers).await;
        gaps.extend(longest_gap(&acknowledged, killed));
        cluster.spawn(leader)?;
    }
    let lost = lost(cluster, &acknowledged).await?;
    let count = acknowledged.lock().unwrap_or_else(PoisonError::into_inner).len();
    let times = Times::new(gaps);
    let worst = times.quantile(1.0).as_secs_f64();
    Ok(vec![
        Figure::cost("8", format!("leader killed -> next commit, worst of {kills}"), worst, "s")
            .must(3.0)
            .original(ORIGINAL_S)
            .beside(format!("p50 {}", ms(times.quantile(0.5)))),
        Figure::cost("8", "acknowledged writes lost", lost as f64, "writes")
            .beside(format!("of {count}; must be 0")),
    ])
}

async fn write(address: String, prefix: String, stop: Arc<AtomicBool>, acknowledged: Acknowledged) {
    let client = reqwest::Client::new();
    let mut number = 0u64;
    while !stop.load(Ordering::Relaxed) {
        let id = format!("{prefix}-{number}");
        number += 1;
        let sent =
            client.put(format!("{address}/v1/jobs")).json(&unplaceable(&id)).timeout(Duration::from_secs(10));
        if sent.send().await.is_ok_and(|answer| answer.status().is_success()) {
            acknowledged.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), id));
        }
    }
}

/// The longest time without an acknowledgement that spans the kill.
fn longest_gap(acknowledged: &Acknowledged, killed: Instant) -> Option<Duration> {
    let acknowledged = acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
    let before = acknowledged.iter().map(|(at, _)| *at).filter(|at| *at <= killed).max()?;
    let mut times: Vec<_> = acknowledged.iter().map(|(at, _)| *at).filter(|at| *at >= before).collect();
    times.sort_unstable();
    times.windows(2).map(|pair| pair[1] - pair[0]).max()
}

async fn lost(cluster: &Cluster, acknowledged: &Acknowledged) -> anyhow::Result<usize> {
    let leader = cluster.leader().await?;
    let url = format!("{}/v1/jobs?prefix=kill-", cluster.address(leader));
    let stored: serde_json::Value = reqwest::get(url).await?.json().await?;
    let stored: std::collections::BTreeSet<_> =
        stored.as_array().into_iter().flatten().filter_map(|stub| stub["ID"].as_str()).collect();
    let acknowledged = acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(acknowledged.iter().filter(|(_, id)| !stored.contains(id.as_str())).count())
}
