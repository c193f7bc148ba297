//! Whether a cluster is whole, asked over HTTP: all servers answer, agree on the members, and have caught up.

use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::Value;

use crate::workload::http::Http;

/// How long servers may take to find a leader, and a cluster to be whole.
pub(super) const PATIENCE: Duration = Duration::from_secs(45);
pub(super) const PAUSE: Duration = Duration::from_millis(50);

async fn read(http: &Http, url: String) -> Result<Value, String> {
    let answer = http.get(url.clone()).await.map_err(|failure| format!("{url}: {failure:?}"))?;
    if answer.ok() { Ok(answer.body) } else { Err(format!("{url}: {} {}", answer.status, answer.body)) }
}

/// What keeps the cluster from being whole; `None` when nothing does.
pub(super) async fn unwhole(http: &Http, addresses: &[String]) -> Option<String> {
    let mut voters: Option<Vec<String>> = None;
    for address in addresses {
        let known = read(http, format!("{address}/v1/operator/raft/configuration?stale")).await;
        let known = match known {
            Ok(known) => known,
            Err(error) => return Some(error),
        };
        let members = known["Servers"].as_array().into_iter().flatten();
        let members = members.filter(|member| member["Voter"] == true);
        let mut ids: Vec<String> =
            members.map(|member| format!("{}={}", member["Node"], member["ID"])).collect();
        ids.sort();
        if ids.len() != addresses.len() || voters.as_ref().is_some_and(|voters| *voters != ids) {
            return Some(format!("{address} has the voters {ids:?}"));
        }
        voters = Some(ids);
        // A consistent read: it has caught up with what was committed.
        if let Err(error) = read(http, format!("{address}/v1/jobs?per_page=1")).await {
            return Some(error);
        }
    }
    None
}

/// Whether a server says of itself that it leads; `None` when it does not answer.
pub(super) async fn leads(http: &Http, address: &str) -> Option<bool> {
    let own = read(http, format!("{address}/v1/agent/self")).await.ok()?;
    Some(own["stats"]["nomad"]["leader"] == "true")
}

/// The server that leads and is ready to work, and the others.
pub(super) async fn roles(http: &Http, addresses: &[String]) -> anyhow::Result<(usize, Vec<usize>)> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        for (server, address) in addresses.iter().enumerate() {
            if leads(http, address).await == Some(true) {
                return Ok((server, (0..addresses.len()).filter(|other| *other != server).collect()));
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("no leader within {PATIENCE:?}")
}

/// The id of a server by its name, as one of them knows the members.
pub(super) fn id_of(configuration: &Value, name: &str) -> Option<String> {
    let named =
        |member: &&Value| member["Node"].as_str().is_some_and(|node| node.starts_with(&format!("{name}.")));
    Some(configuration["Servers"].as_array()?.iter().find(named)?["ID"].as_str()?.to_owned())
}

/// Hands the leadership to a server. It may not come off under load; it is somewhere in any case.
pub(super) async fn transfer(http: &Http, address: &str, to: &str) {
    let Ok(known) = read(http, format!("{address}/v1/operator/raft/configuration")).await else { return };
    let Some(id) = id_of(&known, to) else { return };
    let url = format!("{address}/v1/operator/raft/transfer-leadership?id={id}");
    let _ = http.ask(reqwest::Method::PUT, url, None).await;
}
