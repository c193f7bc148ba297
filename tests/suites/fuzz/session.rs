//! What a client agent may say on its session, to a server of its own: first hello, then anything.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use prost::Message;
use proto::v1::agent_message::Body;
use proto::v1::node_agent_client::NodeAgentClient;
use proto::v1::{AgentMessage, Hello};
use tests::cluster::Cluster;
use tokio::runtime::Runtime;

use super::harness::{Target, fuzz};

/// The server, and what its questions are asked on.
static SERVER: Mutex<Option<(Runtime, String)>> = Mutex::new(None);
/// Messages after which a session is ended from this side.
const LIMIT: Duration = Duration::from_secs(5);
const NODE: &str = "6f3c1c1e-0000-4000-8000-000000000001";

fn hello() -> AgentMessage {
    let node =
        model::Node { name: "fuzz".to_owned(), datacenter: "dc1".to_owned(), ..model::Node::default() };
    let hello = Hello {
        node_id: NODE.to_owned(),
        secret: "a secret of some length".to_owned(),
        node: model::codec::encode(&node).into(),
        cluster_id: String::new(),
    };
    AgentMessage { body: Some(Body::Hello(hello)), ..AgentMessage::default() }
}

/// The first byte says whether the input itself is the hello.
fn say(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else { return };
    let Ok(said) = AgentMessage::decode(rest) else { return };
    let messages = if first % 2 == 0 { vec![hello(), said] } else { vec![said] };
    let server = SERVER.lock().unwrap();
    let (runtime, address) = server.as_ref().unwrap();
    let session = async {
        let mut client = NodeAgentClient::connect(address.clone()).await.unwrap();
        let answers = client.session(futures::stream::iter(messages)).await;
        let mut answers = answers.unwrap().into_inner();
        // Refused or ended by this side's silence: either is an end.
        while let Ok(Some(_)) = answers.message().await {}
    };
    let ended = runtime.block_on(async { tokio::time::timeout(LIMIT, session).await });
    ended.expect("a session whose agent has gone ends");
}

#[test]
fn messages_of_agents() {
    let runtime = Runtime::new().unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_drover-under-test"));
    let cluster = runtime.block_on(Cluster::start(bin, &std::env::temp_dir(), 1, 0)).unwrap();
    let own = runtime.block_on(cluster.get(0, "/v1/agent/self")).unwrap();
    let address = format!("http://{}", own["member"]["Addr"].as_str().unwrap());
    let port = own["member"]["Port"].as_u64().unwrap();
    *SERVER.lock().unwrap() = Some((Runtime::new().unwrap(), format!("{address}:{port}")));
    let words = &["\u{a}", "\u{12}", "\u{1a}", "\u{22}", "fuzz", "dc1", "id", "name", NODE];
    fuzz(&Target { name: "agent-message", words, more: None, run: say });
    // It has outlived all of them.
    runtime.block_on(cluster.get(0, "/v1/status/leader")).unwrap();
    assert!(!cluster.log(0).contains("panicked"), "{}", cluster.log(0));
}
