//! Times and durations on the wire.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A duration: integer nanoseconds on the way out, those or a Go text such as `"30s"` on the way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ns(pub i64);

impl Serialize for Ns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Ns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Ns;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("time.Duration")
            }
            fn visit_i64<E: de::Error>(self, ns: i64) -> Result<Ns, E> {
                Ok(Ns(ns))
            }
            fn visit_u64<E: de::Error>(self, ns: u64) -> Result<Ns, E> {
                i64::try_from(ns).map(Ns).map_err(|_| E::custom(format!("duration {ns} is too long")))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Ns, E> {
                model::go_duration::parse(text).map(Ns).map_err(E::custom)
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
