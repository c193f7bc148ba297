//! Values and JSON.

use serde_json::Value as Json;

use super::Value;
use super::types::Type;

/// As plain JSON. Whole numbers of 64 bits stay whole, others become floating point; None for what JSON cannot say.
pub(crate) fn to_json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null(_) => Json::Null,
        Value::Unknown => return None,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => match number.to_i64() {
            Some(whole) => Json::from(whole),
            None => Json::Number(serde_json::Number::from_f64(number.to_f64())?),
        },
        Value::String(text) => Json::from(text.as_ref()),
        Value::List(inner) | Value::Set(inner) | Value::Tuple(inner) => {
            let items: Option<Vec<Json>> = inner.items.iter().map(to_json).collect();
            Json::Array(items?)
        }
        // The original loses the keys here; drivers have come to read the list.
        Value::Map(inner) if matches!(inner.element, Type::Object(_)) => {
            let items: Option<Vec<Json>> = inner.items.values().map(to_json).collect();
            Json::Array(items?)
        }
        Value::Map(inner) | Value::Object(inner) => {
            let mut object = serde_json::Map::new();
            for (name, item) in &inner.items {
                object.insert(name.clone(), to_json(item)?);
            }
            Json::Object(object)
        }
    })
}
