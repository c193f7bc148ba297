//! What client agents report, on its way to the leader.

use model::AllocUpdate;
use model::id::NodeId;
use proto::v1::UpdateAllocsRequest;
use state::{Command, Outcome};

use super::nodes::settled;
use super::{App, CommandError};

impl App {
    /// Writes an agent's report through the leader. Repeats are harmless: apply passes over what it knows.
    pub(crate) async fn update_allocs(
        &self,
        node_id: NodeId,
        secret_hash: &str,
        updates: Vec<AllocUpdate>,
    ) -> Result<u64, CommandError> {
        if self.leads() {
            return self.update_allocs_here(node_id, secret_hash, updates).await;
        }
        let Some(mut leader) = self.leader_client() else {
            return Err(CommandError::NotLeader);
        };
        let message = UpdateAllocsRequest {
            node_id: node_id.to_string(),
            secret_hash: secret_hash.to_owned(),
            updates: updates.iter().map(|update| model::codec::encode(update).into()).collect(),
        };
        match leader.update_allocs(message).await {
            Ok(reply) => settled(reply.into_inner()),
            Err(status) => Err(CommandError::Unknown(status.message().to_owned())),
        }
    }

    /// Writes an agent's report on this server, which leads.
    pub(crate) async fn update_allocs_here(
        &self,
        node_id: NodeId,
        secret_hash: &str,
        updates: Vec<AllocUpdate>,
    ) -> Result<u64, CommandError> {
        let known = self.state().node(node_id).is_some_and(|node| node.secret_hash == secret_hash);
        if !known {
            return Err(CommandError::Refused("node secret does not match".to_owned()));
        }
        let committed = self.propose(Command::UpdateAllocs { node_id, updates, seed: self.seed() }).await?;
        match committed.outcome {
            Outcome::Refused(refusal) => Err(CommandError::Refused(refusal.to_string())),
            _ => Ok(committed.index),
        }
    }
}
