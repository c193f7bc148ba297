//! Servers of this build and of the previous one in one cluster, on the way up and on the way back.

use std::path::{Path, PathBuf};

use tests::cluster::Cluster;
use tests::job::unplaceable;

use super::rolling::has_caught_up;
use super::{bin, load, load::Load, voters};

/// Where the program of the previous version is.
const PREVIOUS: &str = "DROVER_PREVIOUS";
const WRITERS: usize = 4;

fn previous() -> Option<PathBuf> {
    let path = std::env::var_os(PREVIOUS).map(PathBuf::from)?;
    assert!(path.is_file(), "{PREVIOUS}: there is no {}", path.display());
    Some(path)
}

/// Moves a cluster from one program to another, server by server, while clients write.
async fn moved(from: &Path, to: &Path) {
    let mut cluster = Cluster::start(from, &std::env::temp_dir(), 3, 0).await.unwrap();
    let load = Load::start(&cluster, WRITERS);
    load.progress(50).await;
    for server in 0..3 {
        cluster.stop(server).await.unwrap();
        cluster.set_program(server, to);
        cluster.spawn(server).unwrap();
        has_caught_up(&cluster, server, &load).await;
        voters(&cluster, &[0, 1, 2]).await;
        // Each of them leads once while both programs are there, and all of them answer.
        let leader = cluster.leader().await.unwrap();
        let next = (leader + 1) % 3;
        let id = super::id_of(&super::peers(&cluster).await.unwrap(), next);
        super::succeeds(&cluster, leader, &["operator", "raft", "transfer-leadership", "-peer-id", &id]);
        for asked in 0..3 {
            tests::eventually::eventually("a write through every server", || async {
                let id = format!("mixed-{server}-{asked}");
                cluster.put(asked, "/v1/jobs", &unplaceable(&id)).await.map_err(|error| error.to_string())
            })
            .await;
        }
        load.progress(30).await;
    }
    load::nothing_lost(&cluster, &load.end().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_goes_up_and_back_server_by_server() {
    let Some(previous) = previous() else {
        println!("skipped: {PREVIOUS} names no program of the previous version");
        return;
    };
    moved(&previous, bin()).await;
    moved(bin(), &previous).await;
}
