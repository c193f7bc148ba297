//! Reading and writing JSON the way the original's clients expect it.
//!
//! Keys match whatever their case, unknown ones are passed over, `null` stands for "left out", only the first value
//! of a body is read, and errors are worded as Go's decoder words them, because clients show them to people.

mod lenient;
mod syntax;
mod written;

use serde::de::DeserializeOwned;

pub use written::{Numbers, to_vec};

/// Why a body could not be read. The text is what the client is shown, with status 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Nothing was sent.
    #[error("Request body is empty")]
    Empty,
    /// It is no JSON.
    #[error("{0}")]
    Syntax(String),
    /// It is JSON of another shape.
    #[error("{0}")]
    Shape(String),
}

/// Reads the first JSON value of a body as a documented shape.
pub fn from_slice<T: DeserializeOwned>(body: &[u8]) -> Result<T, JsonError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(JsonError::Empty);
    }
    let mut values = serde_json::Deserializer::from_slice(body).into_iter::<serde_json::Value>();
    let value = match values.next() {
        None => return Err(JsonError::Empty),
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(JsonError::Syntax(syntax::explain(body, &error))),
    };
    from_value(&value)
}

/// Reads a value that has been parsed already.
pub fn from_value<T: DeserializeOwned>(value: &serde_json::Value) -> Result<T, JsonError> {
    T::deserialize(lenient::Reader::root(value)).map_err(|error| JsonError::Shape(error.to_string()))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, rename_all = "PascalCase")]
    struct Sample {
        name: String,
        count: Option<i64>,
        tags: Vec<String>,
        inner: Option<Inner>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Inner {
        #[serde(rename = "MemoryMB")]
        memory_mb: i64,
    }

    fn text(body: &str) -> String {
        from_slice::<Sample>(body.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn keys_match_in_any_case_and_null_means_left_out() {
        let body = br#"{"NAME":"a","count":3,"tags":null,"other":[1],"inner":{"memorymb":5}} trailing"#;
        let sample: Sample = from_slice(body).unwrap();
        assert_eq!((sample.name.as_str(), sample.count, sample.inner.unwrap().memory_mb), ("a", Some(3), 5));
    }

    #[test]
    fn errors_read_like_those_of_the_original() {
        assert_eq!(text(""), "Request body is empty");
        assert_eq!(text("{"), "unexpected EOF");
        assert_eq!(text("nonsense"), "invalid character 'o' in literal null (expecting 'u')");
        assert_eq!(text("{a}"), "invalid character 'a' looking for beginning of object key string");
        assert_eq!(text("[1 2]"), "invalid character '2' after array element");
        assert_eq!(
            text(r#"{"Count":"x"}"#),
            "json: cannot unmarshal string into Go struct field Sample.Count of type int"
        );
        assert_eq!(
            text(r#"{"Inner":{"MemoryMB":"x"}}"#),
            "json: cannot unmarshal string into Go struct field Sample.Inner.MemoryMB of type int"
        );
    }

    #[test]
    fn nesting_is_limited() {
        let deep = "[".repeat(100_000);
        assert!(from_slice::<Sample>(deep.as_bytes()).is_err());
    }
}
