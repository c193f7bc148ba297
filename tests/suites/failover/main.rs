//! Servers that are killed, wiped and cut off: what was acknowledged stays, and the cluster heals.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

mod acknowledged;
mod formation;
mod indexes;
mod snapshot;
mod transfer;
mod variables;

use std::path::Path;

use tests::cluster::Cluster;

pub(crate) fn bin() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_drover-under-test"))
}

pub(crate) async fn servers(count: usize) -> Cluster {
    Cluster::start(bin(), &std::env::temp_dir(), count, 0).await.unwrap()
}
