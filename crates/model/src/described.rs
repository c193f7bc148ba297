//! Schemas of what is sent and answered, in the form of OpenAPI 3.1, made from the same lines that name the fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::wire::{self, Blob, Free, List, Ns};

/// Schemas by name, as one document holds them.
///
/// What is answered has every field that the encoder does not leave out; what is sent may leave out what it likes. So
/// a type that is used both ways is entered twice.
#[derive(Debug, Default)]
pub struct Book {
    /// Every object that was entered.
    pub schemas: BTreeMap<String, Value>,
    /// True while bodies of requests are described.
    pub requests: bool,
}

/// The fields of an object.
#[derive(Debug, Default)]
pub struct Fields {
    properties: Map<String, Value>,
    always: Vec<&'static str>,
    requests: bool,
}

impl Fields {
    /// Enters a field, which answers hold `always` or only while it says something.
    pub fn add(&mut self, name: &'static str, schema: Value, always: bool) {
        // In a request `null` stands for "left out".
        let schema = if self.requests && !takes_null(&schema) { or_null(&schema) } else { schema };
        self.properties.insert(name.to_owned(), schema);
        if always {
            self.always.push(name);
        }
    }
}

impl Book {
    /// Enters an object under the path of its type, once, and answers the reference to it.
    pub fn object(&mut self, path: &str, describe: impl FnOnce(&mut Self, &mut Fields)) -> Value {
        let name = path.replace("::", ".");
        let name = if self.requests { format!("request.{name}") } else { name };
        if !self.schemas.contains_key(&name) {
            // Entered first, because an object may hold itself.
            self.schemas.insert(name.clone(), Value::Null);
            let mut fields = Fields { requests: self.requests, ..Fields::default() };
            describe(self, &mut fields);
            let mut schema = json!({ "type": "object", "properties": fields.properties });
            if !self.requests && !fields.always.is_empty() {
                schema["required"] = fields.always.into();
            }
            self.schemas.insert(name.clone(), schema);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}

/// What JSON of a type looks like.
pub trait Described {
    /// The schema, or a reference to where the book has it.
    fn schema(book: &mut Book) -> Value;
}

fn takes_null(schema: &Value) -> bool {
    let kinds = [&schema["type"], &schema["type"][1], &schema["anyOf"][1]["type"]];
    kinds.into_iter().any(|kind| kind == "null")
        || schema.get("type").is_none() && schema.get("$ref").is_none()
}

/// A schema that allows `null` too.
fn or_null(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

macro_rules! plain {
    ($($ty:ty => $schema:tt),+ $(,)?) => {
        $(impl Described for $ty {
            fn schema(_: &mut Book) -> Value {
                json!($schema)
            }
        })+
    };
}
plain! {
    () => { "type": "null" },
    String => { "type": "string" },
    bool => { "type": "boolean" },
    f64 => { "type": "number" },
    i64 => { "type": "integer", "format": "int64" },
    i32 => { "type": "integer", "format": "int32" },
    u64 => { "type": "integer", "minimum": 0 },
    u32 => { "type": "integer", "minimum": 0 },
    u16 => { "type": "integer", "minimum": 0, "maximum": 65535 },
    u8 => { "type": "integer", "minimum": 0, "maximum": 255 },
    usize => { "type": "integer", "minimum": 0 },
    Blob => { "type": ["string", "null"], "contentEncoding": "base64" },
    Free => { "type": ["object", "null"], "description": "free-form: what users write as they like" },
    Value => { "description": "free-form" },
}

impl<T: Described> Described for Option<T> {
    fn schema(book: &mut Book) -> Value {
        or_null(&T::schema(book))
    }
}

impl<T: Described> Described for Vec<T> {
    fn schema(book: &mut Book) -> Value {
        json!({ "type": "array", "items": T::schema(book) })
    }
}

impl<T: Described> Described for List<T> {
    fn schema(book: &mut Book) -> Value {
        json!({ "type": ["array", "null"], "items": T::schema(book) })
    }
}

impl<T: Described> Described for wire::Map<T> {
    fn schema(book: &mut Book) -> Value {
        json!({ "type": ["object", "null"], "additionalProperties": T::schema(book) })
    }
}

impl<K, T: Described> Described for BTreeMap<K, T> {
    fn schema(book: &mut Book) -> Value {
        json!({ "type": "object", "additionalProperties": T::schema(book) })
    }
}

impl<T: Described> Described for Arc<T> {
    fn schema(book: &mut Book) -> Value {
        T::schema(book)
    }
}

impl<T: Described> Described for Box<T> {
    fn schema(book: &mut Book) -> Value {
        T::schema(book)
    }
}

impl Described for Ns {
    fn schema(book: &mut Book) -> Value {
        match book.requests {
            true => {
                json!({ "type": ["integer", "string"], "description": "nanoseconds, or a text such as 30s" })
            }
            false => json!({ "type": "integer", "format": "int64", "description": "nanoseconds" }),
        }
    }
}
