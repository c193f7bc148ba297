//! Wall time of the agent, read in one place.

/// Now, ns since 1970.
pub(crate) fn now_ns() -> i64 {
    runtime::Clock::system().now_ns()
}

/// RFC 3339 with nanoseconds, UTC.
pub(crate) fn rfc3339(ns: i64) -> String {
    let time = jiff::Timestamp::from_nanosecond(i128::from(ns));
    time.map_or_else(|_| String::new(), |time| time.to_string())
}
