//! Requests and answers, free of axum and tonic.

use std::io;

use api::query::Params;
use bytes::Bytes;
use futures::stream::BoxStream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Serialize;

use super::upload::Upload;

/// A request, wherever it came in.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Path as it was sent, percent-encoded.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) params: Params,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// A body that is too large for memory, in place of the other.
    pub(crate) upload: Option<Upload>,
    /// Servers that passed it on.
    pub(crate) hops: u32,
}

/// The body of an answer.
pub(crate) enum Body {
    Full(Bytes),
    Stream(BoxStream<'static, io::Result<Bytes>>),
}

/// An answer.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

impl Request {
    pub(crate) fn new(method: Method, target: &str, headers: HeaderMap, body: Bytes, hops: u32) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let params = Params::parse(query);
        let (path, query) = (path.to_owned(), query.to_owned());
        Request { method, path, query, params, headers, body, upload: None, hops }
    }

    /// Path and query as they were sent.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// A parameter of the query; empty when it is missing.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.get(name).unwrap_or_default()
    }

    /// The namespace that the query names.
    pub(crate) fn namespace(&self) -> Option<&str> {
        self.params.get("namespace").filter(|namespace| !namespace.is_empty())
    }
}

impl Response {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Response { status, headers: HeaderMap::new(), body: Body::Full(Bytes::new()) }
    }

    /// A write that has nothing to tell but its index.
    pub(crate) fn written(index: u64) -> Self {
        Response::empty(StatusCode::OK).with_header("x-nomad-index", index)
    }

    /// A text, as errors are answered.
    pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Response::typed(status, "text/plain; charset=utf-8", Bytes::from(text.into()))
    }

    pub(crate) fn typed(status: StatusCode, content_type: &str, body: Bytes) -> Self {
        let mut response = Response::empty(status);
        if let Some(value) = HeaderValue::from_str(content_type).ok().filter(|value| !value.is_empty()) {
            response.headers.insert(CONTENT_TYPE, value);
        }
        response.body = Body::Full(body);
        response
    }

    /// A value as JSON: minified, or indented by four blanks where that was asked for.
    pub(crate) fn json<T: Serialize>(value: &T, pretty: bool) -> Self {
        match api::json::to_vec(value, pretty) {
            Ok(bytes) => Response::typed(StatusCode::OK, "application/json", bytes.into()),
            Err(error) => {
                Response::text(StatusCode::INTERNAL_SERVER_ERROR, format!("encoding the answer: {error}"))
            }
        }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl ToString) -> Self {
        if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
            self.headers.insert(name, value);
        }
        self
    }
}
