//! The OpenAPI 3.1 document: paths from the route table, schemas from the types of this crate.

mod free;
mod operation;
mod parameters;
mod rows;

use std::collections::BTreeMap;

use model::described::Book;
use serde_json::{Map, Value, json};

pub use free::{FREE, free_form};
use operation::{Content, Operation};

/// Statuses that any request may be refused with, and why. The body is a text.
const REFUSALS: &[(u16, &str)] = &[
    (400, "the request makes no sense"),
    (404, "what the request names is not there"),
    (413, "the body is larger than is read"),
    (429, "too much is waiting"),
    (500, "the request was refused, or could not be worked on"),
];

/// Statuses of some operations.
const OTHERS: &[(u16, &str)] = &[
    (403, "the request is not allowed"),
    (409, "something else was written first"),
    (415, "answers of this kind are off"),
    (501, "not a part of this edition, or not built yet"),
];

/// True when a row of the route table is described.
pub fn described(method: &str, path: &str) -> bool {
    find(method, path).is_some()
}

/// Rows that are described, by method in lower case and path: to be compared with the route table.
pub fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows::all().map(|row| (row.method, row.path))
}

fn find(method: &str, path: &str) -> Option<&'static Operation> {
    rows::all().find(|row| row.method == method && row.path == path)
}

/// The document over the given methods (in lower case) and paths of the route table. PUT and POST mean the same, so a
/// row for one is shown as both.
pub fn document(routes: impl Iterator<Item = (&'static str, &'static str)>) -> Value {
    let mut book = Book::default();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (method, path) in routes {
        // A row without a description is shown without any: the test of the table names it.
        let shown = find(method, path).map_or_else(|| json!({}), |row| operation(row, &mut book));
        let methods = paths.entry(templated(path)).or_default();
        if method == "put" {
            methods.insert("post".to_owned(), shown.clone());
        }
        methods.insert(method.to_owned(), shown);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Drover", "version": "v1" },
        "paths": paths,
        "components": { "schemas": book.schemas, "responses": refusals() },
    })
}

fn refusals() -> Map<String, Value> {
    let refusal = |(status, why): &(u16, &str)| {
        let text = json!({ "text/plain": { "schema": { "type": "string" } } });
        (status.to_string(), json!({ "description": why, "content": text }))
    };
    REFUSALS.iter().chain(OTHERS).map(refusal).collect()
}

fn operation(row: &Operation, book: &mut Book) -> Value {
    let mut parameters: Vec<Value> = names(row.path).map(parameters::in_path).collect();
    parameters.extend(parameters::in_query(row.query));
    let refused = REFUSALS.iter().map(|(status, _)| *status).chain(row.also.iter().copied());
    let mut responses: Map<String, Value> = refused
        .map(|status| (status.to_string(), json!({ "$ref": format!("#/components/responses/{status}") })))
        .collect();
    for (status, content) in row.other {
        let text = json!({ "description": "refused, and why", "content": contents(&[*content], book) });
        responses.insert(status.to_string(), text);
    }
    if let Some(status) = row.status {
        let mut answer = json!({ "description": "the answer" });
        if !row.answer.is_empty() {
            answer["content"] = contents(row.answer, book);
        }
        responses.insert(status.to_string(), answer);
    }
    let mut operation = json!({ "parameters": parameters, "responses": responses });
    if let Some((content, required)) = row.body {
        book.requests = true;
        operation["requestBody"] = json!({ "content": contents(&[content], book), "required": required });
        book.requests = false;
    }
    operation
}

fn contents(all: &[Content], book: &mut Book) -> Value {
    let content = |content: &Content| {
        let (kind, schema) = match content {
            Content::Json(schema) => ("application/json", schema(book)),
            Content::Lines(schema) => {
                let line = schema(book);
                return ("application/json".to_owned(), json!({ "schema": line, "x-stream": true }));
            }
            Content::JsonAsText(schema) => ("text/plain", schema(book)),
            Content::Text => ("text/plain", json!({ "type": "string" })),
            Content::Html => ("text/html", json!({ "type": "string" })),
            Content::Bytes => ("*/*", json!({ "type": "string", "contentEncoding": "binary" })),
        };
        (kind.to_owned(), json!({ "schema": schema }))
    };
    all.iter().map(content).collect::<Map<String, Value>>().into()
}

/// Names of the parts of a path that vary.
fn names(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|part| part.strip_prefix([':', '*']))
}

/// `/v1/job/*job` as `/v1/job/{job}`.
fn templated(path: &str) -> String {
    let part = |part: &str| match part.strip_prefix([':', '*']) {
        Some(name) => format!("{{{name}}}"),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}
