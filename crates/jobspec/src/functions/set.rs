//! Sets.

use super::{Answer, Failure, list_like};
use crate::limits::MAX_VALUE_WEIGHT;
use crate::options::Options;
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::equal::equal;
use crate::value::types::Type;
use crate::value::unify::unify;

/// All sets in one element type.
fn alike(values: &[Value]) -> Result<(Type, Vec<Vec<Value>>), Failure> {
    let element = |value: &Value| match value {
        Value::Set(set) => set.element.clone(),
        _ => Type::Dynamic,
    };
    let types: Vec<Type> = values.iter().map(element).collect();
    let common = unify(&types.iter().collect::<Vec<_>>())
        .ok_or_else(|| Failure::Call("given sets must all have compatible element types".to_owned()))?;
    let mut sets = Vec::new();
    for value in values {
        let converted = convert(value, &Type::Set(Box::new(common.clone())))?;
        sets.push(converted.elements().unwrap_or_default().to_vec());
    }
    Ok((common, sets))
}

pub(super) fn setunion(values: &[Value], _: &Options<'_>) -> Answer {
    let (element, sets) = alike(values)?;
    Ok(Value::set(element, sets.into_iter().flatten().collect()))
}

pub(super) fn setintersection(values: &[Value], _: &Options<'_>) -> Answer {
    let (element, sets) = alike(values)?;
    let mut sets = sets.into_iter();
    let mut common = sets.next().unwrap_or_default();
    for set in sets {
        if common.len().saturating_mul(set.len()) > MAX_VALUE_WEIGHT {
            return Err(Failure::Call("the sets are too large".to_owned()));
        }
        common.retain(|item| set.iter().any(|other| equal(item, other)));
    }
    Ok(Value::set(element, common))
}

pub(super) fn setproduct(values: &[Value], _: &Options<'_>) -> Answer {
    if values.len() < 2 {
        return Err(Failure::Call("at least two arguments are required".to_owned()));
    }
    if let Some(at) = values.iter().position(|value| !list_like(value)) {
        return Err(Failure::Argument(at, "a set or a list is required".to_owned()));
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for value in values {
        let items = value.elements().unwrap_or_default();
        if rows.len().saturating_mul(items.len()).saturating_mul(values.len()) > MAX_VALUE_WEIGHT {
            return Err(Failure::Call("the product is too large".to_owned()));
        }
        let extend = |row: &Vec<Value>| {
            let row = row.clone();
            items.iter().map(move |item| row.iter().cloned().chain([item.clone()]).collect::<Vec<Value>>())
        };
        rows = rows.iter().flat_map(extend).collect();
    }
    let tuples: Vec<Value> = rows.into_iter().map(Value::tuple).collect();
    let types: Vec<Type> = tuples.iter().map(Value::type_of).collect();
    let element = unify(&types.iter().collect::<Vec<_>>()).unwrap_or(Type::Dynamic);
    match values.iter().any(|value| matches!(value, Value::Set(_))) {
        true => Ok(Value::set(element, tuples)),
        false => Ok(Value::list(element, tuples)),
    }
}
