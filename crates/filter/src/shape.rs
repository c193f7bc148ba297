//! Declared types of data, written as Go writes them (`*Job`, `[]string`, `map[string]*Task`, `uint64`).
//! A shape only says how a JSON value is to be seen; it neither checks nor converts data.

use std::collections::BTreeMap;
use std::fmt;
use thiserror::Error;

/// The deepest type text accepted, in wrappers around the innermost name.
const MAX_WRAPPERS: usize = 32;

/// A declared type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// `any`: the value's own type counts.
    Any,
    /// `bool`.
    Bool,
    /// `string`.
    String,
    /// A signed integer; carries its name (`int`, `int64`, `time.Duration`).
    Int(&'static str),
    /// An unsigned integer; carries its name.
    Uint(&'static str),
    /// `float32`.
    Float32,
    /// `float64`.
    Float64,
    /// `[]byte`, base64 text in JSON.
    Bytes,
    /// A struct named in [`Shapes`].
    Struct(String),
    /// A pointer: null or the type.
    Pointer(Box<Shape>),
    /// A slice: null or items.
    List(Box<Shape>),
    /// An array of fixed length.
    Array(usize, Box<Shape>),
    /// A map with string keys: null or entries.
    Map(Box<Shape>),
}

/// Why a type text was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a type")]
pub struct ShapeError(String);

const SIGNED: [&str; 6] = ["int", "int8", "int16", "int32", "int64", "time.Duration"];
const UNSIGNED: [&str; 5] = ["uint", "uint8", "uint16", "uint32", "uint64"];

impl Shape {
    /// Reads a type text. A name that is no basic type is a struct's.
    ///
    /// # Errors
    /// The text is empty, has a bracket without its partner, keys that are not strings, or more than 32 wrappers.
    pub fn parse(text: &str) -> Result<Self, ShapeError> {
        Self::unwrap_text(text, 0).ok_or_else(|| ShapeError(text.to_owned()))
    }

    fn unwrap_text(text: &str, depth: usize) -> Option<Self> {
        if depth > MAX_WRAPPERS {
            return None;
        }
        let inner = |rest: &str| Self::unwrap_text(rest, depth + 1).map(Box::new);
        if let Some(rest) = text.strip_prefix('*') {
            return inner(rest).map(Self::Pointer);
        }
        if let Some(rest) = text.strip_prefix("map[string]") {
            return inner(rest).map(Self::Map);
        }
        if text == "[]byte" || text == "[]uint8" {
            return Some(Self::Bytes);
        }
        if let Some(rest) = text.strip_prefix("[]") {
            return inner(rest).map(Self::List);
        }
        if let Some(rest) = text.strip_prefix('[') {
            let (length, rest) = rest.split_once(']')?;
            return Some(Self::Array(length.parse().ok()?, inner(rest)?));
        }
        Self::named(text)
    }

    fn named(text: &str) -> Option<Self> {
        Some(match text {
            "any" => Self::Any,
            "bool" => Self::Bool,
            "string" => Self::String,
            "float32" => Self::Float32,
            "float64" => Self::Float64,
            name => {
                if let Some(known) = SIGNED.into_iter().find(|known| *known == name) {
                    return Some(Self::Int(known));
                }
                if let Some(known) = UNSIGNED.into_iter().find(|known| *known == name) {
                    return Some(Self::Uint(known));
                }
                let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
                if name.is_empty() || !name.chars().all(plain) {
                    return None;
                }
                Self::Struct(name.to_owned())
            }
        })
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("interface {}"),
            Self::Bool => f.write_str("bool"),
            Self::String => f.write_str("string"),
            Self::Int(name) | Self::Uint(name) => f.write_str(name),
            Self::Float32 => f.write_str("float32"),
            Self::Float64 => f.write_str("float64"),
            Self::Bytes => f.write_str("[]uint8"),
            Self::Struct(name) => f.write_str(name),
            Self::Pointer(inner) => write!(f, "*{inner}"),
            Self::List(item) => write!(f, "[]{item}"),
            Self::Array(length, item) => write!(f, "[{length}]{item}"),
            Self::Map(item) => write!(f, "map[string]{item}"),
        }
    }
}

/// One field: its key in the JSON and its type.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) wire: String,
    pub(crate) shape: Shape,
}

/// The fields of structs, by struct name and by the name a selector uses.
#[derive(Debug, Clone, Default)]
pub struct Shapes {
    structs: BTreeMap<String, BTreeMap<String, Field>>,
}

impl Shapes {
    /// Adds fields to the struct `name`, each written `("Field", "type")`.
    ///
    /// # Errors
    /// A type text cannot be read; fields before it are kept.
    pub fn define(&mut self, name: &str, fields: &[(&str, &str)]) -> Result<(), ShapeError> {
        fields.iter().try_for_each(|(field, text)| self.define_renamed(name, field, field, text))
    }

    /// Adds one field that selectors call `field` and the JSON calls `wire`.
    ///
    /// # Errors
    /// The type text cannot be read.
    pub fn define_renamed(
        &mut self,
        name: &str,
        field: &str,
        wire: &str,
        text: &str,
    ) -> Result<(), ShapeError> {
        let entry = Field { wire: wire.to_owned(), shape: Shape::parse(text)? };
        self.structs.entry(name.to_owned()).or_default().insert(field.to_owned(), entry);
        Ok(())
    }

    pub(crate) fn field(&self, name: &str, field: &str) -> Option<&Field> {
        self.structs.get(name)?.get(field)
    }
}
