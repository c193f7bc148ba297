//! The built-in functions of templates, and how values look as text.

use serde_json::Value;
use std::cmp::Ordering;

const NAMES: &[&str] =
    &["and", "eq", "ge", "gt", "index", "le", "len", "lt", "ne", "not", "or", "print", "printf", "println"];

pub(super) fn is_function(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Call a function. The error is what Go says behind `error calling NAME: `.
pub(super) fn call(name: &str, arguments: &[Value]) -> Result<Value, String> {
    let first = || arguments.first().ok_or_else(|| format!("wrong number of args for {name}"));
    Ok(match name {
        "not" => Value::Bool(!truth(first()?)),
        "and" => pick(arguments, |value| !truth(value)).ok_or("wrong number of args for and")?,
        "or" => pick(arguments, truth).ok_or("wrong number of args for or")?,
        "len" => match first()? {
            Value::String(text) => text.len().into(),
            Value::Array(items) => items.len().into(),
            Value::Object(map) => map.len().into(),
            Value::Null => 0.into(),
            other => return Err(format!("len of {}", text(other))),
        },
        "index" => index(arguments)?,
        "eq" => {
            let (one, others) = arguments.split_first().ok_or("missing argument for comparison")?;
            if others.is_empty() {
                return Err("missing argument for comparison".to_owned());
            }
            Value::Bool(others.iter().any(|other| order(one, other) == Some(Ordering::Equal)))
        }
        "print" => Value::String(arguments.iter().map(text).collect()),
        "println" => {
            let words: Vec<String> = arguments.iter().map(text).collect();
            Value::String(format!("{}\n", words.join(" ")))
        }
        "printf" => printf(arguments)?,
        _ => compare(name, arguments)?,
    })
}

fn compare(name: &str, arguments: &[Value]) -> Result<Value, String> {
    let [one, other] = arguments else {
        return Err(format!("wrong number of args for {name}"));
    };
    let order = order(one, other).ok_or("incompatible types for comparison");
    Ok(Value::Bool(match name {
        "ne" => order != Ok(Ordering::Equal),
        "lt" => order? == Ordering::Less,
        "le" => order? != Ordering::Greater,
        "gt" => order? == Ordering::Greater,
        _ => order? != Ordering::Less,
    }))
}

/// The first argument that settles the matter, or the last one.
fn pick(arguments: &[Value], settles: impl Fn(&Value) -> bool) -> Option<Value> {
    let settling = arguments.iter().find(|value| settles(value));
    settling.or(arguments.last()).cloned()
}

/// Whether `if` takes a value: what is empty or zero is false.
pub(super) fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(on) => *on,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (a, b) => (a == b).then_some(Ordering::Equal),
    }
}

fn index(arguments: &[Value]) -> Result<Value, String> {
    let (value, path) = arguments.split_first().ok_or("wrong number of args for index")?;
    let mut value = value.clone();
    for step in path {
        value = match (value, step) {
            (Value::Array(items), Value::Number(number)) => {
                let at = number.as_u64().and_then(|at| usize::try_from(at).ok());
                let found = at.and_then(|at| items.get(at).cloned());
                found.ok_or_else(|| format!("index out of range: {number}"))?
            }
            // A key that is missing gives the zero value, as Go's maps do.
            (Value::Object(map), Value::String(key)) => map.get(key).cloned().unwrap_or(Value::Null),
            (value, step) => return Err(format!("cannot index {} with {}", text(&value), text(step))),
        };
    }
    Ok(value)
}

fn printf(arguments: &[Value]) -> Result<Value, String> {
    let Some((Value::String(format), values)) = arguments.split_first() else {
        return Err("printf needs a format".to_owned());
    };
    let (mut out, mut values) = (String::new(), values.iter());
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        // Widths and precisions are passed over: columns are what -json and the tables are for.
        let verb = letters.by_ref().find(|letter| letter.is_alphabetic() || *letter == '%');
        match verb {
            Some('%') => out.push('%'),
            Some(verb) => match values.next() {
                Some(value) if verb == 'q' => out.push_str(&format!("{:?}", text(value))),
                Some(value) => out.push_str(&text(value)),
                None => out.push_str(&format!("%!{verb}(MISSING)")),
            },
            None => out.push_str("%!(NOVERB)"),
        }
    }
    Ok(Value::String(out))
}

/// A value as Go prints it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(on) => on.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(text).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(map) => {
            let pairs: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}:{}", text(value))).collect();
            format!("map[{}]", pairs.join(" "))
        }
    }
}
