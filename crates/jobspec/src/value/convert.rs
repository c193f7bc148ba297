//! Conversion of values to wanted types, and the words for what does not fit.

use std::collections::BTreeMap;

use crate::number::Number;

use super::Value;
use super::types::Type;
use super::unify::unify;

/// Whether there is a way from one type to another, which may still fail for a value.
pub(crate) fn convertible(got: &Type, want: &Type) -> bool {
    if got == want || *got == Type::Dynamic || *want == Type::Dynamic {
        return true;
    }
    match (got, want) {
        (Type::String, Type::Number | Type::Bool) | (Type::Number | Type::Bool, Type::String) => true,
        (Type::List(got) | Type::Set(got), Type::List(want) | Type::Set(want)) => convertible(got, want),
        (Type::Map(got), Type::Map(want)) => convertible(got, want),
        (Type::Tuple(got), Type::List(want) | Type::Set(want)) => all_convertible(got.iter(), want),
        (Type::Object(got), Type::Map(want)) => all_convertible(got.values(), want),
        (Type::Tuple(got), Type::Tuple(want)) => {
            got.len() == want.len() && got.iter().zip(want).all(|(got, want)| convertible(got, want))
        }
        (Type::Object(got), Type::Object(want)) => {
            want.iter().all(|(name, want)| got.get(name).is_some_and(|got| convertible(got, want)))
        }
        (Type::Map(got), Type::Object(want)) => want.values().all(|want| convertible(got, want)),
        _ => false,
    }
}

fn all_convertible<'a>(got: impl Iterator<Item = &'a Type>, want: &Type) -> bool {
    let got: Vec<&Type> = got.collect();
    match want {
        Type::Dynamic => got.is_empty() || unify(&got).is_some(),
        want => got.iter().all(|got| convertible(got, want)),
    }
}

/// Why there is no way from one type to another.
pub(crate) fn mismatch(got: &Type, want: &Type) -> String {
    match (got, want) {
        (Type::Object(got), Type::Object(want)) => mismatch_objects(got, want),
        (Type::Tuple(_), Type::List(want)) if **want == Type::Dynamic => {
            "all list elements must have the same type".to_owned()
        }
        (Type::Tuple(_), Type::Set(want)) if **want == Type::Dynamic => {
            "all set elements must have the same type".to_owned()
        }
        (Type::Object(_), Type::Map(want)) if **want == Type::Dynamic => {
            "all map elements must have the same type".to_owned()
        }
        (Type::Tuple(got), Type::List(want) | Type::Set(want)) => {
            let bad = got.iter().enumerate().find(|(_, got)| !convertible(got, want));
            match bad {
                Some((index, got)) => format!("element {index}: {}", mismatch(got, want)),
                None => format!("all elements must be {}", want.wanted()),
            }
        }
        (Type::Object(got), Type::Map(want)) => {
            let bad = got.iter().find(|(_, got)| !convertible(got, want));
            match bad {
                Some((name, got)) => format!("element {name:?}: {}", mismatch(got, want)),
                None => format!("all elements must be {}", want.wanted()),
            }
        }
        (Type::Tuple(_) | Type::Object(_), Type::List(_) | Type::Set(_) | Type::Map(_)) => {
            format!("{} required", want.wanted())
        }
        (Type::List(got) | Type::Set(got), Type::List(inner)) => {
            format!("incorrect list element type: {}", mismatch(got, inner))
        }
        (Type::List(got) | Type::Set(got), Type::Set(inner)) => {
            format!("incorrect set element type: {}", mismatch(got, inner))
        }
        (Type::Map(got), Type::Map(inner)) => format!("incorrect map element type: {}", mismatch(got, inner)),
        (Type::List(_) | Type::Set(_) | Type::Map(_), Type::List(_) | Type::Set(_) | Type::Map(_)) => {
            format!("{} required", want.wanted())
        }
        _ => format!("{} required, but have {}", want.wanted(), got.name()),
    }
}

