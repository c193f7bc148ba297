//! Registering nodes, wherever their session is.

use model::Node;
use proto::v1::{RegisterNodeRequest, WriteReply};
use sha2::{Digest, Sha256};
use state::{Command, Outcome};

use super::{App, CommandError};

/// How often a write for an agent is tried anew while there is no leader.
const ATTEMPTS: usize = 50;
const RETRY: std::time::Duration = std::time::Duration::from_millis(100);

/// The form in which a node's secret is stored and compared.
pub(crate) fn secret_hash(secret: &str) -> String {
    let digest = Sha256::digest(secret.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl App {
    /// Registers a node through the leader. Answers the index, or why it was refused.
    pub(crate) async fn register_node(&self, node: Node) -> Result<u64, CommandError> {
        let message = RegisterNodeRequest { node: model::codec::encode(&node).into() };
        for _ in 0..ATTEMPTS {
            if self.leads() {
                match self.register_node_here(node.clone()).await {
                    Err(CommandError::NotLeader) => {}
                    decided => return decided,
                }
            } else if let Some(mut leader) = self.leader_client() {
                match leader.register_node(message.clone()).await {
                    Ok(reply) => match settled(reply.into_inner()) {
                        Err(CommandError::NotLeader) => {}
                        decided => return decided,
                    },
                    // Registering twice does no harm, so an unknown outcome is simply tried again.
                    Err(status) => {
                        tracing::debug!(%status, "the leader could not be asked to register a node")
                    }
                }
            }
            tokio::time::sleep(RETRY).await;
        }
        Err(CommandError::Unknown("no cluster leader".to_owned()))
    }

    /// Registers a node on this server, which leads.
    pub(crate) async fn register_node_here(&self, node: Node) -> Result<u64, CommandError> {
        let command = Command::RegisterNode { node: Box::new(node), seed: self.seed() };
        let committed = self.propose(command).await?;
        match committed.outcome {
            Outcome::Refused(refusal) => Err(CommandError::Refused(refusal.to_string())),
            _ => Ok(committed.index),
        }
    }

    /// A client of the leader, when one is known that is not this server.
    pub(crate) fn leader_client(
        &self,
    ) -> Option<proto::v1::server_client::ServerClient<tonic::transport::Channel>> {
        let leader = self.leadership.borrow().leader.clone()?;
        if leader.id == self.raft.server_id() {
            return None;
        }
        self.peers.client(&leader.rpc_addr).ok()
    }
}

/// What a leader's reply to a write says.
pub(crate) fn settled(reply: WriteReply) -> Result<u64, CommandError> {
    match (reply.not_leader, reply.error.is_empty()) {
        (true, _) => Err(CommandError::NotLeader),
        (false, true) => Ok(reply.index),
        (false, false) => Err(CommandError::Refused(reply.error)),
    }
}

/// The reply to a write that another server asked for.
pub(crate) fn reply(result: Result<u64, CommandError>) -> WriteReply {
    match result {
        Ok(index) => WriteReply { index, ..WriteReply::default() },
        Err(CommandError::NotLeader) => WriteReply { not_leader: true, ..WriteReply::default() },
        Err(error) => WriteReply { error: error.to_string(), ..WriteReply::default() },
    }
}
