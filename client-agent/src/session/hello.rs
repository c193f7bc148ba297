//! The first two messages of a session: who the node is, and whether the server takes it.

use std::time::Duration;

use model::Node;
use model::codec::encode;
use proto::v1;
use proto::v1::agent_message::Body as AgentBody;
use proto::v1::node_agent_client::NodeAgentClient;
use proto::v1::server_message::Body as ServerBody;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Channel;

/// Time for a server to answer; a frozen one must not hold the node longer than other servers are patient.
const HELLO_PATIENCE: Duration = Duration::from_secs(3);
/// Messages that wait for the stream.
const OUTGOING_MAX: usize = 64;
/// Longest message, bytes.
const MESSAGE_MAX: usize = 16 << 20;

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub(super) enum HelloError {
    #[error("cannot connect: {}", root_cause(.0))]
    Connect(tonic::transport::Error),
    #[error("the server does not answer: {0}")]
    Call(#[from] Box<tonic::Status>),
    #[error("the server does not answer in time")]
    Silent,
    #[error("the server answers something else than a welcome")]
    Confused,
    #[error("refused: {reason}")]
    Refused { reason: String, fatal: bool },
    #[error("the server belongs to cluster {theirs:?}, this node to {ours:?}")]
    OtherCluster { ours: String, theirs: String },
    #[error("{0}")]
    Store(String),
}

fn root_cause(error: &tonic::transport::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

impl HelloError {
    /// True when another server cannot help.
    pub(super) fn fatal(&self) -> bool {
        matches!(self, HelloError::Refused { fatal: true, .. } | HelloError::OtherCluster { .. })
    }
}

/// A session that both sides agree on.
pub(super) struct Established {
    pub(super) welcome: v1::Welcome,
    pub(super) outgoing: mpsc::Sender<v1::AgentMessage>,
    pub(super) incoming: Streaming<v1::ServerMessage>,
}

/// Introduces the node to a server.
pub(super) async fn greet(
    channel: Channel,
    node: &Node,
    secret: &str,
    cluster_id: &str,
) -> Result<Established, HelloError> {
    let (outgoing, messages) = mpsc::channel(OUTGOING_MAX);
    let hello = v1::Hello {
        node_id: node.id.to_string(),
        secret: secret.to_owned(),
        node: encode(node).into(),
        cluster_id: cluster_id.to_owned(),
    };
    let first = super::message(AgentBody::Hello(hello));
    outgoing.try_send(first).map_err(|_| HelloError::Confused)?;
    let mut client = NodeAgentClient::new(channel)
        .max_decoding_message_size(MESSAGE_MAX)
        .max_encoding_message_size(MESSAGE_MAX);
    let answered = timeout(HELLO_PATIENCE, async {
        let response = client.session(ReceiverStream::new(messages)).await.map_err(Box::new)?;
        let mut incoming = response.into_inner();
        let answer = incoming.message().await.map_err(Box::new)?;
        Ok::<_, HelloError>((incoming, answer))
    });
    let (incoming, answer) = answered.await.map_err(|_| HelloError::Silent)??;
    match answer.and_then(|answer| answer.body) {
        Some(ServerBody::Welcome(welcome)) => {
            let ours = cluster_id.to_owned();
            if !ours.is_empty() && ours != welcome.cluster_id {
                return Err(HelloError::OtherCluster { ours, theirs: welcome.cluster_id });
            }
            Ok(Established { welcome, outgoing, incoming })
        }
        Some(ServerBody::Refused(refused)) => {
            Err(HelloError::Refused { reason: refused.reason, fatal: refused.fatal })
        }
        _ => Err(HelloError::Confused),
    }
}
