//! What became of a command, as its proposer is told.

use model::PlanResult;
use model::id::EvalId;
use serde::{Deserialize, Serialize};

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Done; there is nothing to tell.
    Done,
    /// A job was registered, stopped or asked to be looked at.
    Job {
        /// `job_modify_index` of the job; 0 when there is none any more.
        job_modify_index: u64,
        /// Its evaluation; nil when none was needed.
        eval_id: EvalId,
        /// Index of that evaluation.
        eval_create_index: u64,
    },
    /// A plan was applied.
    Plan(PlanResult),
    /// Nothing was changed.
    Refused(Refusal),
    /// The command broke a rule of ours and changed nothing; every replica says so (decision 8).
    Internal,
}

/// Why a command changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// Check-and-set: the job is there already.
    #[error("Enforcing job modify index 0: job already exists")]
    JobExists,
    /// Check-and-set: there is no such job.
    #[error("Enforcing job modify index {wanted}: job does not exist")]
    JobMissing {
        /// The index asked for.
        wanted: u64,
    },
    /// Check-and-set: the job has changed.
    #[error("Enforcing job modify index {wanted}: job exists with conflicting job modify index: {actual}")]
    JobChanged {
        /// The index asked for.
        wanted: u64,
        /// The index it has.
        actual: u64,
    },
    /// A job cannot change its type.
    #[error("cannot update job from type \"{from}\" to \"{to}\"")]
    TypeChanged {
        /// The type it has.
        from: String,
        /// The type asked for.
        to: String,
    },
    /// The command is of a leader that leads no more.
    #[error("the leader that proposed this leads no more")]
    StaleTenure,
    /// There is no such job.
    #[error("job not found")]
    UnknownJob,
    /// There is no such node.
    #[error("node not found")]
    UnknownNode,
    /// There is no such deployment, or it has ended.
    #[error("deployment not found or ended")]
    UnknownDeployment,
    /// The node's secret is not the one that it registered with.
    #[error("node secret does not match")]
    WrongNodeSecret,
}
