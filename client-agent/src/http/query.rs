//! The query of a request's target: decoded names and values, the first of a name counts.

use std::collections::BTreeMap;

/// A parsed query.
pub(crate) struct Query(BTreeMap<String, String>);

impl Query {
    /// Reads everything after the question mark.
    pub(crate) fn parse(text: &str) -> Self {
        let mut pairs = BTreeMap::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.entry(decode(name)).or_insert_with(|| decode(value));
        }
        Query(pairs)
    }

    /// The value of a name; empty when there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (bytes[at], hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding() {
        let query = Query::parse("task=a%20b+c&type=stdout&type=stderr&follow&bad=%zz%");
        assert_eq!(query.get("task"), "a b c");
        assert_eq!(query.get("type"), "stdout");
        assert_eq!(query.get("follow"), "");
        assert_eq!(query.get("bad"), "%zz%");
    }
}
