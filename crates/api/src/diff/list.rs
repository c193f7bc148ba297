//! Lists: how elements of the old one find their partner in the new one.

use serde_json::Value;

use super::noun::Noun;
use super::{ADDED, DELETED, EDITED, FieldDiff, NONE, ObjectDiff, object};

type Pair<'a> = (Option<&'a Value>, Option<&'a Value>);

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Groups or tasks, by name.
pub(super) fn by_name<'a>(
    old: Option<&'a Value>,
    new: Option<&'a Value>,
    member: &str,
) -> Vec<(String, Option<&'a Value>, Option<&'a Value>)> {
    let list = |value: Option<&'a Value>| items(value.and_then(|value| value.get(member)));
    let name = |value: &Value| value["Name"].as_str().unwrap_or_default().to_owned();
    let (old, new) = (list(old), list(new));
    let mut names: Vec<String> = old.iter().chain(new).map(name).collect();
    names.sort();
    names.dedup();
    let found = |list: &'a [Value], wanted: &str| list.iter().find(|value| name(value) == wanted);
    names.into_iter().map(|name| (name.clone(), found(old, &name), found(new, &name))).collect()
}

/// A list of texts that is a set: shown as an object with one field for each.
/// With `context` one that is the same on both sides is shown too.
pub(super) fn texts(
    name: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    context: bool,
) -> Option<ObjectDiff> {
    let set = |value: Option<&Value>| {
        let mut texts: Vec<String> = items(value)
            .iter()
            .map(|text| text.as_str().map_or_else(|| text.to_string(), str::to_owned))
            .collect();
        texts.sort();
        texts.dedup();
        texts
    };
    let (old, new) = (set(old), set(new));
    if old == new && (old.is_empty() || !context) {
        return None;
    }
    let line = |old: &str, new: &str, kind: &str| FieldDiff {
        name: name.to_owned(),
        old: old.to_owned(),
        new: new.to_owned(),
        kind: kind.to_owned(),
        annotations: None,
    };
    let (mut added, mut deleted) = (false, false);
    let mut fields: Vec<_> = new
        .iter()
        .filter(|text| !old.contains(text))
        .inspect(|_| added = true)
        .map(|text| line("", text, ADDED))
        .collect();
    for text in &old {
        if new.contains(text) {
            fields.push(line(text, text, NONE));
        } else {
            deleted = true;
            fields.push(line(text, "", DELETED));
        }
    }
    let kind = match (added, deleted) {
        (true, true) => EDITED,
        (true, false) => ADDED,
        (false, true) => DELETED,
        (false, false) => NONE,
    };
    let (name, kind) = (name.to_owned(), kind.to_owned());
    Some(ObjectDiff { name, kind, fields: Some(fields), objects: None })
}

fn all(name: &str, noun: &Noun, pairs: Vec<Pair<'_>>) -> Vec<ObjectDiff> {
    pairs.into_iter().filter_map(|(old, new)| object(name, noun, old, new, true)).collect()
}

/// Elements that are equal or not: an edited one is a new one and an old one.
pub(super) fn set(name: &str, noun: &Noun, old: Option<&Value>, new: Option<&Value>) -> Vec<ObjectDiff> {
    let (old, new) = (items(old), items(new));
    let added = new.iter().filter(|item| !old.contains(item)).map(|item| (None, Some(item)));
    let deleted = old.iter().filter(|item| !new.contains(item)).map(|item| (Some(item), None));
    let sorted = |pairs: Vec<Pair<'_>>| {
        let mut found = all(name, noun, pairs);
        found.sort_by_cached_key(|object| format!("{:?}", object.fields));
        found
    };
    let mut found = sorted(added.collect());
    found.extend(sorted(deleted.collect()));
    found
}

/// Elements that have a name of their own in one of their fields.
pub(super) fn keyed(
    name: &str,
    noun: &Noun,
    key: &str,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Vec<ObjectDiff> {
    let (old, new) = (items(old), items(new));
    let key_of = |value: &Value| value[key].as_str().map_or_else(|| value[key].to_string(), str::to_owned);
    let mut keys: Vec<String> = old.iter().chain(new).map(key_of).collect();
    keys.sort();
    keys.dedup();
    let found = |list: &'_ [Value], wanted: &str| list.iter().rposition(|value| key_of(value) == wanted);
    let pairs =
        keys.iter().map(|key| (found(old, key).map(|at| &old[at]), found(new, key).map(|at| &new[at])));
    let mut found = all(name, noun, pairs.collect());
    if noun.added_first {
        found.sort_by(|a, b| a.kind.cmp(&b.kind));
    }
    found
}

/// Elements whose name may change: those that kept theirs find each other first, the others by their place.
pub(super) fn paired(
    name: &str,
    noun: &Noun,
    key: &str,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Vec<ObjectDiff> {
    let (old, new) = (items(old), items(new));
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    let mut left: Vec<&Value> = old.iter().collect();
    let mut unmatched = Vec::new();
    for item in new {
        match left.iter().position(|other| other[key] == item[key]) {
            Some(at) => pairs.push((Some(left.remove(at)), Some(item))),
            None => unmatched.push(item),
        }
    }
    let mut left = left.into_iter();
    for item in unmatched {
        pairs.push((left.next(), Some(item)));
    }
    pairs.extend(left.map(|item| (Some(item), None)));
    all(name, noun, pairs)
}

/// A map of objects.
pub(super) fn named(name: &str, noun: &Noun, old: Option<&Value>, new: Option<&Value>) -> Vec<ObjectDiff> {
    let map = |value: Option<&'_ Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let (old, new) = (map(old), map(new));
    let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter().filter_map(|key| object(name, noun, old.get(key), new.get(key), true)).collect()
}
