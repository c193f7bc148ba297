//! YAML, written.

use super::Answer;
use crate::options::Options;
use crate::value::Value;

pub(super) fn yamlencode(values: &[Value], _: &Options<'_>) -> Answer {
    let mut encoded = String::new();
    if let Some(value) = values.first() {
        write(value, 0, false, &mut encoded);
        if matches!(value, Value::Null(_) | Value::Bool(_) | Value::Number(_)) {
            encoded.push_str("...\n");
        }
    }
    Ok(Value::text(&encoded))
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Writes the value with its line feed. `inline` means that something stands before it on its line already.
fn write(value: &Value, indent: usize, inline: bool, out: &mut String) {
    match value {
        Value::List(inner) | Value::Set(inner) | Value::Tuple(inner) if !inner.items.is_empty() => {
            for (index, item) in inner.items.iter().enumerate() {
                if index > 0 || !inline {
                    pad(indent, out);
                }
                out.push_str("- ");
                write(item, indent + 2, true, out);
            }
        }
        Value::Map(inner) | Value::Object(inner) if !inner.items.is_empty() => {
            for (index, (name, item)) in inner.items.iter().enumerate() {
                if index > 0 || !inline {
                    pad(indent, out);
                }
                write_quoted(name, out);
                out.push(':');
                write_member(item, indent, out);
            }
        }
        _ => {
            write_scalar(value, indent.max(2), out);
            out.push('\n');
        }
    }
}

/// The value behind a key: sequences stand under their key, maps further in.
fn write_member(value: &Value, indent: usize, out: &mut String) {
    let filled = |count: usize| count > 0;
    if value.elements().is_some_and(|items| filled(items.len())) {
        out.push('\n');
        write(value, indent, false, out);
    } else if value.entries().is_some_and(|items| filled(items.len())) {
        out.push('\n');
        write(value, indent + 2, false, out);
    } else {
        out.push(' ');
        write_scalar(value, indent + 2, out);
        out.push('\n');
    }
}

fn write_scalar(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.text()),
        Value::String(text) if text.contains('\n') => write_block(text, indent, out),
        Value::String(text) => write_quoted(text, out),
        Value::List(_) | Value::Set(_) | Value::Tuple(_) => out.push_str("[]"),
        Value::Map(_) | Value::Object(_) => out.push_str("{}"),
        Value::Null(_) | Value::Unknown => out.push_str("null"),
    }
}

/// Text of several lines, as it stands.
fn write_block(text: &str, indent: usize, out: &mut String) {
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    let body = text.trim_end_matches('\n');
    match text.len() - body.len() {
        0 => out.push('-'),
        1 if !body.is_empty() => {}
        _ => out.push('+'),
    }
    let lines = text.strip_suffix('\n').unwrap_or(text);
    for line in lines.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(indent, out);
            out.push_str(line);
        }
    }
}

fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            '\u{1b}' => out.push_str("\\e"),
            '\u{85}' => out.push_str("\\N"),
            '\u{a0}' => out.push_str("\\_"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            '\u{feff}' => out.push_str("\\uFEFF"),
            other if other.is_control() => out.push_str(&format!("\\x{:02X}", u32::from(other))),
            other => out.push(other),
        }
    }
    out.push('"');
}
