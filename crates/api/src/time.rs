//! Times and durations on the wire.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use model::wire::Ns;

/// A duration as a Go text on the way out (`"24h0m0s"`), integer nanoseconds or a Go text on the way in; an empty
/// text is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GoDuration(pub i64);

impl Serialize for GoDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&model::go_duration::format(self.0))
    }
}

impl<'de> Deserialize<'de> for GoDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = GoDuration;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("time.Duration")
            }
            fn visit_i64<E: de::Error>(self, ns: i64) -> Result<GoDuration, E> {
                Ok(GoDuration(ns))
            }
            fn visit_u64<E: de::Error>(self, ns: u64) -> Result<GoDuration, E> {
                let ns = i64::try_from(ns);
                ns.map(GoDuration).map_err(|_| E::custom("time: invalid duration"))
            }
            fn visit_f64<E: de::Error>(self, ns: f64) -> Result<GoDuration, E> {
                Ok(GoDuration(ns as i64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<GoDuration, E> {
                if text.is_empty() {
                    return Ok(GoDuration(0));
                }
                model::go_duration::parse(text).map(GoDuration).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A switch that old clients write as 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Flag;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bool")
            }
            fn visit_bool<E: de::Error>(self, on: bool) -> Result<Flag, E> {
                Ok(Flag(on))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Flag, E> {
                Ok(Flag(number != 0))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The time of Go's zero value: what "never" looks like on the wire.
pub const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// RFC 3339 with nanoseconds, UTC; 0 is [`ZERO_TIME`].
pub fn rfc3339(ns: i64) -> String {
    match jiff::Timestamp::from_nanosecond(i128::from(ns)) {
        Ok(time) if ns != 0 => time.to_string(),
        _ => ZERO_TIME.to_owned(),
    }
}

/// RFC 3339, or `None` for 0.
pub fn rfc3339_or_null(ns: i64) -> Option<String> {
    (ns != 0).then(|| rfc3339(ns))
}

impl model::described::Described for GoDuration {
    fn schema(book: &mut model::described::Book) -> serde_json::Value {
        if book.requests {
            return serde_json::json!({ "type": ["string", "number"], "description": "a Go duration such as 24h, or nanoseconds" });
        }
        serde_json::json!({ "type": "string", "description": "a Go duration such as 24h0m0s" })
    }
}

impl model::described::Described for Flag {
    fn schema(_: &mut model::described::Book) -> serde_json::Value {
        serde_json::json!({ "type": ["boolean", "integer"] })
    }
}
