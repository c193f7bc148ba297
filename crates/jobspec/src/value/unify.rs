//! The one type that values of several types can all be brought to.

use std::collections::BTreeMap;

use super::convert::convertible;
use super::types::Type;

/// None when there is no such type. Unknown types give way to known ones.
pub(crate) fn unify(types: &[&Type]) -> Option<Type> {
    let known: Vec<&Type> = types.iter().copied().filter(|kind| **kind != Type::Dynamic).collect();
    let Some(first) = known.first() else { return Some(Type::Dynamic) };
    if known.iter().all(|kind| kind == first) {
        return Some((*first).clone());
    }
    if known.iter().all(|kind| kind.is_primitive()) {
        return known.contains(&&Type::String).then_some(Type::String);
    }
    if known.iter().all(|kind| matches!(kind, Type::Object(_) | Type::Map(_))) {
        return unify_maps(&known);
    }
    if known.iter().all(|kind| matches!(kind, Type::Tuple(_) | Type::List(_) | Type::Set(_))) {
        return unify_lists(&known);
    }
    None
}

fn unify_maps(known: &[&Type]) -> Option<Type> {
    if let Some(object) = unify_objects(known) {
        return Some(object);
    }
    let mut elements: Vec<&Type> = Vec::new();
    for kind in known {
        match kind {
            Type::Object(attributes) => elements.extend(attributes.values()),
            Type::Map(element) => elements.push(element),
            _ => return None,
        }
    }
    Some(Type::Map(Box::new(unify(&elements)?)))
}

fn unify_objects(known: &[&Type]) -> Option<Type> {
    let objects: Option<Vec<&BTreeMap<String, Type>>> =
        known.iter().map(|kind| if let Type::Object(inner) = kind { Some(inner) } else { None }).collect();
    let objects = objects?;
    let first = objects.first()?;
    let mut merged = BTreeMap::new();
    for name in first.keys() {
        let same: Option<Vec<&Type>> = objects.iter().map(|object| object.get(name)).collect();
        merged.insert(name.clone(), unify(&same?)?);
    }
    objects.iter().all(|object| object.len() == merged.len()).then_some(Type::Object(merged))
}

fn unify_lists(known: &[&Type]) -> Option<Type> {
    if let Some(tuple) = unify_tuples(known) {
        return Some(tuple);
    }
    let mut elements: Vec<&Type> = Vec::new();
    for kind in known {
        match kind {
            Type::Tuple(items) => elements.extend(items),
            Type::List(element) | Type::Set(element) => elements.push(element),
            _ => return None,
        }
    }
    let element = Box::new(unify(&elements)?);
    let set = known.iter().any(|kind| matches!(kind, Type::Set(_)));
    let list = known.iter().any(|kind| matches!(kind, Type::List(_)));
    let result = if set && !list { Type::Set(element) } else { Type::List(element) };
    known.iter().all(|kind| convertible(kind, &result)).then_some(result)
}

fn unify_tuples(known: &[&Type]) -> Option<Type> {
    let tuples: Option<Vec<&Vec<Type>>> =
        known.iter().map(|kind| if let Type::Tuple(inner) = kind { Some(inner) } else { None }).collect();
    let tuples = tuples?;
    let length = tuples.first()?.len();
    if tuples.iter().any(|tuple| tuple.len() != length) {
        return None;
    }
    let mut merged = Vec::new();
    for index in 0..length {
        let same: Option<Vec<&Type>> = tuples.iter().map(|tuple| tuple.get(index)).collect();
        merged.push(unify(&same?)?);
    }
    Some(Type::Tuple(merged))
}
