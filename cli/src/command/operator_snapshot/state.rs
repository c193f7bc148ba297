//! What is in a snapshot file, row by row, as JSON. The names are those that the servers use among themselves.

use super::{describe, open};
use crate::console::{Console, Failure};
use model::codec::decode;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt::{self, Write};

/// Prints every row: an object with a list for each table. Only one row is held at a time.
pub(super) fn print(file: &str, console: Console) -> Result<u8, Failure> {
    // Nothing is printed of a file that is damaged further on.
    describe(file)?;
    let failed = |why: String| Failure::new(format!("Error reading snapshot: {file}: {why}"));
    let mut rows = open(file)?.rows().map_err(|e| failed(e.to_string()))?;
    let mut table = None;
    console.write(b"{");
    while let Some((key, value)) = rows.next().map_err(|e| failed(e.to_string()))? {
        let name = key.table();
        let Row(value) = decode(&value).map_err(|e| failed(e.to_string()))?;
        let between = match table {
            Some(known) if known == name => ",\n    ".to_owned(),
            before => {
                let end = if before.is_some() { "\n  ],\n  " } else { "\n  " };
                format!("{end}{}: [\n    ", Value::from(name))
            }
        };
        table = Some(name);
        console.write(format!("{between}{value}").as_bytes());
    }
    console.write(if table.is_some() { b"\n  ]\n}\n" } else { b"}\n" });
    Ok(0)
}

/// Whatever a row holds. Sixteen bytes are an id; other bytes are shown in hexadecimal.
struct Row(Value);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Row, D::Error> {
        deserializer.deserialize_any(Anything).map(Row)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, inside: D) -> Result<Value, D::Error> {
        inside.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inside: D) -> Result<Value, D::Error> {
        inside.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        let mut text = String::with_capacity(bytes.len() * 2 + 4);
        for (at, byte) in bytes.iter().enumerate() {
            if bytes.len() == 16 && [4, 6, 8, 10].contains(&at) {
                text.push('-');
            }
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Row(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some((Row(key), Row(value))) = entries.next_entry()? {
            let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            all.insert(key, value);
        }
        Ok(all.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::codec::encode;
    use model::id::EvalId;
    use model::{Evaluation, RootKey};

    #[test]
    fn rows_of_any_kind_are_shown() {
        let id: EvalId = "11111111-2222-3333-4444-555555555555".parse().unwrap();
        let eval = Evaluation { id, namespace: "default".into(), priority: 50, ..Evaluation::default() };
        let Row(shown) = decode(&encode(&eval)).unwrap();
        assert_eq!(shown["id"], "11111111-2222-3333-4444-555555555555");
        assert_eq!((&shown["namespace"], &shown["priority"]), (&"default".into(), &50.into()));
        let key = RootKey { exponent: vec![1, 0, 1], active: true, ..RootKey::default() };
        let Row(shown) = decode(&encode(&key)).unwrap();
        assert_eq!((&shown["exponent"], &shown["active"]), (&"010001".into(), &true.into()));
    }
}
