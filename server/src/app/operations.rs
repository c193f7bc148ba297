//! What operators change beside jobs.

use state::{Answer, Command, Operation, Outcome};

use super::App;
use crate::http::error::ApiError;

/// What came of an operation.
pub(crate) struct Operated {
    /// Index of the command.
    pub(crate) index: u64,
    /// What apply has to tell.
    pub(crate) answer: Answer,
}

impl App {
    /// Commits an operation; a refusal is an error in the original's words.
    pub(crate) async fn operate(&self, operation: Operation) -> Result<Operated, ApiError> {
        let committed = self.propose(Command::Operate { operation }).await?;
        operated(committed.index, committed.outcome)
    }
}

/// What an outcome tells of an operation.
pub(crate) fn operated(index: u64, outcome: Outcome) -> Result<Operated, ApiError> {
    match outcome {
        Outcome::Operated(answer) => Ok(Operated { index, answer }),
        Outcome::Refused(refusal) => Err(ApiError::Server(refusal.to_string())),
        other => Err(ApiError::Internal(format!("an operation had the outcome {other:?}"))),
    }
}
