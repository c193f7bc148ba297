//! Files of an allocation and commands beside its task, through every agent of the cluster: servers that hold the
//! session and servers that do not, the allocation's own agent and another.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::cluster::Cluster;
use tests::eventually::eventually;
use tests::job::raw_exec;
use tokio_tungstenite::tungstenite::Message;

use super::{allocs, cluster};

/// Runs `cat` beside the task and hears its own words back.
async fn echoed(cluster: &Cluster, agent: usize, alloc: &str) -> Result<(), String> {
    let address = cluster.address(agent).replace("http://", "ws://");
    let command = "%5B%22/bin/cat%22%5D";
    let url =
        format!("{address}/v1/client/allocation/{alloc}/exec?task=main&command={command}&ws_handshake=true");
    let text = |error: tokio_tungstenite::tungstenite::Error| error.to_string();
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.map_err(text)?;
    let said = [
        json!({"version": 1, "auth_token": ""}),
        json!({"stdin": {"data": "aGVsbG8K"}}),
        json!({"stdin": {"close": true}}),
    ];
    for message in said {
        socket.send(Message::text(message.to_string())).await.map_err(text)?;
    }
    let (mut heard, mut code) = (String::new(), None);
    while let Some(message) = socket.next().await {
        let message = match message.map_err(text)? {
            Message::Text(text) => text.to_string(),
            Message::Close(frame) if code.is_none() => return Err(format!("closed: {frame:?}")),
            _ => continue,
        };
        let message: Value = serde_json::from_str(&message).map_err(|error| error.to_string())?;
        heard.push_str(message["stdout"]["data"].as_str().unwrap_or_default());
        code = code.or_else(|| message["result"]["exit_code"].as_i64());
    }
    if (heard.as_str(), code) == ("aGVsbG8K", Some(0)) { Ok(()) } else { Err(format!("{heard:?} {code:?}")) }
}

#[tokio::test]
async fn every_agent_leads_to_the_task() {
    let cluster = cluster(3, 2).await;
    let script = "printf 0123456789 > $NOMAD_TASK_DIR/ten; exec sleep 600";
    let body = raw_exec("stays", "batch", 1, "/bin/sh", &["-c", script]);
    cluster.put(1, "/v1/jobs", &body).await.unwrap();
    let running = allocs(&cluster, "stays", "running", 1).await;
    let id = running[0]["ID"].as_str().unwrap();
    for agent in 0..5 {
        eventually(&format!("a command through agent {agent}"), || echoed(&cluster, agent, id)).await;
        let url = |rest: &str| format!("{}/v1/client/fs/{rest}", cluster.address(agent));
        let text = async |url: String| {
            let answer = reqwest::get(&url).await.map_err(|error| error.to_string())?;
            let status = answer.status().as_u16();
            Ok::<_, String>((status, answer.text().await.map_err(|error| error.to_string())?))
        };
        eventually(&format!("a file through agent {agent}"), || async {
            let found = text(url(&format!("readat/{id}?path=main/local/ten&offset=3&limit=4"))).await?;
            if found == (200, "3456".to_owned()) { Ok(()) } else { Err(format!("{found:?}")) }
        })
        .await;
        let unknown = "00000000-0000-0000-0000-000000000001";
        let found = text(url(&format!("cat/{unknown}?path=a"))).await.unwrap();
        assert_eq!(found, (200, format!("Unknown allocation \"{unknown}\"")), "through agent {agent}");
    }
}
