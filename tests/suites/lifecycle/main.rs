//! Jobs from registration to their end, on a real cluster: two client agents, three servers or one.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

mod agent_killed;
mod bad_input;
mod blocked;
mod conversation;
mod drain;
mod everywhere;
mod explain;
mod logs;
mod nodes;
mod periodic;
mod run;
mod trace;

use std::path::Path;

use serde_json::Value;
use tests::cluster::Cluster;
use tests::eventually::eventually;

/// The program under test.
pub(crate) const BIN: &str = env!("CARGO_BIN_EXE_drover-under-test");

pub(crate) fn bin() -> &'static Path {
    Path::new(BIN)
}

pub(crate) async fn cluster(servers: usize, clients: usize) -> Cluster {
    Cluster::start(bin(), &std::env::temp_dir(), servers, clients).await.unwrap()
}

/// Waits until so many allocations of a job have a client status; answers them.
pub(crate) async fn allocs(cluster: &Cluster, job: &str, status: &str, count: usize) -> Vec<Value> {
    eventually(&format!("{count} allocations of {job} {status}"), || async {
        let all =
            cluster.get(0, &format!("/v1/job/{job}/allocations")).await.map_err(|error| error.to_string())?;
        let found: Vec<Value> =
            all.as_array().unwrap().iter().filter(|alloc| alloc["ClientStatus"] == status).cloned().collect();
        if found.len() == count { Ok(found) } else { Err(all.to_string()) }
    })
    .await
}
