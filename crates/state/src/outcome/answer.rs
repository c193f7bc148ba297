//! What the proposer of an operation is told.

use model::Variable;
use model::id::EvalId;
use serde::{Deserialize, Serialize};

/// What came of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Done; there is nothing to tell.
    Done,
    /// Whether a check-and-set fitted.
    Updated(bool),
    /// A node was changed, removed or looked at.
    Node {
        /// Evaluations that follow.
        eval_ids: Vec<EvalId>,
        /// Index of the node's last change.
        node_modify_index: u64,
    },
    /// How many things were removed.
    Deleted(u64),
    /// A deployment was changed.
    Deployment {
        /// The evaluation that follows; nil without one.
        eval_id: EvalId,
        /// The version that the job went back to.
        reverted: Option<u64>,
    },
    /// The variable as it is now.
    Variable(Box<Variable>),
    /// The variable that stood in the way, as far as the asker may know it; index 0 for one that is not there.
    Conflict(Box<Variable>),
}
