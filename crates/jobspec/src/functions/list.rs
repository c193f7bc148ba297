//! Lists and tuples.

use super::{Answer, Failure, number, whole};
use crate::options::Options;
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::equal::{compare, equal};
use crate::value::types::Type;
use crate::value::unify::unify;

fn items(values: &[Value], index: usize) -> &[Value] {
    values.get(index).and_then(Value::elements).unwrap_or_default()
}

fn element_type(value: Option<&Value>) -> Type {
    match value {
        Some(Value::List(list) | Value::Set(list)) => list.element.clone(),
        _ => Type::Dynamic,
    }
}

/// A list when the first argument is one, otherwise a tuple.
fn like_first(values: &[Value], items: Vec<Value>) -> Value {
    match values.first() {
        Some(Value::List(list)) => Value::list(list.element.clone(), items),
        _ => Value::tuple(items),
    }
}

pub(super) fn chunklist(values: &[Value], _: &Options<'_>) -> Answer {
    let size = whole(values, 1)?;
    if size < 0 {
        return Err(Failure::Call("the size argument must be positive".to_owned()));
    }
    let element = element_type(values.first());
    let list = items(values, 0);
    let size = if size == 0 { list.len().max(1) } else { usize::try_from(size).unwrap_or(usize::MAX) };
    let chunks = list.chunks(size).map(|chunk| Value::list(element.clone(), chunk.to_vec()));
    Ok(Value::list(Type::List(Box::new(element.clone())), chunks.collect()))
}

pub(super) fn compact(values: &[Value], _: &Options<'_>) -> Answer {
    let full = |item: &&Value| matches!(item, Value::String(text) if !text.is_empty());
    Ok(Value::list(Type::String, items(values, 0).iter().filter(full).cloned().collect()))
}

pub(super) fn concat(values: &[Value], _: &Options<'_>) -> Answer {
    if values.is_empty() {
        return Err(Failure::Call("at least one argument is required".to_owned()));
    }
    let mut all = Vec::new();
    let mut elements = Vec::new();
    for (index, value) in values.iter().enumerate() {
        match value {
            Value::List(list) => elements.push(list.element.clone()),
            Value::Tuple(_) => {}
            other => {
                let why = format!("all arguments must be lists or tuples; got {}", other.type_of().name());
                return Err(Failure::Argument(index, why));
            }
        }
        all.extend(items(values, index).iter().cloned());
    }
    let common =
        (elements.len() == values.len()).then(|| unify(&elements.iter().collect::<Vec<_>>())).flatten();
    let Some(element) = common else { return Ok(Value::tuple(all)) };
    let converted: Result<Vec<Value>, String> = all.iter().map(|item| convert(item, &element)).collect();
    Ok(Value::list(element, converted?))
}

pub(super) fn distinct(values: &[Value], _: &Options<'_>) -> Answer {
    let mut order: Vec<(usize, &Value)> = items(values, 0).iter().enumerate().collect();
    order.sort_by(|left, right| compare(left.1, right.1).then(left.0.cmp(&right.0)));
    order.dedup_by(|later, earlier| equal(later.1, earlier.1));
    order.sort_by_key(|(index, _)| *index);
    let unique = order.into_iter().map(|(_, item)| item.clone()).collect();
    Ok(Value::list(element_type(values.first()), unique))
}

pub(super) fn element(values: &[Value], _: &Options<'_>) -> Answer {
    let list = match values.first() {
        Some(Value::List(list) | Value::Tuple(list)) => &list.items,
        other => {
            let kind = other.map(|value| value.type_of().name()).unwrap_or_default();
            return Err(Failure::Call(format!("cannot read elements from {kind}")));
        }
    };
    let index = number(values, 1).to_i64().ok_or_else(|| {
        Failure::Call("invalid index: value must be a whole number, between -9223372036854775808 and 9223372036854775807".to_owned())
    })?;
    let count = i64::try_from(list.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Err(Failure::Call("cannot use element function with an empty list".to_owned()));
    }
    let at = usize::try_from(index.rem_euclid(count)).unwrap_or_default();
    Ok(list.get(at).cloned().unwrap_or(Value::Unknown))
}

fn flatten_into(value: &Value, flat: &mut Vec<Value>) {
    match value {
        Value::List(list) | Value::Set(list) | Value::Tuple(list) => {
            list.items.iter().for_each(|item| flatten_into(item, flat));
        }
        other => flat.push(other.clone()),
    }
}

pub(super) fn flatten(values: &[Value], _: &Options<'_>) -> Answer {
    let Some(Value::List(_) | Value::Set(_) | Value::Tuple(_)) = values.first() else {
        return Err(Failure::Call("can only flatten lists, sets and tuples".to_owned()));
    };
    let mut flat = Vec::new();
    values.first().into_iter().for_each(|value| flatten_into(value, &mut flat));
    Ok(Value::tuple(flat))
}

pub(super) fn slice(values: &[Value], _: &Options<'_>) -> Answer {
    let list = match values.first() {
        Some(Value::List(list) | Value::Tuple(list)) => &list.items,
        Some(Value::Set(_)) => {
            return Err(Failure::Argument(0, "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important".to_owned()));
        }
        _ => return Err(Failure::Argument(0, "must be a list or tuple value".to_owned())),
    };
    let bound = |index: usize| {
        number(values, index).to_i64().ok_or_else(|| {
            let (low, high) = (i64::MIN, i64::MAX);
            let name = if index == 1 { "start" } else { "end" };
            Failure::Argument(
                index,
                format!("invalid {name} index: value must be a whole number, between {low} and {high}"),
            )
        })
    };
    let (start, end) = (bound(1)?, bound(2)?);
    if start < 0 {
        return Err(Failure::Argument(1, "start index must not be less than zero".to_owned()));
    }
    if end < 0 {
        return Err(Failure::Argument(2, "end index must not be less than zero".to_owned()));
    }
    let bounds = (usize::try_from(start).unwrap_or(usize::MAX), usize::try_from(end).unwrap_or(usize::MAX));
    if bounds.0 > list.len() {
        return Err(Failure::Argument(
            1,
            "start index must not be greater than the length of the list".to_owned(),
        ));
    }
    if bounds.1 > list.len() {
        return Err(Failure::Argument(
            2,
            "end index must not be greater than the length of the list".to_owned(),
        ));
    }
    if start > end {
        return Err(Failure::Argument(1, "start index must not be greater than end index".to_owned()));
    }
    Ok(like_first(values, list.get(bounds.0..bounds.1).unwrap_or_default().to_vec()))
}

pub(super) fn sort(values: &[Value], _: &Options<'_>) -> Answer {
    let mut list = items(values, 0).to_vec();
    if let Some(at) = list.iter().position(Value::is_null) {
        let why = format!("given list element {at} is null; a null string cannot be sorted");
        return Err(Failure::Argument(0, why));
    }
    list.sort_by(compare);
    Ok(Value::list(Type::String, list))
}
