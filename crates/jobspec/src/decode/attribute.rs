//! Attributes: values in the types the schema wants.

use std::rc::Rc;

use num_bigint::BigUint;
use serde_json::{Map, Value as Json};

use crate::eval::scope::Scope;
use crate::eval::{Env, Out};
use crate::number::Number;
use crate::schema::{Attribute as Known, Kind};
use crate::syntax::tree::{Attribute, Expression};
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::types::Type;

pub(super) const SUMMARY: &str = "Unsuitable value type";
pub(super) const UNKNOWN: &str = "value must be known";
pub(super) const NULL: &str = "null value is not allowed";

impl Env<'_> {
    /// The value of an attribute; null when it is null and may be, None when it is wrong.
    pub(super) fn decode_attribute(
        &self,
        attribute: &Attribute,
        known: &Known,
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Option<Json> {
        if known.kind == Kind::Duration {
            return self.decode_duration(&attribute.value, scope, out);
        }
        let value = self.evaluate(&attribute.value, scope, out);
        match decode_value(&value, known) {
            Ok(json) => Some(json),
            Err(why) => {
                self.unsuitable(&attribute.value, &why, out);
                None
            }
        }
    }

    pub(super) fn unsuitable(&self, expression: &Expression, why: &str, out: &mut Out) {
        let detail = format!("Unsuitable value: {why}");
        self.report(out, expression.start_range(), SUMMARY, &detail);
    }
}

fn decode_value(value: &Value, known: &Known) -> Result<Json, String> {
    let value = convert(value, &wanted(known.kind))?;
    match &value {
        Value::Unknown => Err(UNKNOWN.to_owned()),
        Value::Null(_) if known.null => Ok(Json::Null),
        value => plain(value, known.kind),
    }
}

fn wanted(kind: Kind) -> Type {
    match kind {
        Kind::Text | Kind::Duration => Type::String,
        Kind::Flag => Type::Bool,
        Kind::Signed(_) | Kind::Unsigned(_) => Type::Number,
        Kind::Texts => Type::List(Box::new(Type::String)),
        Kind::Ports => Type::List(Box::new(Type::Number)),
        Kind::TextMap => Type::Map(Box::new(Type::String)),
    }
}

/// A value that already has the type.
fn plain(value: &Value, kind: Kind) -> Result<Json, String> {
    let element = if kind == Kind::Ports { Kind::Unsigned(16) } else { Kind::Text };
    match value {
        Value::Unknown => Err(UNKNOWN.to_owned()),
        Value::Null(_) => Err(NULL.to_owned()),
        Value::Bool(flag) => Ok(Json::from(*flag)),
        Value::String(text) => Ok(Json::from(text.as_ref())),
        Value::Number(number) => match kind {
            Kind::Unsigned(bits) => unsigned(number, bits),
            Kind::Signed(bits) => signed(number, bits),
            _ => signed(number, 64),
        },
        Value::List(inner) | Value::Set(inner) | Value::Tuple(inner) => {
            let items: Result<Vec<Json>, String> =
                inner.items.iter().map(|item| plain(item, element)).collect();
            Ok(Json::Array(items?))
        }
        Value::Map(inner) | Value::Object(inner) => {
            let mut object = Map::new();
            for (name, item) in &inner.items {
                object.insert(name.clone(), plain(item, element)?);
            }
            Ok(Json::Object(object))
        }
    }
}

pub(super) fn signed(number: &Number, bits: u32) -> Result<Json, String> {
    let (low, high) = match bits {
        8 => (i64::from(i8::MIN), i64::from(i8::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    let whole = number.to_i64().filter(|whole| (low..=high).contains(whole));
    whole.map(Json::from).ok_or_else(|| format!("value must be a whole number, between {low} and {high}"))
}

fn unsigned(number: &Number, bits: u32) -> Result<Json, String> {
    let high = (BigUint::from(1u8) << bits) - 1u8;
    let whole = number.to_u64().filter(|whole| BigUint::from(*whole) <= high);
    whole
        .map(Json::from)
        .ok_or_else(|| format!("value must be a whole number, between 0 and {high} inclusive"))
}
