//! Functions over collections of several kinds.

use super::{Answer, Failure, list_like};
use crate::options::Options;
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::equal::equal;
use crate::value::types::Type;
use crate::value::unify::unify;

fn fail(why: &str) -> Answer {
    Err(Failure::Call(why.to_owned()))
}

pub(super) fn coalesce(values: &[Value], _: &Options<'_>) -> Answer {
    let types: Vec<Type> = values.iter().map(Value::type_of).collect();
    let common = unify(&types.iter().collect::<Vec<_>>()).filter(|_| !values.is_empty());
    let Some(common) = common else { return fail("all arguments must have the same type") };
    match values.iter().find(|value| !value.is_null()) {
        Some(value) => Ok(convert(value, &common)?),
        None => fail("no non-null arguments"),
    }
}

pub(super) fn coalescelist(values: &[Value], _: &Options<'_>) -> Answer {
    if values.is_empty() {
        return fail("at least one argument is required");
    }
    for value in values {
        match value {
            Value::Null(_) => {}
            Value::List(list) | Value::Tuple(list) => {
                if !list.items.is_empty() {
                    return Ok(value.clone());
                }
            }
            _ => return fail("coalescelist arguments must be lists or tuples"),
        }
    }
    fail("no non-null arguments")
}

pub(super) fn contains(values: &[Value], _: &Options<'_>) -> Answer {
    let Some(items) = values.first().and_then(Value::elements) else {
        return fail("argument must be list, tuple, or set");
    };
    let wanted = values.get(1).cloned().unwrap_or(Value::Unknown);
    Ok(Value::Bool(items.iter().any(|item| equal(item, &wanted))))
}

pub(super) fn index(values: &[Value], _: &Options<'_>) -> Answer {
    let [collection, key] = values else { return fail("invalid index") };
    let item = match (collection, key) {
        (Value::Tuple(list), Value::Number(at)) | (Value::List(list), Value::Number(at)) => {
            at.to_usize().and_then(|at| list.items.get(at))
        }
        (Value::Map(map), Value::String(name)) => map.items.get(name.as_ref()),
        (Value::Tuple(_), _) => return fail("key for tuple must be number"),
        (Value::List(_), _) => return fail("key for list must be number"),
        (Value::Map(_), _) => return fail("key for map must be string"),
        _ => return fail("collection must be a list, a map or a tuple"),
    };
    item.cloned().ok_or_else(|| Failure::Call("invalid index".to_owned()))
}

pub(super) fn length(values: &[Value], _: &Options<'_>) -> Answer {
    let count = match values.first() {
        Some(Value::Map(map)) => map.items.len(),
        Some(value) if list_like(value) => value.elements().map_or(0, <[Value]>::len),
        _ => return fail("collection must be a list, a map or a tuple"),
    };
    Ok(Value::integer(count))
}
