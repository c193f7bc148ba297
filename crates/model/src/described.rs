//! Schemas of what is sent and answered, in the form of OpenAPI 3.1, made from the same lines that name the fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::wire::{Blob, Free, List, Map, Ns};

/// Schemas by name, as one document holds them.
#[derive(Debug, Default)]
pub struct Book(pub BTreeMap<String, Value>);

impl Book {
    /// Enters an object under the path of its type, once, and answers the reference to it.
    pub fn object(&mut self, path: &str, fields: impl FnOnce(&mut Self) -> Value) -> Value {
        let name = path.replace("::", ".");
        if !self.0.contains_key(&name) {
            // Entered first, because an object may hold itself.
            self.0.insert(name.clone(), Value::Null);
            let properties = fields(self);
            self.0.insert(name.clone(), json!({ "type": "object", "properties": properties }));
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}

/// What JSON of a type looks like.
pub trait Described {
    /// The schema, or a reference to where the book has it.
    fn schema(book: &mut Book) -> Value;
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
    Ns => { "type": "integer", "format": "int64", "description": "nanoseconds; a text such as 30s is read too" },
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

impl<T: Described> Described for Map<T> {
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
