//! The agent's own `/v1/client` paths, asked over its session or by its own HTTP server. Access is decided before.
//!
//! What is not built says so with status 501.

mod alloc;
mod node;
pub(crate) mod query;

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};

use crate::context::Context;
use crate::{exec, fs, stats};
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

    /// Nothing, and all is well.
    pub(crate) fn empty() -> Self {
        HttpAnswer { status: 200, content_type: String::new(), body: stream::empty().boxed() }
    }

    /// A stream of chunks.
    pub(crate) fn stream(json: bool, body: BoxStream<'static, Bytes>) -> Self {
        HttpAnswer { status: 200, content_type: if json { JSON } else { TEXT }.to_owned(), body }
    }
}

/// Answers one request.
pub(crate) async fn answer(context: &Arc<Context>, method: &str, target: &str, body: &[u8]) -> HttpAnswer {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Some(rest) = path.strip_prefix("/v1/client/") else {
        return HttpAnswer::text(404, "");
    };
    let query = Query::parse(query);
    let (read, write) = (matches!(method, "GET" | "HEAD"), matches!(method, "PUT" | "POST"));
    let elsewhere = query.get("node_id");
    let of_node = matches!(rest, "stats" | "gc" | "metadata");
    if of_node && !elsewhere.is_empty() && elsewhere != context.node.id().to_string() {
        return HttpAnswer::text(404, format!("Unknown node {elsewhere}"));
    }
    let parts: Vec<&str> = rest.split('/').collect();
    match parts.as_slice() {
        ["stats"] if read => HttpAnswer::json(&stats::host::host(context).await),
        ["gc"] if read || write => alloc::collect_all(context).await,
        ["metadata"] if read => HttpAnswer::json(&context.node.metadata()),
        ["metadata"] if write => node::apply_metadata(context, body).await,
        ["fs", what] if read => fs::answer(context, what, "", &query).await,
        ["fs", what, alloc] if read => fs::answer(context, what, alloc, &query).await,
        ["allocation", alloc, "stats"] => alloc::stats(context, alloc, query.get("task")).await,
        ["allocation", alloc, "signal"] if write => alloc::signal(context, alloc, body).await,
        ["allocation", alloc, "restart"] => alloc::restart(context, alloc, body).await,
        ["allocation", alloc, "checks"] => alloc::checks(context, alloc),
        ["allocation", alloc, "gc"] => alloc::collect(context, alloc).await,
        ["allocation", _, "signal"] | ["fs", ..] | ["stats" | "gc" | "metadata"] => {
            HttpAnswer::text(405, "Invalid method")
        }
        _ => HttpAnswer::text(501, format!("{path} is not built yet")),
    }
}

/// Begins a conversation: the input comes message by message, and every chunk of the answer's body is one message.
pub(crate) async fn converse(context: &Arc<Context>, target: &str, input: exec::Input) -> HttpAnswer {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parts: Vec<&str> = path.strip_prefix("/v1/client/").unwrap_or_default().split('/').collect();
    match parts.as_slice() {
        ["allocation", alloc, "exec"] => exec::answer(context, alloc, &Query::parse(query), input).await,
        _ => HttpAnswer::text(404, "resource not found"),
    }
}
