//! The one place where reasons become a status and a text.

use api::json::JsonError;
use api::query::{InvalidBool, InvalidQuery};
use http::StatusCode;
use raft::ReadError;

use super::message::Response;
use crate::app::CommandError;

/// Why a request is not answered as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// The request makes no sense.
    BadRequest(String),
    /// What it names is not there.
    NotFound(String),
    /// No such path; answered without a text.
    NoRoute,
    /// The path is there, the method is not.
    MethodNotAllowed,
    /// Documented, but not built yet; the text says what.
    NotBuilt(String),
    /// Refused while being processed: the original answers 500 with the plain text.
    Server(String),
    /// A fault of ours.
    Internal(String),
    /// Nobody leads, after the time that a request is held.
    NoLeader,
    /// This server does not lead (any more): another has to be asked. Never reaches a client.
    NotLeader,
    /// The write may or may not have happened.
    OutcomeUnknown(String),
    /// Too much is waiting.
    Busy,
    /// The body is larger than is read.
    TooLarge,
}

impl ApiError {
    pub(crate) fn into_response(self) -> Response {
        let (status, text) = match self {
            ApiError::BadRequest(text) => (StatusCode::BAD_REQUEST, text),
            ApiError::NotFound(text) => (StatusCode::NOT_FOUND, text),
            ApiError::NoRoute => return Response::empty(StatusCode::NOT_FOUND),
            ApiError::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "Invalid method".to_owned()),
            ApiError::NotBuilt(what) => (StatusCode::NOT_IMPLEMENTED, format!("{what} is not built yet")),
            ApiError::Server(text) | ApiError::Internal(text) => (StatusCode::INTERNAL_SERVER_ERROR, text),
            ApiError::NoLeader | ApiError::NotLeader => {
                (StatusCode::INTERNAL_SERVER_ERROR, "No cluster leader".to_owned())
            }
            ApiError::OutcomeUnknown(why) => {
                (StatusCode::INTERNAL_SERVER_ERROR, format!("outcome unknown: {why}"))
            }
            ApiError::Busy => {
                (StatusCode::TOO_MANY_REQUESTS, "too many requests are waiting to be committed".to_owned())
            }
            ApiError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "http: request body too large".to_owned()),
        };
        Response::text(status, text)
    }
}

impl From<CommandError> for ApiError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::NotLeader => ApiError::NotLeader,
            CommandError::Busy => ApiError::Busy,
            CommandError::Unknown(why) => ApiError::OutcomeUnknown(why),
            CommandError::Refused(text) => ApiError::Server(text),
        }
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NoLeader | ReadError::NoQuorum | ReadError::Timeout | ReadError::Stopped => {
                ApiError::NoLeader
            }
            ReadError::Full => ApiError::Busy,
        }
    }
}

impl From<JsonError> for ApiError {
    fn from(error: JsonError) -> Self {
        ApiError::BadRequest(error.to_string())
    }
}

impl From<InvalidQuery> for ApiError {
    fn from(error: InvalidQuery) -> Self {
        ApiError::BadRequest(error.to_string())
    }
}

impl From<InvalidBool> for ApiError {
    fn from(error: InvalidBool) -> Self {
        ApiError::Server(error.to_string())
    }
}
