//! A deserializer over a parsed value that knows where it is and matches keys whatever their case.

use std::fmt;

use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

/// Reads one value; knows the path that led to it.
pub(super) struct Reader<'a> {
    value: &'a Value,
    path: Path<'a>,
}

/// The way from the root, kept on the stack so that success costs nothing.
#[derive(Clone, Copy)]
struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    name: &'a str,
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}.")?;
        }
        f.write_str(self.name)
    }
}

/// A shape that is not what was asked for.
#[derive(Debug)]
pub(super) struct ShapeError(String);

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ShapeError {}

impl de::Error for ShapeError {
    fn custom<T: fmt::Display>(text: T) -> Self {
        ShapeError(text.to_string())
    }
}

impl<'a> Reader<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Reader { value, path: Path { parent: None, name: "" } }
    }

    fn kind(&self) -> String {
        match self.value {
            Value::Null => "null".into(),
            Value::Bool(_) => "bool".into(),
            Value::Number(number) => format!("number {number}"),
            Value::String(_) => "string".into(),
            Value::Array(_) => "array".into(),
            Value::Object(_) => "object".into(),
        }
    }

    fn mismatch(&self, wanted: &str) -> ShapeError {
        // Go names the number only where a number of another kind was wanted.
        let kind = match self.value {
            Value::Number(_) if !wanted.contains("int") && !wanted.contains("float") => "number".to_owned(),
            _ => self.kind(),
        };
        if self.path.parent.is_none() {
            return ShapeError(format!("json: cannot unmarshal {kind} into Go value of type {wanted}"));
        }
        ShapeError(format!(
            "json: cannot unmarshal {kind} into Go struct field {} of type {wanted}",
            self.path
        ))
    }
}

macro_rules! integer {
    ($($method:ident $visit:ident $as:ident $wanted:literal),+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
            let whole = self.value.$as().or_else(|| whole(self.value)?.try_into().ok());
            match whole {
                Some(number) => visitor.$visit(number),
                None => Err(self.mismatch($wanted)),
            }
        })+
    };
}

/// A number written as `1.0` or `1e3` is a whole one too.
fn whole(value: &Value) -> Option<i64> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

impl<'de> de::Deserializer<'de> for Reader<'_> {
    type Error = ShapeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        let at = if self.path.parent.is_none() { String::new() } else { format!("{}: ", self.path) };
        // Texts of Go's duration parser stand alone: its decoder passes them on as they are.
        let placed = |error: ShapeError| match error.0.starts_with("time: ") {
            true => error,
            false => ShapeError(format!("{at}{error}")),
        };
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(on) => visitor.visit_bool(*on).map_err(placed),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number).map_err(placed),
                (_, Some(number), _) => visitor.visit_i64(number).map_err(placed),
                (_, _, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)).map_err(placed),
            },
            Value::String(text) => visitor.visit_str(text).map_err(placed),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    integer!(
        deserialize_i8 visit_i64 as_i64 "int8", deserialize_i16 visit_i64 as_i64 "int16",
        deserialize_i32 visit_i64 as_i64 "int32", deserialize_i64 visit_i64 as_i64 "int",
        deserialize_u8 visit_u64 as_u64 "uint8", deserialize_u16 visit_u64 as_u64 "uint16",
        deserialize_u32 visit_u64 as_u64 "uint32", deserialize_u64 visit_u64 as_u64 "uint64"
    );

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        match self.value.as_f64() {
            Some(number) => visitor.visit_f64(number),
            None => Err(self.mismatch("float64")),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        match self.value.as_bool() {
            Some(on) => visitor.visit_bool(on),
            None => Err(self.mismatch("bool")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        match self.value.as_str() {
            Some(text) => visitor.visit_str(text),
            None => Err(self.mismatch("string")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        match self.value {
            Value::Array(items) => visitor.visit_seq(Items { items: items.iter(), path: self.path }),
            _ => Err(self.mismatch("[]")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        match self.value {
            Value::Object(map) => {
                let pairs =
                    map.iter().map(|(key, value)| (key.as_str(), value)).collect::<Vec<_>>().into_iter();
                visitor.visit_map(Pairs { pairs, next: None, path: self.path, fields: false })
            }
            _ => Err(self.mismatch("map")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        let Value::Object(map) = self.value else {
            return Err(self.mismatch(name));
        };
        let root = Path { parent: None, name };
        let path = if self.path.parent.is_none() && self.path.name.is_empty() { root } else { self.path };
        let mut pairs: Vec<(&str, &Value)> = Vec::with_capacity(map.len());
        for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
            let exact = fields.iter().find(|field| *field == key);
            let Some(field) = exact.or_else(|| fields.iter().find(|field| field.eq_ignore_ascii_case(key)))
            else {
                continue;
            };
            match pairs.iter_mut().find(|(known, _)| known == field) {
                Some(known) => known.1 = value,
                None => pairs.push((field, value)),
            }
        }
        visitor.visit_map(Pairs { pairs: pairs.into_iter(), next: None, path, fields: true })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier }
}

struct Items<'a> {
    items: std::slice::Iter<'a, Value>,
    path: Path<'a>,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = ShapeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ShapeError> {
        let Some(value) = self.items.next() else {
            return Ok(None);
        };
        seed.deserialize(Reader { value, path: self.path }).map(Some)
    }
}

struct Pairs<'a> {
    pairs: std::vec::IntoIter<(&'a str, &'a Value)>,
    next: Option<(&'a str, &'a Value)>,
    path: Path<'a>,
    /// Keys are fields of a struct; those of a map are no part of the way to a fault.
    fields: bool,
}

impl<'de> de::MapAccess<'de> for Pairs<'_> {
    type Error = ShapeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ShapeError> {
        self.next = self.pairs.next();
        let Some((key, _)) = self.next else {
            return Ok(None);
        };
        seed.deserialize(key.into_deserializer()).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, ShapeError> {
        let (name, value) = self.next.take().expect("serde asks for a value only after its key");
        let field = Path { parent: Some(&self.path), name };
        let path = if self.fields { field } else { self.path };
        seed.deserialize(Reader { value, path })
    }
}
