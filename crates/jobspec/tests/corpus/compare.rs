//! The comparison of `tests/jobspecs/check.py`.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

const USER_MAPS: [&str; 13] = [
    "Meta",
    "Env",
    "Config",
    "Policy",
    "GetterOptions",
    "GetterHeaders",
    "Header",
    "CanaryMeta",
    "TaggedAddresses",
    "Args",
    "Custom",
    "Options",
    "Params",
];
const PREFIX: &str = "Failed to parse job: ";

/// One line for each difference.
pub(crate) fn json(want: &Value, got: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(want, got, "", false, &mut found);
    found
}

fn is_empty(value: &Value, text: bool) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(items) => items.is_empty(),
        Value::String(inner) => text && inner.is_empty(),
        _ => false,
    }
}

fn walk(want: &Value, got: &Value, path: &str, user: bool, found: &mut Vec<String>) {
    match (want, got) {
        (Value::Number(left), Value::Number(right)) => {
            if left.as_f64() != right.as_f64() || (left.is_i64() && right.is_i64() && left != right) {
                found.push(format!("{path}: want {want}, got {got}"));
            }
        }
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                let path = format!("{path}.{key}");
                let inside = user || USER_MAPS.contains(&key.as_str());
                match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => walk(left, right, &path, inside, found),
                    (left, right) => {
                        let value = left.or(right).unwrap();
                        if user || !is_empty(value, true) {
                            let side = if left.is_some() { "missing" } else { "unwanted" };
                            found.push(format!("{path}: {side}: {value}"));
                        }
                    }
                }
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            if left.len() != right.len() {
                found.push(format!("{path}: want {} elements, got {}: {got}", left.len(), right.len()));
                return;
            }
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                walk(left, right, &format!("{path}[{index}]"), user, found);
            }
        }
        _ if want == got || (!user && is_empty(want, false) && is_empty(got, false)) => {}
        _ => found.push(format!("{path}: want {want}, got {got}")),
    }
}

/// Position and summary of a line `POSITION: SUMMARY; DETAIL`.
fn diagnostic(line: &str) -> (String, String) {
    let place = Regex::new(r"input\.hcl:\d+,\d+(?:-(?:\d+,)?\d+)?: |<nil>: ").unwrap();
    let (place, rest) = match place.find(line) {
        Some(found) => (found.as_str().to_owned(), line[found.end()..].trim_start_matches([':', ' '])),
        None => (String::new(), line),
    };
    (place, rest.split(';').next().unwrap_or_default().trim().to_owned())
}

fn diagnostics(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.trim_start_matches(PREFIX).trim().split('\n').collect();
    let starts = |line: &&&str| line.starts_with("input.hcl:") || line.starts_with("<nil>:");
    let mut found = vec![diagnostic(lines[0])];
    found.extend(lines[1..].iter().filter(starts).map(|line| diagnostic(line)));
    found
}

fn wanted(answer: &Value) -> Vec<&str> {
    let mut texts = vec![answer["error"].as_str().unwrap()];
    texts.extend(answer["errors"].as_array().into_iter().flatten().map(|text| text.as_str().unwrap()));
    texts
}

pub(crate) fn first_diagnostic(answer: &Value, text: &str) -> Vec<String> {
    let any_order = answer["any_order"] == true;
    let mut firsts = Vec::new();
    for want in wanted(answer) {
        let all = diagnostics(want);
        let count = if any_order { all.len() } else { 1 };
        firsts.extend(all.into_iter().take(count));
    }
    let got = &diagnostics(text)[0];
    if firsts.contains(got) { Vec::new() } else { vec![format!("want {:?}\n    got {got:?}", firsts[0])] }
}

pub(crate) fn same_text(answer: &Value, text: &str) -> bool {
    let key = |text: &str| {
        let mut lines: Vec<String> = text.trim_start_matches(PREFIX).split('\n').map(str::to_owned).collect();
        if answer["any_order"] == true {
            lines.sort();
        }
        (text.starts_with(PREFIX), lines)
    };
    wanted(answer).iter().any(|want| key(want) == key(text))
}
