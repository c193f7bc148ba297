//! A JSON value seen through its declared type: pointers followed, nil told from empty. Never copies lists or maps.

use crate::base64;
use crate::shape::{Shape, Shapes};
use serde_json::{Map, Value};
use std::borrow::Cow;

static NULL: Value = Value::Null;
static ANY: Shape = Shape::Any;
static BYTE: Shape = Shape::Uint("uint8");

/// A value and its declared type.
#[derive(Debug, Clone)]
pub(crate) struct View<'a> {
    pub(crate) value: Cow<'a, Value>,
    pub(crate) shape: &'a Shape,
}

/// What stands there once pointers are followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Datum<'v> {
    /// A nil pointer or a nil value of any type.
    Nil,
    Bool(bool),
    Int(i64, &'static str),
    Uint(u64, &'static str),
    Float32(f32),
    Float64(f64),
    Text(&'v str),
    /// Bytes, with their number.
    Bytes(usize),
    /// A slice, with its length; nil has none.
    List(Option<usize>),
    Array(usize),
    Map(Option<usize>),
    Struct,
}

impl Datum<'_> {
    /// The kind's name in messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "invalid",
            Self::Bool(_) => "bool",
            Self::Int(_, "time.Duration") => "int64",
            Self::Int(_, name) | Self::Uint(_, name) => name,
            Self::Float32(_) => "float32",
            Self::Float64(_) => "float64",
            Self::Text(_) => "string",
            Self::Bytes(_) | Self::List(_) => "slice",
            Self::Array(_) => "array",
            Self::Map(_) => "map",
            Self::Struct => "struct",
        }
    }
}

impl<'a> View<'a> {
    pub(crate) fn new(value: &'a Value, shape: &'a Shape) -> Self {
        let mut shape = shape;
        while let Shape::Pointer(inner) = shape {
            if value.is_null() {
                // A nil pointer has no type to go by any more.
                return Self { value: Cow::Borrowed(&NULL), shape: &ANY };
            }
            shape = inner;
        }
        Self { value: Cow::Borrowed(value), shape }
    }

    pub(crate) fn datum(&self) -> Datum<'_> {
        let value = self.value.as_ref();
        match self.shape {
            Shape::Any | Shape::Pointer(_) => own_type(value),
            Shape::Bool => Datum::Bool(value.as_bool().unwrap_or_default()),
            Shape::String => Datum::Text(value.as_str().unwrap_or_default()),
            Shape::Int(name) => Datum::Int(value.as_i64().unwrap_or_default(), name),
            Shape::Uint(name) => Datum::Uint(value.as_u64().unwrap_or_default(), name),
            #[expect(clippy::cast_possible_truncation, reason = "the declared type has no more digits")]
            Shape::Float32 => Datum::Float32(value.as_f64().unwrap_or_default() as f32),
            Shape::Float64 => Datum::Float64(value.as_f64().unwrap_or_default()),
            Shape::Bytes => Datum::Bytes(value.as_str().map_or(0, base64::length)),
            Shape::Struct(_) => Datum::Struct,
            Shape::List(_) => Datum::List(value.as_array().map(Vec::len)),
            Shape::Array(length, _) => Datum::Array(*length),
            Shape::Map(_) => Datum::Map(value.as_object().map(Map::len)),
        }
    }

    /// The declared type's name, or that of the value where none is declared.
    pub(crate) fn type_name(&self) -> String {
        match (self.shape, self.value.as_ref()) {
            (Shape::Any, Value::Object(_)) => "map[string]interface {}".to_owned(),
            (Shape::Any, Value::Array(_)) => "[]interface {}".to_owned(),
            (Shape::Any, _) => self.datum().kind().to_owned(),
            (shape, _) => shape.to_string(),
        }
    }

    /// The type of a list's or map's items.
    pub(crate) fn item_shape(&self) -> &'a Shape {
        match self.shape {
            Shape::List(item) | Shape::Array(_, item) | Shape::Map(item) => item,
            Shape::Bytes => &BYTE,
            _ => &ANY,
        }
    }

    /// The bytes of a declared byte slice.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.value.as_str().map(base64::decode).unwrap_or_default()
    }

    /// An item of a list that has it.
    pub(crate) fn item(&self, index: usize) -> Option<View<'a>> {
        if *self.shape == Shape::Bytes {
            let byte = base64::byte(self.value.as_str()?, index)?;
            return Some(View { value: Cow::Owned(Value::from(byte)), shape: &BYTE });
        }
        match &self.value {
            Cow::Borrowed(Value::Array(items)) => {
                items.get(index).map(|item| View::new(item, self.item_shape()))
            }
            _ => None,
        }
    }

    /// The value of a map's key that it has.
    pub(crate) fn entry(&self, key: &str) -> Option<View<'a>> {
        match &self.value {
            Cow::Borrowed(Value::Object(entries)) => {
                entries.get(key).map(|item| View::new(item, self.item_shape()))
            }
            _ => None,
        }
    }

    /// The keys of a map, in order.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.value.as_object().map(|entries| entries.keys().cloned().collect()).unwrap_or_default()
    }

    /// A declared field; one the JSON leaves out is null.
    pub(crate) fn field(&self, shapes: &'a Shapes, name: &str) -> Option<View<'a>> {
        let Shape::Struct(own) = self.shape else { return None };
        let field = shapes.field(own, name)?;
        let value = match &self.value {
            Cow::Borrowed(Value::Object(entries)) => entries.get(&field.wire).unwrap_or(&NULL),
            _ => &NULL,
        };
        Some(View::new(value, &field.shape))
    }
}

fn own_type(value: &Value) -> Datum<'_> {
    match value {
        Value::Null => Datum::Nil,
        Value::Bool(truth) => Datum::Bool(*truth),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => Datum::Int(whole, "int"),
            (None, Some(whole)) => Datum::Uint(whole, "uint64"),
            _ => Datum::Float64(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Datum::Text(text),
        Value::Array(items) => Datum::List(Some(items.len())),
        Value::Object(entries) => Datum::Map(Some(entries.len())),
    }
}
