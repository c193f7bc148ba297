//! All servers are restarted, one after the other, while clients write that try another address when one is gone.

use super::{load, load::Load, servers};

const WRITERS: usize = 6;
const ROUNDS: usize = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_fails_for_good_while_every_server_is_restarted() {
    let mut cluster = servers(3).await;
    let load = Load::start(&cluster, WRITERS);
    load.progress(100).await;
    for _ in 0..ROUNDS {
        for server in 0..3 {
            cluster.stop(server).await.unwrap();
            load.progress(20).await;
            cluster.spawn(server).unwrap();
            // The next one goes when this one is back: it counts again only then.
            has_caught_up(&cluster, server, &load).await;
        }
    }
    load.progress(100).await;
    load::nothing_lost(&cluster, &load.end().await).await;
}

/// Waits until a server has what was acknowledged a moment ago.
pub(crate) async fn has_caught_up(cluster: &tests::cluster::Cluster, server: usize, load: &Load) {
    let last = load.acknowledged().into_iter().next_back().unwrap();
    tests::eventually::eventually(&format!("server {server} to catch up"), || async {
        let path = format!("/v1/job/{last}?stale");
        cluster.get(server, &path).await.map(drop).map_err(|error| error.to_string())
    })
    .await;
}
