//! What each operator means for each kind of datum. Refuses kinds an operator is not made for.

use crate::coerce;
use crate::datum::{Datum, View};
use crate::error::EvalError;
use crate::quote::quote;
use crate::shape::Shape;
use crate::syntax::Selector;
use serde_json::Value;
use std::borrow::Cow;

/// Equality by the datum's type; nothing where the type has none.
pub(crate) fn equal(datum: &Datum<'_>, raw: &str) -> Result<Option<bool>, coerce::CoerceError> {
    #[expect(clippy::float_cmp, reason = "the original compares floats exactly")]
    Ok(Some(match datum {
        Datum::Bool(truth) => coerce::boolean(raw)? == *truth,
        Datum::Int(number, _) => coerce::signed(raw)? == *number,
        Datum::Uint(number, _) => coerce::unsigned(raw)? == *number,
        Datum::Float32(number) => coerce::float32(raw)? == *number,
        Datum::Float64(number) => coerce::float64(raw)? == *number,
        Datum::Text(text) => raw == *text,
        _ => return Ok(None),
    }))
}

/// `in` and `contains`: a part of a text, a key of a map, an item of a list.
pub(crate) fn contains(view: &View<'_>, raw: &str, selector: &Selector) -> Result<bool, EvalError> {
    let length = match view.datum() {
        Datum::Text(text) => return Ok(text.contains(raw)),
        Datum::Map(_) => return Ok(view.entry(raw).is_some()),
        Datum::List(length) => length.unwrap_or_default(),
        Datum::Bytes(length) | Datum::Array(length) => length,
        other => return Err(unsuited("in/contains", &other, selector)),
    };
    let mixed = *view.item_shape() == Shape::Any;
    if !mixed {
        // The value is read by the items' type even when there are none.
        let mut shape = view.item_shape();
        while let Shape::Pointer(inner) = shape {
            shape = inner;
        }
        let sample = View { value: Cow::Owned(Value::Null), shape };
        equal(&sample.datum(), raw)?.ok_or(EvalError::ItemNotComparable)?;
    }
    for item in (0..length).filter_map(|index| view.item(index)) {
        let datum = item.datum();
        match equal(&datum, raw) {
            Ok(Some(true)) => return Ok(true),
            Ok(Some(false)) => {}
            Ok(None) if mixed => return Err(EvalError::MixedItemNotComparable(datum.kind().to_owned())),
            Ok(None) => {}
            Err(error) if mixed && error.out_of_range => return Err(EvalError::MixedItemValue),
            Err(_) if mixed => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

/// `is empty`.
pub(crate) fn empty(view: &View<'_>, selector: &Selector) -> Result<bool, EvalError> {
    match view.datum() {
        Datum::Text(text) => Ok(text.is_empty()),
        Datum::List(length) | Datum::Map(length) => Ok(length.unwrap_or_default() == 0),
        Datum::Bytes(length) | Datum::Array(length) => Ok(length == 0),
        other => Err(unsuited("is-empty", &other, selector)),
    }
}

/// `is nil`; a value behind a pointer counts as itself.
pub(crate) fn nil(view: &View<'_>, selector: &Selector) -> Result<bool, EvalError> {
    match view.datum() {
        Datum::Nil => Ok(true),
        Datum::Bytes(_) => Ok(view.value.is_null()),
        Datum::List(length) | Datum::Map(length) => Ok(length.is_none()),
        Datum::Struct => Ok(false),
        Datum::Array(_) => Err(EvalError::NilOfArray),
        other => Err(unsuited("is-nil", &other, selector)),
    }
}

fn unsuited(operation: &'static str, datum: &Datum<'_>, selector: &Selector) -> EvalError {
    EvalError::Unsuited { operation, kind: datum.kind().to_owned(), selector: quote(&selector.to_string()) }
}
