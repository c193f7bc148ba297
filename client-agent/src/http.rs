//! The agent's own `/v1/client` paths, asked over its session or by its own HTTP server. Access is decided before.
//!
//! What is not built says so with status 501.

mod alloc;
pub(crate) mod query;

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};

use crate::context::Context;
use crate::{logs, stats};
use query::Query;

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// An answer whose body may go on for as long as it is read.
pub struct HttpAnswer {
    /// HTTP status.
    pub status: u16,
    /// Content type of the body.
    pub content_type: String,
    /// The body, chunk by chunk. Dropping it ends whatever produces it.
    pub body: BoxStream<'static, Bytes>,
}

impl HttpAnswer {
    /// A whole text.
    pub(crate) fn text(status: u16, text: impl Into<String>) -> Self {
        let text: String = text.into();
        let body = stream::iter([Bytes::from(text)]).boxed();
        HttpAnswer { status, content_type: TEXT.to_owned(), body }
    }

    /// A whole JSON value.
    pub(crate) fn json(value: &serde_json::Value) -> Self {
        let body = stream::iter([Bytes::from(value.to_string())]).boxed();
        HttpAnswer { status: 200, content_type: JSON.to_owned(), body }
    }

    /// A stream of chunks.
    pub(crate) fn stream(json: bool, body: BoxStream<'static, Bytes>) -> Self {
        HttpAnswer { status: 200, content_type: if json { JSON } else { TEXT }.to_owned(), body }
    }
}

impl From<logs::LogError> for HttpAnswer {
    fn from(error: logs::LogError) -> Self {
        HttpAnswer::text(error.status(), error.to_string())
    }
}

/// Answers one request.
pub(crate) async fn answer(context: &Arc<Context>, method: &str, target: &str, body: &[u8]) -> HttpAnswer {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Some(rest) = path.strip_prefix("/v1/client/") else {
        return HttpAnswer::text(404, "");
    };
    let query = Query::parse(query);
    let read = matches!(method, "GET" | "HEAD");
    let parts: Vec<&str> = rest.split('/').collect();
    match parts.as_slice() {
        ["stats"] if read => HttpAnswer::json(&stats::host(context).await),
        ["fs", "logs", alloc] if read => match logs::open(context, alloc, &query) {
            Ok(log) => HttpAnswer::stream(!log.plain(), log.follow(context)),
            Err(error) => error.into(),
        },
        ["fs", "logs"] if read => logs::LogError::NoAlloc.into(),
        ["allocation", alloc, "stats"] if read => alloc::stats(context, alloc),
        ["allocation", alloc, "signal"] if matches!(method, "PUT" | "POST") => {
            alloc::signal(context, alloc, body).await
        }
        ["allocation", _, "signal"] | ["fs", "logs", ..] | ["stats"] => {
            HttpAnswer::text(405, "Invalid method")
        }
        ["allocation", alloc, "restart"] => alloc::restart(context, alloc, body).await,
        _ => HttpAnswer::text(501, format!("{path} is not built yet")),
    }
}
