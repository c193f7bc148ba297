//! What operators and other clients change beside jobs.

mod deployment;
mod drain;
mod evals;
mod pools;
mod settings;
mod variable;

use super::Tx;
use crate::command::operation::Operation;
use crate::outcome::Outcome;
use crate::outcome::answer::Answer;

impl Tx<'_> {
    pub(super) fn operate(&mut self, operation: &Operation) -> Outcome {
        let result = match operation {
            Operation::PutNamespace { namespace } => self.put_namespace(namespace),
            Operation::DeleteNamespace { name } => self.delete_namespace(name),
            Operation::PutNodePool { pool } => self.put_node_pool(pool),
            Operation::DeleteNodePool { name } => self.delete_node_pool(name),
            Operation::SetSchedulerConfiguration { config, cas } => self.set_scheduler(config, *cas),
            Operation::SetAutopilotConfiguration { config, cas } => self.set_autopilot(config, *cas),
            Operation::DrainNode { node_id, drain, mark_eligible, meta, accessor_id, seed } => {
                let asked =
                    drain::Asked { drain: drain.as_ref(), mark_eligible: *mark_eligible, meta, accessor_id };
                self.drain_node(*node_id, &asked, *seed)
            }
            Operation::EvaluateNode { node_id, seed } => self.evaluate_node_now(*node_id, *seed),
            Operation::PurgeNode { node_id, seed } => self.purge_node(*node_id, *seed),
            Operation::DeleteEvals { ids } => self.delete_evals(ids),
            Operation::ChangeDeployment { id, action, eval_id } => {
                self.change_deployment(*id, action, *eval_id)
            }
            Operation::PutVariable { variable, cas, acquire } => self.put_variable(variable, *cas, *acquire),
            Operation::DeleteVariable { namespace, path, cas } => self.delete_variable(namespace, path, *cas),
            Operation::ReleaseLock { namespace, path, id } => self.release_lock(namespace, path, *id),
            Operation::ExpireLock { tenure, namespace, path, id } => match self.holds_tenure(*tenure) {
                Ok(()) => self.expire_lock(namespace, path, *id),
                Err(refused) => return refused,
            },
            Operation::ReconcileSummaries => {
                self.recount_summaries();
                Ok(DONE)
            }
            Operation::DeleteService { namespace, service, id } => {
                self.delete_service(namespace, service, id).map(|()| DONE)
            }
            Operation::RemoveRootKey { id } => self.remove_root_key(id),
            Operation::AdvanceDrains { tenure, allocs, nodes, seed } => match self.holds_tenure(*tenure) {
                Ok(()) => {
                    self.advance_drains(allocs, nodes, *seed);
                    Ok(DONE)
                }
                Err(refused) => return refused,
            },
        };
        match result {
            Ok(answer) => Outcome::Operated(answer),
            Err(refusal) => Outcome::Refused(refusal),
        }
    }
}

/// Nothing to tell but that it is done.
const DONE: Answer = Answer::Done;
