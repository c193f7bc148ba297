//! What client agents report, on its way to the leader.

use model::alloc::DesiredTransition;
use model::id::{AllocId, EvalId, JobKey, NodeId};
use model::{AllocUpdate, EvalStatus, Evaluation, TaskGroup, Trigger};
use proto::v1::UpdateAllocsRequest;
use state::{Command, Outcome};

use super::nodes::settled;
use super::{App, CommandError};
use crate::http::error::ApiError;

/// What came of stopping an allocation.
pub(crate) struct AllocStopped {
    /// Index of the command.
    pub(crate) index: u64,
    /// The evaluation that stops it and places another.
    pub(crate) eval_id: EvalId,
}

fn delays_shutdown(group: &TaskGroup) -> bool {
    group.shutdown_delay_ns.is_some_and(|delay| delay > 0)
        || group.tasks.iter().any(|task| task.shutdown_delay_ns > 0)
}

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

    /// Stops an allocation and has another placed in its stead.
    pub(crate) async fn stop_alloc(
        &self,
        id: AllocId,
        no_shutdown_delay: bool,
        reschedule: bool,
    ) -> Result<AllocStopped, ApiError> {
        let state = self.state();
        let unknown = || ApiError::NotFound("allocation not found".into());
        let alloc = state.alloc(id).ok_or_else(unknown)?;
        let transition = DesiredTransition {
            migrate: Some(true),
            reschedule: Some(reschedule),
            no_shutdown_delay: Some(no_shutdown_delay),
            ..DesiredTransition::default()
        };
        let eval = Evaluation {
            id: EvalId(self.mint.uuid()),
            namespace: alloc.namespace.clone(),
            priority: alloc.job.priority,
            kind: alloc.job.kind.clone(),
            triggered_by: Trigger::AllocStop,
            job_id: alloc.job_id.clone(),
            job_modify_index: alloc.job.modify_index,
            deployment_id: alloc.deployment_id,
            status: EvalStatus::Pending,
            ..Evaluation::default()
        };
        let eval_id = eval.id;
        let command = Command::TransitionAllocs { transitions: vec![(id, transition)], evals: vec![eval] };
        let committed = self.propose(command).await?;
        match committed.outcome {
            Outcome::Refused(refusal) => Err(ApiError::Server(refusal.to_string())),
            _ => Ok(AllocStopped { index: committed.index, eval_id }),
        }
    }

    /// Has the allocations of a job stop without their `shutdown_delay`, once they are stopped.
    pub(crate) async fn skip_shutdown_delays(&self, job: &JobKey) -> Result<(), ApiError> {
        let state = self.state();
        let skip = DesiredTransition { no_shutdown_delay: Some(true), ..DesiredTransition::default() };
        let transitions: Vec<_> = state
            .allocs_of_job(job)
            .filter(|alloc| !alloc.terminal() && alloc.group().is_some_and(delays_shutdown))
            .map(|alloc| (alloc.id, skip))
            .collect();
        if !transitions.is_empty() {
            self.propose(Command::TransitionAllocs { transitions, evals: Vec::new() }).await?;
        }
        Ok(())
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
