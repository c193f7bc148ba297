//! One row of the document, as the tables in `rows` write it.

use model::described::Book;
use serde_json::Value;

/// Makes a schema.
pub(super) type Schema = fn(&mut Book) -> Value;

/// What a body is.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// One JSON value.
    Json(Schema),
    /// JSON values one after the other, for as long as somebody reads.
    Lines(Schema),
    /// One JSON value that calls itself text, as the original sends it.
    JsonAsText(Schema),
    Text,
    Html,
    /// A file as it is, under whatever type it has.
    Bytes,
}

/// What a method and path take and answer.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// Parameters of the query, separated by blanks; `@name` is a set of them.
    pub(super) query: &'static str,
    /// The body, and whether it has to be there.
    pub(super) body: Option<(Content, bool)>,
    /// The status of success; `None` where there is none.
    pub(super) status: Option<u16>,
    pub(super) answer: &'static [Content],
    /// Statuses with a text, beyond those of every request.
    pub(super) also: &'static [u16],
    /// Statuses with another body.
    pub(super) other: &'static [(u16, Content)],
}

const fn on(method: &'static str, path: &'static str, query: &'static str) -> Operation {
    Operation { method, path, query, body: None, status: Some(200), answer: &[], also: &[], other: &[] }
}

pub(super) const fn get(path: &'static str, query: &'static str) -> Operation {
    on("get", path, query)
}

pub(super) const fn put(path: &'static str, query: &'static str) -> Operation {
    on("put", path, query)
}

pub(super) const fn delete(path: &'static str, query: &'static str) -> Operation {
    on("delete", path, query)
}

impl Operation {
    pub(super) const fn takes(self, body: Schema) -> Self {
        Operation { body: Some((Content::Json(body), true)), ..self }
    }

    pub(super) const fn may_take(self, body: Schema) -> Self {
        Operation { body: Some((Content::Json(body), false)), ..self }
    }

    pub(super) const fn takes_bytes(self) -> Self {
        Operation { body: Some((Content::Bytes, false)), ..self }
    }

    pub(super) const fn answers(self, answer: &'static [Content]) -> Self {
        Operation { answer, ..self }
    }

    pub(super) const fn with_status(self, status: u16) -> Self {
        Operation { status: Some(status), ..self }
    }

    /// Never succeeds.
    pub(super) const fn refused(self) -> Self {
        Operation { status: None, ..self }
    }

    pub(super) const fn also(self, also: &'static [u16]) -> Self {
        Operation { also, ..self }
    }

    pub(super) const fn or_else(self, other: &'static [(u16, Content)]) -> Self {
        Operation { other, ..self }
    }
}
