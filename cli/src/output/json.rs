//! `-json`: four blanks of indentation, as the original prints.

use api::json::Numbers;
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

/// A value as indented JSON without a line feed at the end.
pub fn pretty<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut out = Vec::new();
    let indent = PrettyFormatter::with_indent(b"    ");
    value.serialize(&mut Serializer::with_formatter(&mut out, Numbers::printed(indent)))?;
    // The serializer writes UTF-8 only.
    Ok(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn four_blanks() {
        let value = serde_json::json!([{"a": []}]);
        assert_eq!(super::pretty(&value).unwrap(), "[\n    {\n        \"a\": []\n    }\n]");
    }
}
