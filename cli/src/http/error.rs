//! Errors of the API client. `Display` gives the text that Go's client gives.

use std::error::Error;
use std::io;
use thiserror::Error as ThisError;

/// Why a request gave no result.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum HttpError {
    /// The address is no URL, or one that this program cannot use.
    #[error("invalid address '{address}': {reason}")]
    InvalidAddress {
        /// As it was given.
        address: String,
        /// What is wrong.
        reason: String,
    },
    /// No answer came.
    #[error("{} \"{url}\": {reason}", title(.method))]
    Request {
        /// `GET`, `PUT`, `DELETE`.
        method: String,
        /// With its parameters.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server refused.
    #[error("Unexpected response code: {code} ({body})")]
    Status {
        /// The HTTP status.
        code: u16,
        /// The server's sentence.
        body: String,
    },
    /// The answer broke off, or is too large.
    #[error("reading the answer: {reason}")]
    Body {
        /// Why.
        reason: String,
    },
    /// The answer is not what this program expects.
    #[error("decoding the answer: {reason}")]
    Decode {
        /// Why.
        reason: String,
    },
}

impl HttpError {
    /// The server's sentence, if it refused with this status.
    pub fn said(&self, status: u16) -> Option<&str> {
        match self {
            HttpError::Status { code, body } if *code == status => Some(body),
            _ => None,
        }
    }

    /// Whether the server said that the thing does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, HttpError::Status { code: 404, .. })
    }
}

/// `GET` as Go names it in an error: `Get`.
fn title(method: &str) -> String {
    let lower = method.to_ascii_lowercase();
    let mut letters = lower.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// A connection that did not come about, in Go's words.
pub(super) fn dial(error: &reqwest::Error, host: &str) -> String {
    let network = if host.starts_with('/') { "unix" } else { "tcp" };
    let dial = format!("dial {network} {host}");
    if error.is_connect() && error.is_timeout() {
        return format!("{dial}: i/o timeout");
    }
    dialed(io_kind(error), innermost(error), host)
}

/// The same for a connection that is made without the library for requests.
pub(super) fn dialed(kind: Option<io::ErrorKind>, text: String, host: &str) -> String {
    let network = if host.starts_with('/') { "unix" } else { "tcp" };
    let dial = format!("dial {network} {host}");
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => format!("{dial}: connect: connection refused"),
        Some(io::ErrorKind::NetworkUnreachable) => format!("{dial}: connect: network is unreachable"),
        Some(io::ErrorKind::HostUnreachable) => format!("{dial}: connect: no route to host"),
        Some(io::ErrorKind::NotFound) => format!("{dial}: connect: no such file or directory"),
        Some(io::ErrorKind::PermissionDenied) => format!("{dial}: connect: permission denied"),
        Some(io::ErrorKind::ConnectionReset) => "read: connection reset by peer".to_owned(),
        Some(io::ErrorKind::UnexpectedEof) => "EOF".to_owned(),
        _ if text.contains("failed to lookup address") => {
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            format!("dial tcp: lookup {name}: no such host")
        }
        _ => text,
    }
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return Some(io.kind());
        }
        source = inner.source();
    }
    None
}

/// The text of the error at the end of the chain, which is the one that says what happened.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut last: &dyn Error = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last.to_string()
}
