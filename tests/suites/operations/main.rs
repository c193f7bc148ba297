//! What operators do to a cluster while it works: servers come, go, are replaced, restarted and upgraded, and backups
//! are taken and given back. Nothing that was acknowledged is lost on the way.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

mod autopilot;
mod backup;
mod damaged;
mod fixture;
mod grow;
mod load;
mod mixed;
mod peers;
mod replace;
mod rolling;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tests::cluster::Cluster;
use tests::eventually::eventually;

pub(crate) fn bin() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_drover-under-test"))
}

pub(crate) async fn servers(count: usize) -> Cluster {
    Cluster::start(bin(), &std::env::temp_dir(), count, 0).await.unwrap()
}

/// A command of the command line, against one agent.
pub(crate) fn drover(cluster: &Cluster, agent: usize, words: &[&str]) -> Output {
    Command::new(bin()).args(words).env("NOMAD_ADDR", cluster.address(agent)).output().unwrap()
}

/// The same, which has to succeed; answers what it printed.
pub(crate) fn succeeds(cluster: &Cluster, agent: usize, words: &[&str]) -> String {
    attempt(cluster, agent, words).unwrap_or_else(|text| panic!("{words:?}: {text}"))
}

/// The same for a command that may be given again: a busy machine changes its leader in the middle of one.
pub(crate) async fn succeeds_at_last(cluster: &Cluster, agent: usize, words: &[&str]) -> String {
    tests::eventually::eventually(&format!("{words:?}"), async || attempt(cluster, agent, words)).await
}

/// What a command printed; an error when it failed.
fn attempt(cluster: &Cluster, agent: usize, words: &[&str]) -> Result<String, String> {
    let output = drover(cluster, agent, words);
    let text = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
    if output.status.success() { Ok(text) } else { Err(text) }
}

/// The membership as the servers know it, without the region in the names.
pub(crate) async fn peers(cluster: &Cluster) -> Result<Vec<Peer>, String> {
    let server = cluster.running_servers()[0];
    let path = "/v1/operator/raft/configuration";
    let configuration = cluster.get(server, path).await.map_err(|error| error.to_string())?;
    let peer = |one: &Value| Peer {
        id: one["ID"].as_str().unwrap().to_owned(),
        name: one["Node"].as_str().unwrap().split('.').next().unwrap().to_owned(),
        voter: one["Voter"] == true,
    };
    Ok(configuration["Servers"].as_array().unwrap().iter().map(peer).collect())
}

/// A server in the membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) voter: bool,
}

/// Waits until exactly these servers vote and nobody else is in the membership; answers them by name.
pub(crate) async fn voters(cluster: &Cluster, names: &[usize]) -> Vec<Peer> {
    let mut wanted: Vec<String> = names.iter().map(|server| format!("server{server}")).collect();
    wanted.sort();
    eventually(&format!("the voters {wanted:?}"), || async {
        let mut peers = peers(cluster).await?;
        peers.sort_by(|a, b| a.name.cmp(&b.name));
        let voting: Vec<&String> = peers.iter().filter(|peer| peer.voter).map(|peer| &peer.name).collect();
        if peers.len() == wanted.len() && voting == wanted.iter().collect::<Vec<_>>() {
            Ok(peers)
        } else {
            Err(format!("{peers:?}"))
        }
    })
    .await
}

/// The raft id of a server of that number.
pub(crate) fn id_of(peers: &[Peer], server: usize) -> String {
    let name = format!("server{server}");
    peers.iter().find(|peer| peer.name == name).unwrap().id.clone()
}
