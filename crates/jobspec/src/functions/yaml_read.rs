//! YAML, read.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::{Answer, Failure, text};
use crate::limits::{MAX_VALUE_DEPTH, MAX_VALUE_WEIGHT};
use crate::number::Number;
use crate::options::Options;
use crate::value::Value;

/// The place is always this one: so it is in the original, too.
const PLACE: &str = "on line 1, column 1";

struct Reader<'t> {
    events: Box<dyn Iterator<Item = Result<Event<'t>, String>> + 't>,
    anchors: BTreeMap<usize, Value>,
    depth: usize,
    weight: usize,
}

type Read<T> = Result<T, String>;

pub(super) fn yamldecode(values: &[Value], _: &Options<'_>) -> Answer {
    let parser = Parser::new_from_str(text(values, 0));
    let events = parser.map(|event| event.map(|(event, _)| event).map_err(|error| describe(error.info())));
    let mut reader = Reader { events: Box::new(events), anchors: BTreeMap::new(), depth: 0, weight: 0 };
    reader.document().map_err(|why| Failure::Call(format!("{PLACE}: {why}")))
}

/// The words of the original for what its reader finds most often.
fn describe(info: &str) -> String {
    match info {
        "did not find expected ',' or ']'" | "while parsing a flow sequence, expected ',' or ']'" => {
            "did not find expected ',' or ']'".to_owned()
        }
        other if other.contains("node content") || other.contains("flow") => {
            "did not find expected node content".to_owned()
        }
        other => other.to_owned(),
    }
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Read<Event<'t>> {
        loop {
            match self.events.next() {
                None => return Ok(Event::StreamEnd),
                Some(Ok(Event::Nothing | Event::StreamStart)) => {}
                Some(event) => return event,
            }
        }
    }

    fn document(&mut self) -> Read<Value> {
        let Event::DocumentStart(_) = self.next()? else {
            return Err("missing start of document".to_owned());
        };
        let first = self.next()?;
        let value = self.value(first)?;
        let Event::DocumentEnd = self.next()? else {
            return Err("unexpected extra content after value".to_owned());
        };
        match self.next()? {
            Event::StreamEnd => Ok(value),
            _ => Err("unexpected extra content after value".to_owned()),
        }
    }

    fn value(&mut self, event: Event<'t>) -> Read<Value> {
        let (value, anchor) = match event {
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned();
                let value = value.ok_or_else(|| "reference to undefined anchor".to_owned())?;
                (value, 0)
            }
            Event::Scalar(text, style, anchor, tag) => (scalar(&text, style, tag.as_deref())?, anchor),
            Event::SequenceStart(anchor, _) => (self.nested(Self::sequence)?, anchor),
            Event::MappingStart(anchor, _) => (self.nested(Self::mapping)?, anchor),
            _ => return Err("did not find expected node content".to_owned()),
        };
        self.weight = self.weight.saturating_add(value.weight());
        if self.weight > MAX_VALUE_WEIGHT || value.is_unknown() {
            return Err("the document is too large".to_owned());
        }
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
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

    fn sequence(&mut self) -> Read<Value> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Value::tuple(items)),
                event => items.push(self.value(event)?),
            }
        }
    }

    fn mapping(&mut self) -> Read<Value> {
        let mut items = BTreeMap::new();
        let mut merged: Vec<Value> = Vec::new();
        loop {
            let event = match self.next()? {
                Event::MappingEnd => break,
                event => event,
            };
            let merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let name = match self.value(event)? {
                Value::String(text) => text.to_string(),
                Value::Number(number) => number.text(),
                Value::Bool(flag) => flag.to_string(),
                _ => return Err("only strings, numbers and booleans can be used as mapping keys".to_owned()),
            };
            let next = self.next()?;
            let value = self.value(next)?;
            if merge {
                merged.push(value);
            } else {
                items.insert(name, value);
            }
        }
        for value in merged {
            let maps = match &value {
                Value::Tuple(list) => list.items.clone(),
                other => vec![other.clone()],
            };
            for map in maps {
                let Some(entries) = map.entries() else {
                    return Err("cannot merge what is no mapping".to_owned());
                };
                for (name, item) in entries {
                    items.entry(name.clone()).or_insert_with(|| item.clone());
                }
            }
        }
        Ok(Value::object(items))
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Read<Value> {
    let Some(tag) = tag else {
        return Ok(if style == ScalarStyle::Plain { resolve(text) } else { Value::text(text) });
    };
    let resolved = resolve(text);
    match (tag.suffix.as_str(), &resolved) {
        ("str" | "binary", _) => Ok(Value::text(text)),
        ("int" | "float", Value::Number(_)) | ("bool", Value::Bool(_)) | ("null", Value::Null(_)) => {
            Ok(resolved)
        }
        ("timestamp", Value::String(_)) => Ok(resolved),
        (suffix, _) => Err(format!("cannot parse {text:?} as tag:yaml.org,2002:{suffix}")),
    }
}

/// What a bare word means.
fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::null(),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            return Value::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    if let Some(number) = number(text) {
        return Value::Number(number);
    }
    if is_date(text) {
        return Value::text(&format!("{text}T00:00:00Z"));
    }
    Value::text(text)
}

fn is_date(text: &str) -> bool {
    let shape = |(index, byte): (usize, u8)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}

fn number(text: &str) -> Option<Number> {
    let plain = text.replace('_', "");
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let bases = [("0x", 16), ("0b", 2), ("0o", 8)];
    for (prefix, base) in bases {
        if let Some(rest) = digits.strip_prefix(prefix) {
            let size = num_bigint::BigUint::parse_bytes(rest.as_bytes(), base)?;
            return Some(Number::from_big(negative, size));
        }
    }
    if let Some(octal) = digits.strip_prefix('0').filter(|rest| !rest.is_empty())
        && octal.bytes().all(|byte| matches!(byte, b'0'..=b'7'))
    {
        return Some(Number::from_big(negative, num_bigint::BigUint::parse_bytes(octal.as_bytes(), 8)?));
    }
    if !digits.starts_with(|first: char| first == '.' || first.is_ascii_digit()) {
        return None;
    }
    Number::parse(&plain)
}
