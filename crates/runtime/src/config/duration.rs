//! Durations in configuration: Go's notation (`"1h30m"`) or an integer of nanoseconds.
//!
//! Written back as integer nanoseconds, which is how the agent's own configuration is shown over the API. Negative
//! durations are refused here, so that no reader has to think about them.

use serde::{Deserializer, Serializer, de};
use std::fmt;
use std::time::Duration;

/// For `#[serde(with = "duration")]` on a `Duration`.
pub(crate) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(i64::try_from(value.as_nanos()).unwrap_or(i64::MAX))
}

/// For `#[serde(with = "duration")]` on a `Duration`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(DurationVisitor)
}

struct DurationVisitor;

impl de::Visitor<'_> for DurationVisitor {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"30s\"")
    }

    fn visit_i64<E: de::Error>(self, ns: i64) -> Result<Duration, E> {
        match u64::try_from(ns) {
            Ok(ns) => Ok(Duration::from_nanos(ns)),
            Err(_) => Err(E::custom(format!("a duration cannot be negative ({ns} ns)"))),
        }
    }

    fn visit_u64<E: de::Error>(self, ns: u64) -> Result<Duration, E> {
        Ok(Duration::from_nanos(ns))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        self.visit_i64(model::go_duration::parse(text).map_err(E::custom)?)
    }
}

/// The same for `Option<Duration>`; an absent one is written as 0, as Go shows an unset duration.
pub(crate) mod option {
    use super::{Deserializer, Duration, DurationVisitor, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        super::serialize(&value.unwrap_or_default(), serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        deserializer.deserialize_any(DurationVisitor).map(Some)
    }
}
