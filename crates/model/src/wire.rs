//! Blocks of a job that servers store, compare and hand on without computing with them have one definition, here
//! in the model, with the documented names as their tags (`docs/adr/0008`): the JSON layer uses them as they are.
//!
//! The types below carry what JSON clients expect and the codec does not have: `null` for an empty list or map,
//! durations as texts, bytes in base64. Where a client can tell "left out" from "empty", the field is an `Option`,
//! which canonicalization fills.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Defines structs whose tags are the documented names; every field is written once, beside its name.
macro_rules! wire {
    ($($(#[$doc:meta])* $name:ident { $($wire:literal $field:ident: $ty:ty),* $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
            #[serde(default)]
            pub struct $name {
                $(
                    #[doc = concat!("`", $wire, "` of the documented object.")]
                    #[serde(rename = $wire)]
                    pub $field: $ty,
                )*
            }
            impl crate::described::Described for $name {
                fn schema(book: &mut crate::described::Book) -> serde_json::Value {
                    book.object(concat!(module_path!(), "::", stringify!($name)), |_book, _fields| {
                        $(_fields.add($wire, <$ty as crate::described::Described>::schema(_book), true);)*
                    })
                }
            }
        )+
    };
}
pub(crate) use wire;

/// A list that JSON shows as `null` when it is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

/// A map that JSON shows as `null` when it is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map<T>(pub BTreeMap<String, T>);

/// A map of texts.
pub type Dict = Map<String>;

/// Whatever JSON object a user writes. It rides in the codec as a text, because the codec tells integers apart
/// differently from JSON.
///
/// Whole numbers are held as such, whichever way they were written, for whoever computes with them. JSON shows every
/// number with a fraction, because the original knows no others here.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Free(pub BTreeMap<String, Value>);

/// A duration: integer nanoseconds on the way out, those or a Go text such as `"30s"` on the way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Ns(pub i64);

/// Bytes: base64 in JSON, `null` when empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Blob(pub Vec<u8>);

impl<T> Default for List<T> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Map(BTreeMap::new())
    }
}

macro_rules! behaves_like {
    ($($name:ty [$($generic:ident)?] => $inner:ty),+ $(,)?) => {
        $(
            impl$(<$generic>)? Deref for $name {
                type Target = $inner;
                fn deref(&self) -> &$inner {
                    &self.0
                }
            }
            impl$(<$generic>)? DerefMut for $name {
                fn deref_mut(&mut self) -> &mut $inner {
                    &mut self.0
                }
            }
            impl$(<$generic>)? From<$inner> for $name {
                fn from(inner: $inner) -> Self {
                    Self(inner)
                }
            }
        )+
    };
}
behaves_like! {
    List<T> [T] => Vec<T>,
    Map<T> [T] => BTreeMap<String, T>,
    Free [] => BTreeMap<String, Value>,
    Blob [] => Vec<u8>,
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut List<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter_mut()
    }
}

/// JSON has `null` for nothing; the codec leaves the field out, or keeps an empty collection within another.
fn null_when<S: Serializer, T: Serialize>(empty: bool, value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    match empty && serializer.is_human_readable() {
        true => serializer.serialize_none(),
        false => value.serialize(serializer),
    }
}

/// Only JSON has `null`; an element that is `null` takes its default, as in Go.
fn or_null<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(deserializer: D) -> Result<T, D::Error> {
    match deserializer.is_human_readable() {
        true => Ok(Option::deserialize(deserializer)?.unwrap_or_default()),
        false => T::deserialize(deserializer),
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        null_when(self.is_empty(), &self.0, serializer)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        or_null(deserializer).map(List)
    }
}

impl<T: Serialize> Serialize for Map<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        null_when(self.is_empty(), &self.0, serializer)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Map<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        or_null(deserializer).map(Map)
    }
}

impl Serialize for Free {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return null_when(self.is_empty(), &Fractions(&self.0), serializer);
        }
        let text = match self.is_empty() {
            true => String::new(),
            false => serde_json::to_string(&self.0).map_err(serde::ser::Error::custom)?,
        };
        serializer.serialize_str(&text)
    }
}

/// Whole numbers up to this are told apart by floating point numbers too.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Numbers that are written with a fraction of nothing become whole ones.
fn whole(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let exact =
                number.as_f64().filter(|held| number.is_f64() && held.fract() == 0.0 && held.abs() < EXACT);
            if let Some(exact) = exact {
                *number = (exact as i64).into();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(whole),
        Value::Object(map) => map.values_mut().for_each(whole),
        _ => {}
    }
}

/// Values whose numbers are all shown with a fraction.
struct Fractions<'a, T>(&'a T);

impl Serialize for Fractions<'_, BTreeMap<String, Value>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Fractions(value))))
    }
}

impl Serialize for Fractions<'_, Value> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(number) => match number.as_f64() {
                Some(number) => serializer.serialize_f64(number),
                None => number.serialize(serializer),
            },
            Value::Array(list) => serializer.collect_seq(list.iter().map(Fractions)),
            Value::Object(map) => {
                serializer.collect_map(map.iter().map(|(name, value)| (name, Fractions(value))))
            }
            plain => plain.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Free {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let mut free = Free(or_null(deserializer)?);
            free.0.values_mut().for_each(whole);
            return Ok(free);
        }
        match String::deserialize(deserializer)?.as_str() {
            "" => Ok(Free::default()),
            text => serde_json::from_str(text).map(Free).map_err(de::Error::custom),
        }
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true if self.is_empty() => serializer.serialize_none(),
            true => serializer.serialize_str(&STANDARD.encode(&self.0)),
            false => serializer.serialize_bytes(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return serde_bytes::ByteBuf::deserialize(deserializer).map(|bytes| Blob(bytes.into_vec()));
        }
        let text: String = or_null(deserializer)?;
        STANDARD.decode(text).map(Blob).map_err(|error| de::Error::custom(illegal(&error)))
    }
}

/// The fault in Go's words, which count bytes.
fn illegal(error: &base64::DecodeError) -> String {
    let at = match error {
        base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => *at,
        base64::DecodeError::InvalidLength(length) => length - length % 4,
        base64::DecodeError::InvalidPadding => 0,
    };
    format!("illegal base64 data at input byte {at}")
}

impl Serialize for Ns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Ns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Ns;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("time.Duration")
            }
            fn visit_i64<E: de::Error>(self, ns: i64) -> Result<Ns, E> {
                Ok(Ns(ns))
            }
            fn visit_u64<E: de::Error>(self, ns: u64) -> Result<Ns, E> {
                i64::try_from(ns).map(Ns).map_err(|_| E::custom(format!("duration {ns} is too long")))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Ns, E> {
                crate::go_duration::parse(text).map(Ns).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