fn mismatch_objects(got: &BTreeMap<String, Type>, want: &BTreeMap<String, Type>) -> String {
    let mut missing = Vec::new();
    for (name, want) in want {
        match got.get(name) {
            None => missing.push(format!("{name:?}")),
            Some(got) if !convertible(got, want) => {
                return format!("attribute {name:?}: {}", mismatch(got, want));
            }
            Some(_) => {}
        }
    }
    match missing.as_slice() {
        [one] => format!("attribute {one} is required"),
        [one, two] => format!("attributes {one} and {two} are required"),
        [head @ .., last] => format!("attributes {}, and {last} are required", head.join(", ")),
        [] => "object required".to_owned(),
    }
}

/// The value in the wanted type, or why not.
pub(crate) fn convert(value: &Value, want: &Type) -> Result<Value, String> {
    if *want == Type::Dynamic || value.is_unknown() {
        return Ok(value.clone());
    }
    let got = value.type_of();
    if got == *want {
        return Ok(value.clone());
    }
    if !convertible(&got, want) {
        return Err(mismatch(&got, want));
    }
    apply(value, want)
}

fn apply(value: &Value, want: &Type) -> Result<Value, String> {
    match (value, want) {
        (Value::Unknown, _) | (_, Type::Dynamic) => Ok(value.clone()),
        (Value::Null(_), _) => Ok(Value::Null(want.clone())),
        (Value::Number(number), Type::String) => Ok(Value::text(&number.text())),
        (Value::Bool(flag), Type::String) => Ok(Value::text(if *flag { "true" } else { "false" })),
        (Value::String(text), Type::Number) => to_number(text),
        (Value::String(text), Type::Bool) => to_bool(text),
        (_, Type::List(element)) => {
            let (element, items) = all(value.elements().unwrap_or_default(), element)?;
            Ok(Value::list(element, items))
        }
        (_, Type::Set(element)) => {
            let (element, items) = all(value.elements().unwrap_or_default(), element)?;
            Ok(Value::set(element, items))
        }
        (_, Type::Map(element)) => {
            let Some(entries) = value.entries() else { return Err(mismatch(&value.type_of(), want)) };
            let values: Vec<Value> = entries.values().cloned().collect();
            let (element, items) = all(&values, element)?;
            Ok(Value::map(element, entries.keys().cloned().zip(items).collect()))
        }
        (_, Type::Tuple(wanted)) => {
            let items = value.elements().unwrap_or_default();
            let items: Result<Vec<Value>, String> =
                items.iter().zip(wanted).map(|(item, want)| apply(item, want)).collect();
            Ok(Value::tuple(items?))
        }
        (_, Type::Object(wanted)) => {
            let Some(entries) = value.entries() else { return Err(mismatch(&value.type_of(), want)) };
            let mut items = BTreeMap::new();
            for (name, want) in wanted {
                let item = entries.get(name).ok_or_else(|| format!("attribute {name:?} is required"))?;
                items.insert(name.clone(), apply(item, want)?);
            }
            Ok(Value::object(items))
        }
        _ => Ok(value.clone()),
    }
}

/// All elements in one type, which is found when any will do.
fn all(items: &[Value], element: &Type) -> Result<(Type, Vec<Value>), String> {
    let element = match element {
        Type::Dynamic => {
            let types: Vec<Type> = items.iter().map(Value::type_of).collect();
            unify(&types.iter().collect::<Vec<_>>()).unwrap_or(Type::Dynamic)
        }
        known => known.clone(),
    };
    let items: Result<Vec<Value>, String> = items.iter().map(|item| apply(item, &element)).collect();
    Ok((element, items?))
}

fn to_number(text: &str) -> Result<Value, String> {
    Number::parse(text).map(Value::Number).ok_or_else(|| "a number is required".to_owned())
}

fn to_bool(text: &str) -> Result<Value, String> {
    match text {
        "true" | "1" => return Ok(Value::Bool(true)),
        "false" | "0" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let hint = match text.to_lowercase().as_str() {
        "true" => "; to convert from string, use lowercase \"true\"",
        "false" => "; to convert from string, use lowercase \"false\"",
        _ => "",
    };
    Err(format!("a bool is required{hint}"))
}
