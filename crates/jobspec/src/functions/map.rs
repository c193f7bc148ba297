//! Maps and objects.

use std::collections::BTreeMap;

use super::{Answer, Failure, text};
use crate::options::Options;
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::types::Type;

pub(super) fn keys(values: &[Value], _: &Options<'_>) -> Answer {
    let Some(entries) = values.first().and_then(Value::entries) else {
        return Err(Failure::Argument(0, "must have map or object type".to_owned()));
    };
    Ok(Value::list(Type::String, entries.keys().map(|key| Value::text(key)).collect()))
}

pub(super) fn values(values: &[Value], _: &Options<'_>) -> Answer {
    match values.first() {
        Some(Value::Map(map)) => Ok(Value::list(map.element.clone(), map.items.values().cloned().collect())),
        Some(Value::Object(object)) => Ok(Value::tuple(object.items.values().cloned().collect())),
        _ => Err(Failure::Argument(0, "values requires a map as the first argument".to_owned())),
    }
}

pub(super) fn lookup(values: &[Value], _: &Options<'_>) -> Answer {
    let default = values.get(2).cloned().unwrap_or(Value::Unknown);
    match values.first() {
        Some(Value::Map(map)) => match map.items.get(text(values, 1)) {
            Some(item) => Ok(item.clone()),
            None => convert(&default, &map.element).map_err(|_| {
                Failure::Argument(
                    2,
                    "the default value must have the same type as the map elements".to_owned(),
                )
            }),
        },
        Some(Value::Object(object)) => Ok(object.items.get(text(values, 1)).cloned().unwrap_or(default)),
        _ => Err(Failure::Argument(0, "lookup() requires a map as the first argument".to_owned())),
    }
}

pub(super) fn merge(values: &[Value], _: &Options<'_>) -> Answer {
    let mut merged = BTreeMap::new();
    let mut element: Option<Type> = None;
    let mut maps = !values.is_empty();
    for value in values {
        match value {
            Value::Null(_) => {}
            Value::Map(map) => {
                maps &= element.as_ref().is_none_or(|element| *element == map.element);
                element = Some(map.element.clone());
                merged.extend(map.items.clone());
            }
            Value::Object(object) => {
                maps = false;
                merged.extend(object.items.clone());
            }
            other => {
                let kind = other.type_of().name();
                return Err(Failure::Call(format!("arguments must be maps or objects, got {kind:?}")));
            }
        }
    }
    match element {
        Some(element) if maps => Ok(Value::map(element, merged)),
        _ => Ok(Value::object(merged)),
    }
}

pub(super) fn zipmap(values: &[Value], _: &Options<'_>) -> Answer {
    let names = values.first().and_then(Value::elements).unwrap_or_default();
    let items = match values.get(1) {
        Some(Value::List(list) | Value::Tuple(list)) => &list.items,
        _ => return Err(Failure::Argument(1, "values argument must be a list or tuple value".to_owned())),
    };
    if names.len() != items.len() {
        let (keys, values) = (names.len(), items.len());
        return Err(Failure::Call(format!(
            "number of keys ({keys}) does not match number of values ({values})"
        )));
    }
    let mut zipped = BTreeMap::new();
    for (name, item) in names.iter().zip(items) {
        let Value::String(name) = name else {
            return Err(Failure::Argument(0, "keys must not be null".to_owned()));
        };
        zipped.insert(name.to_string(), item.clone());
    }
    match values.get(1) {
        Some(Value::List(list)) => Ok(Value::map(list.element.clone(), zipped)),
        _ => Ok(Value::object(zipped)),
    }
}
