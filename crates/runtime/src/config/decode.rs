//! From the tree to typed blocks: a serde deserializer whose errors name the line and the path of the key.
//!
//! It is as lenient as the original's decoder where files in the field depend on it: numbers and booleans in quotes,
//! plain values where a text is wanted, a list of one block where a block is wanted. It is strict about unknown keys.

use super::node::{Node, Value};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// What is wrong with a value, where. `path` is written from the outside in, `client.reserved.cpu`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DecodeError {
    pub(crate) line: u32,
    pub(crate) path: Vec<String>,
    pub(crate) kind: DecodeErrorKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DecodeErrorKind {
    /// The last element of the path is a key that no block of this kind has.
    UnknownKey,
    /// The value has the wrong type or form.
    Invalid(String),
}

impl DecodeError {
    fn invalid(message: impl fmt::Display) -> DecodeError {
        DecodeError { line: 0, path: Vec::new(), kind: DecodeErrorKind::Invalid(message.to_string()) }
    }

    /// Called on the way out: the innermost line known wins, the path grows to the left.
    fn within(mut self, key: &str, line: u32) -> DecodeError {
        if self.line == 0 {
            self.line = line;
        }
        self.path.insert(0, key.to_owned());
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            DecodeErrorKind::UnknownKey => write!(f, "unexpected key {}", self.path.join(".")),
            DecodeErrorKind::Invalid(message) => write!(f, "{}: {message}", self.path.join(".")),
        }
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        DecodeError::invalid(message)
    }

    fn unknown_field(_field: &str, _expected: &'static [&'static str]) -> Self {
        DecodeError { line: 0, path: Vec::new(), kind: DecodeErrorKind::UnknownKey }
    }
}

impl Value {
    fn describe(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Block(_) => "a block",
        }
    }
}

impl Node {
    fn mismatch(&self, wanted: &dyn de::Expected) -> DecodeError {
        let mut error = DecodeError::invalid(format!("expected {wanted}, found {}", self.value.describe()));
        error.line = self.line;
        error
    }
}

macro_rules! deserialize_number {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            match &self.0.value {
                Value::Integer(i) => visitor.visit_i64(*i),
                // `4646.0` is what a JSON writer may make of 4646.
                Value::Float(f) if f.fract() == 0.0 && f.abs() < 9e15 => visitor.visit_i64(*f as i64),
                Value::Text(t) => match t.trim().parse::<i64>() {
                    Ok(i) => visitor.visit_i64(i),
                    Err(_) => Err(DecodeError::invalid(format!("expected {}, found {t:?}", Wanted(&visitor)))),
                },
                _ => Err(self.0.mismatch(&Wanted(&visitor))),
            }
        }
    )*};
}

/// Prints what a visitor wants.
struct Wanted<'a, V>(&'a V);

impl<'de, V: Visitor<'de>> fmt::Display for Wanted<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }
}

impl<'de, V: Visitor<'de>> de::Expected for Wanted<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }
}

/// A node as a deserializer. It copies what it hands out, so that joined lists need not outlive the decoding.
pub(crate) struct Source<'a>(pub(crate) &'a Node);

impl<'de> Deserializer<'de> for Source<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.0.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Integer(i) => visitor.visit_i64(*i),
            Value::Float(f) => visitor.visit_f64(*f),
            Value::Text(t) => visitor.visit_str(t),
            Value::List(items) => visitor.visit_seq(Items { items: items.iter(), index: 0 }),
            Value::Block(map) => visitor.visit_map(Keys::new(map)),
        }
    }

    deserialize_number!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.0.value {
            Value::Integer(i) => visitor.visit_f64(*i as f64),
            Value::Float(f) => visitor.visit_f64(*f),
            _ => Err(self.0.mismatch(&Wanted(&visitor))),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.0.value {
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Integer(0) => visitor.visit_bool(false),
            Value::Integer(1) => visitor.visit_bool(true),
            Value::Text(t) => match t.as_str() {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => visitor.visit_bool(true),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => visitor.visit_bool(false),
                _ => Err(DecodeError::invalid(format!("expected a boolean, found {t:?}"))),
            },
            _ => Err(self.0.mismatch(&Wanted(&visitor))),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.0.value {
            Value::Text(t) => visitor.visit_str(t),
            Value::Integer(i) => visitor.visit_string(i.to_string()),
            Value::Float(f) => visitor.visit_string(f.to_string()),
            // Go's weak decoding writes booleans into texts as digits, and `meta { ssd = true }` relies on it.
            Value::Bool(b) => visitor.visit_str(if *b { "1" } else { "0" }),
            _ => Err(self.0.mismatch(&Wanted(&visitor))),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.0.value {
            Value::List(items) => visitor.visit_seq(Items { items: items.iter(), index: 0 }),
            Value::Null => visitor.visit_seq(Items { items: [].iter(), index: 0 }),
            // `servers = "a"` stands for a list of one.
            _ => visitor.visit_seq(Items { items: std::slice::from_ref(self.0).iter(), index: 0 }),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.0.value {
            Value::Block(map) => visitor.visit_map(Keys::new(map)),
            Value::Null => visitor.visit_map(Keys::new(&BTreeMap::new())),
            Value::List(items) => match Node::join_blocks(items) {
                Some(joined) => visitor.visit_map(Keys::new(&joined)),
                None => Err(self.0.mismatch(&Wanted(&visitor))),
            },
            _ => Err(self.0.mismatch(&Wanted(&visitor))),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier ignored_any
    }
}

struct Items<'a> {
    items: std::slice::Iter<'a, Node>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some(node) = self.items.next() else {
            return Ok(None);
        };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Source(node)).map(Some).map_err(|e| e.within(&format!("[{index}]"), node.line))
    }
}

struct Keys<'a> {
    entries: std::collections::btree_map::Iter<'a, String, Node>,
    current: Option<(&'a str, &'a Node)>,
}

impl<'a> Keys<'a> {
    fn new(map: &'a BTreeMap<String, Node>) -> Keys<'a> {
        Keys { entries: map.iter(), current: None }
    }
}

impl<'de> MapAccess<'de> for Keys<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let Some((key, node)) = self.entries.next() else {
            return Ok(None);
        };
        self.current = Some((key, node));
        seed.deserialize(key.as_str().into_deserializer())
            .map(Some)
            .map_err(|e: DecodeError| e.within(key, node.line))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        let (key, node) = self.current.take().expect("serde asks for a value after its key");
        seed.deserialize(Source(node)).map_err(|e| e.within(key, node.line))
    }
}
