//! Times as the original shows them: `5m ago`, `2h13m from now`, `2026-11-21T01:20:51Z`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

const SECOND_NS: i128 = 1_000_000_000;

/// Units from the smallest to the largest, with how many make the next.
const UNITS: &[(&str, u64)] = &[("s", 60), ("m", 60), ("h", 24), ("d", 30), ("mo", 12), ("y", u64::MAX)];

/// From `then_ns` to `now_ns` (nanoseconds since 1970) in at most two units, rounded to seconds: `1h3m ago`, or
/// `… from now` when `then_ns` lies ahead. Empty when `then_ns` is 0.
pub fn difference(then_ns: i64, now_ns: i64) -> String {
    if then_ns == 0 {
        return String::new();
    }
    let seconds = |ns: i64| (i128::from(ns) + SECOND_NS / 2).div_euclid(SECOND_NS);
    let (then, now) = (seconds(then_ns), seconds(now_ns));
    let suffix = if now >= then { "ago" } else { "from now" };
    let mut rest = u64::try_from((now - then).abs()).unwrap_or(u64::MAX);
    let mut parts: Vec<String> = Vec::new();
    for (unit, next) in UNITS {
        let count = rest % next;
        if count > 0 {
            parts.push(format!("{count}{unit}"));
        }
        rest /= next;
    }
    if parts.is_empty() {
        parts.push("0s".to_owned());
    }
    let shown: String = parts.iter().rev().take(2).map(String::as_str).collect();
    format!("{shown} {suffix}")
}

/// A time in the machine's time zone, `2026-11-21T01:20:51Z` or with an offset; `N/A` for 0.
pub fn absolute(ns: i64) -> String {
    if ns == 0 {
        return "N/A".to_owned();
    }
    in_zone(ns, &TimeZone::system())
}

/// A time of the API (RFC 3339) as `absolute` shows it; `N/A` for none, Go's zero time, and what is no time.
pub fn absolute_text(text: Option<&str>) -> String {
    let parsed = text.and_then(|text| text.parse::<Timestamp>().ok());
    let ns = parsed.and_then(|time| i64::try_from(time.as_nanosecond()).ok());
    // Go's zero time lies before 1678, where nanoseconds no longer fit.
    absolute(ns.unwrap_or(0))
}

/// `absolute` with `-verbose`, `difference` without.
pub fn timestamp(ns: i64, now_ns: i64, verbose: bool) -> String {
    if verbose { absolute(ns) } else { difference(ns, now_ns) }
}

fn in_zone(ns: i64, zone: &TimeZone) -> String {
    let Ok(timestamp) = Timestamp::from_nanosecond(i128::from(ns)) else {
        return "N/A".to_owned();
    };
    let zoned = timestamp.to_zoned(zone.clone());
    // Go writes Z for every zone without an offset.
    let format = if zoned.offset().seconds() == 0 { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%:z" };
    zoned.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_two_units() {
        const S: i64 = 1_000_000_000;
        let now = 1_795_224_051 * S;
        for (seconds, text) in [
            (0, "0s ago"),
            (1, "1s ago"),
            (60, "1m ago"),
            (300, "5m ago"),
            (3_600 + 180 + 5, "1h3m ago"),
            (3_600 + 5, "1h5s ago"),
            (86_400 * 2 + 7_200, "2d2h ago"),
            (86_400 * 40, "1mo10d ago"),
            (86_400 * 365, "1y5d ago"),
            (-90, "1m30s from now"),
        ] {
            assert_eq!(difference(now - seconds * S, now), text);
        }
        assert_eq!(difference(now - S / 2 - 1, now), "1s ago");
        assert_eq!(difference(0, now), "");
    }

    #[test]
    fn absolute_times_have_an_offset_or_z() {
        let ns = 1_795_224_051_251_840_043;
        assert_eq!(in_zone(ns, &TimeZone::UTC), "2026-11-21T01:20:51Z");
        assert_eq!(in_zone(ns, &TimeZone::fixed(jiff::tz::offset(-5))), "2026-11-20T20:20:51-05:00");
        assert_eq!(absolute(0), "N/A");
        assert_eq!(absolute_text(None), "N/A");
        assert_eq!(absolute_text(Some("0001-01-01T00:00:00Z")), "N/A");
        assert!(absolute_text(Some("2026-11-21T01:20:51.5Z")).starts_with("2026-11-2"));
    }
}
