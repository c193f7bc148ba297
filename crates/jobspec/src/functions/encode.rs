//! Base64, URLs and CSV.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Answer, Failure, text};
use crate::options::Options;
use crate::value::Value;
use crate::value::types::Type;

pub(super) fn base64encode(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::text(&STANDARD.encode(text(values, 0))))
}

pub(super) fn base64decode(values: &[Value], _: &Options<'_>) -> Answer {
    let given: String = text(values, 0).chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
    let bytes = STANDARD.decode(&given);
    let bytes =
        bytes.map_err(|_| Failure::Call(format!("failed to decode base64 data '{}'", text(values, 0))))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Value::text(&text)),
        // The doubled word is that of the original.
        Err(_) => {
            Err(Failure::Call("the result of decoding the the provided string is not valid UTF-8".to_owned()))
        }
    }
}

pub(super) fn urlencode(values: &[Value], _: &Options<'_>) -> Answer {
    let mut encoded = String::new();
    for byte in text(values, 0).bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte))
            }
            b' ' => encoded.push('+'),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(Value::text(&encoded))
}

/// One record: its fields, and the line it begins on.
struct Record {
    fields: Vec<String>,
    line: usize,
}

/// Reads along a text of comma separated values.
struct Csv<'t> {
    rest: &'t str,
    line: usize,
}

impl Csv<'_> {
    fn fail(&self, why: &str) -> Failure {
        Failure::Call(format!("CSV parse error on line {}: {why}", self.line))
    }

    fn record(&mut self) -> Result<Option<Record>, Failure> {
        while let Some(rest) = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n')) {
            self.rest = rest;
            self.line += 1;
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            fields.push(if self.rest.starts_with('"') { self.quoted()? } else { self.bare()? });
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                continue;
            }
            let rest = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n'));
            self.rest = rest.unwrap_or_default();
            self.line += 1;
            return Ok(Some(Record { fields, line }));
        }
    }

    fn bare(&mut self) -> Result<String, Failure> {
        let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        let field = if rest.starts_with('\n') { field.strip_suffix('\r').unwrap_or(field) } else { field };
        if field.contains('"') {
            return Err(self.fail("bare \" in non-quoted field"));
        }
        self.rest = self.rest.get(field.len()..).unwrap_or_default();
        Ok(field.to_owned())
    }

    fn quoted(&mut self) -> Result<String, Failure> {
        let mut field = String::new();
        self.rest = self.rest.get(1..).unwrap_or_default();
        loop {
            let Some(end) = self.rest.find('"') else {
                return Err(self.fail("extraneous or missing \" in quoted-field"));
            };
            let (part, rest) = self.rest.split_at(end);
            field.push_str(&part.replace("\r\n", "\n"));
            self.line += part.matches('\n').count();
            self.rest = rest.get(1..).unwrap_or_default();
            if let Some(rest) = self.rest.strip_prefix('"') {
                field.push('"');
                self.rest = rest;
                continue;
            }
            if self.rest.is_empty() || self.rest.starts_with([',', '\n']) || self.rest.starts_with("\r\n") {
                return Ok(field);
            }
            return Err(self.fail("extraneous or missing \" in quoted-field"));
        }
    }
}

pub(super) fn csvdecode(values: &[Value], _: &Options<'_>) -> Answer {
    let mut csv = Csv { rest: text(values, 0), line: 1 };
    let Some(header) = csv.record()? else { return Err(Failure::Call("missing header line".to_owned())) };
    for (index, name) in header.fields.iter().enumerate() {
        if header.fields.iter().take(index).any(|earlier| earlier == name) {
            return Err(Failure::Call(format!("duplicate column name {name:?}")));
        }
    }
    let mut rows = Vec::new();
    while let Some(record) = csv.record()? {
        if record.fields.len() != header.fields.len() {
            let line = record.line;
            return Err(Failure::Call(format!("CSV parse error on line {line}: wrong number of fields")));
        }
        let fields = header.fields.iter().zip(&record.fields);
        rows.push(Value::object(fields.map(|(name, field)| (name.clone(), Value::text(field))).collect()));
    }
    let attributes = header.fields.into_iter().map(|name| (name, Type::String)).collect();
    Ok(Value::list(Type::Object(attributes), rows))
}
