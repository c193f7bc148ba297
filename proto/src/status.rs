//! The one place where reasons become gRPC status codes.

use tonic::Status;

/// Why a peer or agent is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RpcError {
    /// A message that makes no sense.
    #[error("malformed {what}: {why}")]
    Malformed {
        /// Which part.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The caller is not who it says it is.
    #[error("{0}")]
    Denied(String),
    /// Nobody can answer now; asking again may help.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of ours.
    #[error("{0}")]
    Internal(String),
}

impl From<RpcError> for Status {
    fn from(error: RpcError) -> Self {
        let text = error.to_string();
        match error {
            RpcError::Malformed { .. } => Status::invalid_argument(text),
            RpcError::Denied(_) => Status::permission_denied(text),
            RpcError::Unavailable(_) => Status::unavailable(text),
            RpcError::Internal(_) => Status::internal(text),
        }
    }
}
