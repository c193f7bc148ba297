//! Values of expressions. Collections are shared, know their size, and refuse to grow past the limits.

pub(crate) mod convert;
pub(crate) mod equal;
pub(crate) mod json;
pub(crate) mod types;
pub(crate) mod unify;

use std::collections::BTreeMap;
use std::rc::Rc;

use unicode_normalization::UnicodeNormalization;

use crate::limits::{MAX_VALUE_DEPTH, MAX_VALUE_WEIGHT};
use crate::number::Number;
use types::Type;

/// A value. `Unknown` stands for what could not be found out: a diagnostic has been written about it.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null(Type),
    Unknown,
    Bool(bool),
    Number(Number),
    String(Rc<str>),
    List(Rc<Elements>),
    Set(Rc<Elements>),
    Tuple(Rc<Elements>),
    Map(Rc<Entries>),
    Object(Rc<Entries>),
}

#[derive(Debug)]
pub(crate) struct Elements {
    /// What all elements of a list or a set are; any type for a tuple.
    pub(crate) element: Type,
    pub(crate) items: Vec<Value>,
    size: Size,
}

#[derive(Debug)]
pub(crate) struct Entries {
    /// What all values of a map are; any type for an object.
    pub(crate) element: Type,
    pub(crate) items: BTreeMap<String, Value>,
    size: Size,
}

/// How much there is of a value and how deep it goes.
#[derive(Debug, Clone, Copy)]
struct Size {
    weight: usize,
    depth: usize,
}

impl Size {
    fn of<'a>(items: impl Iterator<Item = &'a Value>, own: usize) -> Option<Self> {
        let mut size = Self { weight: 1 + own, depth: 1 };
        for item in items {
            size.weight = size.weight.saturating_add(item.weight());
            size.depth = size.depth.max(item.depth() + 1);
        }
        (size.weight <= MAX_VALUE_WEIGHT && size.depth <= MAX_VALUE_DEPTH).then_some(size)
    }
}

impl Value {
    pub(crate) fn null() -> Self {
        Self::Null(Type::Dynamic)
    }

    /// Text, in the normal form C, as all text of the language is.
    pub(crate) fn text(text: &str) -> Self {
        if text.is_ascii() {
            return Self::String(text.into());
        }
        let normal: String = text.nfc().collect();
        Self::String(normal.into())
    }

    pub(crate) fn integer(value: usize) -> Self {
        Self::Number(Number::from_usize(value))
    }

    /// Unknown when it would be too large.
    pub(crate) fn tuple(items: Vec<Self>) -> Self {
        match Size::of(items.iter(), 0) {
            Some(size) => Self::Tuple(Rc::new(Elements { element: Type::Dynamic, items, size })),
            None => Self::Unknown,
        }
    }

    /// A list whose elements already are of the type.
    pub(crate) fn list(element: Type, items: Vec<Self>) -> Self {
        match Size::of(items.iter(), 0) {
            Some(size) => Self::List(Rc::new(Elements { element, items, size })),
            None => Self::Unknown,
        }
    }

    /// A set whose elements already are of the type; sorted, without repetition.
    pub(crate) fn set(element: Type, items: Vec<Self>) -> Self {
        let items = equal::sorted_unique(items);
        match Size::of(items.iter(), 0) {
            Some(size) => Self::Set(Rc::new(Elements { element, items, size })),
            None => Self::Unknown,
        }
    }

    pub(crate) fn object(items: BTreeMap<String, Self>) -> Self {
        match Size::of(items.values(), key_weight(&items)) {
            Some(size) => Self::Object(Rc::new(Entries { element: Type::Dynamic, items, size })),
            None => Self::Unknown,
        }
    }

    /// The object behind a name such as `local`, which may hold many values that are within the limits each.
    pub(crate) fn names(items: BTreeMap<String, Self>) -> Self {
        let weight = items.values().fold(1, |sum: usize, item| sum.saturating_add(item.weight()));
        let depth = items.values().map(Self::depth).max().unwrap_or_default() + 1;
        Self::Object(Rc::new(Entries { element: Type::Dynamic, items, size: Size { weight, depth } }))
    }

    pub(crate) fn map(element: Type, items: BTreeMap<String, Self>) -> Self {
        match Size::of(items.values(), key_weight(&items)) {
            Some(size) => Self::Map(Rc::new(Entries { element, items, size })),
            None => Self::Unknown,
        }
    }

    /// How much walking over it costs.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::String(text) => 1 + text.len() / 8,
            Self::List(inner) | Self::Set(inner) | Self::Tuple(inner) => inner.size.weight,
            Self::Map(inner) | Self::Object(inner) => inner.size.weight,
            _ => 1,
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::List(inner) | Self::Set(inner) | Self::Tuple(inner) => inner.size.depth,
            Self::Map(inner) | Self::Object(inner) => inner.size.depth,
            _ => 0,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null(_))
    }

    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether nothing in it is unknown.
    pub(crate) fn is_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::List(inner) | Self::Set(inner) | Self::Tuple(inner) => {
                inner.items.iter().all(Self::is_known)
            }
            Self::Map(inner) | Self::Object(inner) => inner.items.values().all(Self::is_known),
            _ => true,
        }
    }

    /// The elements of a list, a set or a tuple.
    pub(crate) fn elements(&self) -> Option<&[Self]> {
        match self {
            Self::List(inner) | Self::Set(inner) | Self::Tuple(inner) => Some(&inner.items),
            _ => None,
        }
    }

    /// The entries of a map or an object.
    pub(crate) fn entries(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Map(inner) | Self::Object(inner) => Some(&inner.items),
            _ => None,
        }
    }

    /// Keys and values in order; the keys of a set are its elements. None when there is nothing to walk over.
    pub(crate) fn pairs(&self) -> Option<Vec<(Self, Self)>> {
        if let Some(entries) = self.entries() {
            return Some(entries.iter().map(|(key, value)| (Self::text(key), value.clone())).collect());
        }
        let items = self.elements()?;
        let set = matches!(self, Self::Set(_));
        let pair = |(index, item): (usize, &Self)| {
            (if set { item.clone() } else { Self::integer(index) }, item.clone())
        };
        Some(items.iter().enumerate().map(pair).collect())
    }

    pub(crate) fn type_of(&self) -> Type {
        match self {
            Self::Null(kind) => kind.clone(),
            Self::Unknown => Type::Dynamic,
            Self::Bool(_) => Type::Bool,
            Self::Number(_) => Type::Number,
            Self::String(_) => Type::String,
            Self::List(inner) => Type::List(Box::new(inner.element.clone())),
            Self::Set(inner) => Type::Set(Box::new(inner.element.clone())),
            Self::Map(inner) => Type::Map(Box::new(inner.element.clone())),
            Self::Tuple(inner) => Type::Tuple(inner.items.iter().map(Self::type_of).collect()),
            Self::Object(inner) => {
                let types = inner.items.iter().map(|(name, value)| (name.clone(), value.type_of()));
                Type::Object(types.collect())
            }
        }
    }
}

fn key_weight(items: &BTreeMap<String, Value>) -> usize {
    items.keys().map(|key| key.len() / 8).sum()
}
