//! JSON, read with the messages of the original's reader and written as it writes it.

use std::collections::BTreeMap;

use super::{Answer, Failure, text};
use crate::limits::MAX_VALUE_DEPTH;
use crate::number::Number;
use crate::options::Options;
use crate::value::Value;

pub(super) fn jsonencode(values: &[Value], _: &Options<'_>) -> Answer {
    let mut encoded = String::new();
    values.first().into_iter().for_each(|value| write(value, &mut encoded));
    Ok(Value::text(&encoded))
}

/// The value as JSON without blanks.
pub(super) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null(_) | Value::Unknown => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.text()),
        Value::String(text) => write_text(text, out),
        Value::List(inner) | Value::Set(inner) | Value::Tuple(inner) => {
            out.push('[');
            for (index, item) in inner.items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Map(inner) | Value::Object(inner) => {
            out.push('{');
            for (index, (name, item)) in inner.items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(name, out);
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Reads along a text.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

type Read<T> = Result<T, String>;

pub(super) fn jsondecode(values: &[Value], _: &Options<'_>) -> Answer {
    let mut reader = Reader { text: text(values, 0), at: 0, depth: 0 };
    let value = reader.value().map_err(Failure::Call)?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(Failure::Call("extraneous data after JSON object".to_owned())),
    }
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character that is no blank.
    fn peek(&mut self) -> Option<char> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        self.rest().chars().next()
    }

    fn unexpected(letter: char, context: &str) -> String {
        let shown = match letter {
            '\'' => "'\\''".to_owned(),
            '"' => "'\"'".to_owned(),
            other => format!("'{}'", other.escape_debug()),
        };
        format!("invalid character {shown} {context}")
    }

    fn value(&mut self) -> Read<Value> {
        let Some(next) = self.peek() else { return Err("EOF".to_owned()) };
        match next {
            '{' => self.nested(Self::object),
            '[' => self.nested(Self::array),
            '"' => self.string().map(|text| Value::text(&text)),
            '-' | '0'..='9' => self.number(),
            't' => self.word("true", Value::Bool(true)),
            'f' => self.word("false", Value::Bool(false)),
            'n' => self.word("null", Value::null()),
            other => Err(Self::unexpected(other, "looking for beginning of value")),
        }
    }

    fn nested(&mut self, inner: impl FnOnce(&mut Self) -> Read<Value>) -> Read<Value> {
        self.depth += 1;
        if self.depth > MAX_VALUE_DEPTH {
            return Err("exceeded max depth".to_owned());
        }
        let value = inner(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn word(&mut self, word: &str, value: Value) -> Read<Value> {
        for want in word.chars() {
            match self.rest().chars().next() {
                Some(letter) if letter == want => self.at += 1,
                None => return Err("unexpected EOF".to_owned()),
                Some(letter) => {
                    return Err(Self::unexpected(letter, &format!("in literal {word} (expecting '{want}')")));
                }
            }
        }
        Ok(value)
    }

    fn number(&mut self) -> Read<Value> {
        let rest = self.rest();
        let end = rest.find(|next: char| !matches!(next, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        let text = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let number = serde_json::from_str::<serde_json::Number>(text).ok().and_then(|_| Number::parse(text));
        self.at += text.len();
        number.map(Value::Number).ok_or_else(|| "invalid character in numeric literal".to_owned())
    }

    fn string(&mut self) -> Read<String> {
        let bytes = self.rest().as_bytes();
        let mut at = 1;
        loop {
            match bytes.get(at) {
                None => return Err("unexpected EOF".to_owned()),
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(byte) if *byte < 0x20 => {
                    return Err(Self::unexpected(char::from(*byte), "in string literal"));
                }
                Some(_) => at += 1,
            }
        }
        let literal = self.rest().get(..=at).unwrap_or_default();
        let decoded =
            serde_json::from_str(literal).map_err(|_| "invalid character in string escape code".to_owned());
        self.at += at + 1;
        decoded
    }

    fn array(&mut self) -> Read<Value> {
        self.at += 1;
        let mut items = Vec::new();
        if self.peek() == Some(']') {
            self.at += 1;
            return Ok(Value::tuple(items));
        }
        loop {
            items.push(self.value()?);
            match self.peek() {
                Some(',') => self.at += 1,
                Some(']') => break,
                None => return Err("EOF".to_owned()),
                Some(other) => return Err(Self::unexpected(other, "after array element")),
            }
        }
        self.at += 1;
        Ok(Value::tuple(items))
    }

    fn object(&mut self) -> Read<Value> {
        self.at += 1;
        let mut items = BTreeMap::new();
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(Value::object(items));
        }
        loop {
            match self.peek() {
                Some('"') => {}
                None => return Err("EOF".to_owned()),
                Some(other) => {
                    return Err(Self::unexpected(other, "looking for beginning of object key string"));
                }
            }
            let name = self.string()?;
            match self.peek() {
                Some(':') => self.at += 1,
                None => return Err("EOF".to_owned()),
                Some(other) => return Err(Self::unexpected(other, "after object key")),
            }
            items.insert(name, self.value()?);
            match self.peek() {
                Some(',') => self.at += 1,
                Some('}') => break,
                None => return Err("EOF".to_owned()),
                Some(other) => return Err(Self::unexpected(other, "after object key:value pair")),
            }
        }
        self.at += 1;
        Ok(Value::object(items))
    }
}
