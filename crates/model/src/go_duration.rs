//! Durations as Go writes them: `1h30m`, `-1.5s`, `500ms`.
//!
//! Job files, agent configuration, query parameters and API answers all carry this form, and scripts compare the text,
//! so both directions follow Go's `time.ParseDuration` and `Duration.String` to the last digit and error message.
//! This module knows no days or weeks (Go has none) and never reads a clock.

use thiserror::Error;

const NANOSECOND: u64 = 1;
const MICROSECOND: u64 = 1_000 * NANOSECOND;
const MILLISECOND: u64 = 1_000 * MICROSECOND;
const SECOND: u64 = 1_000 * MILLISECOND;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
/// The magnitude of `i64::MIN`: the one value that only a negative duration may have.
const LARGEST: u64 = 1 << 63;

/// Why a text is not a duration. The messages are Go's own, so that they can be passed on to users unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GoDurationError {
    /// Not of the form `[sign] number unit …`, or too large for 64 bits of nanoseconds.
    #[error("time: invalid duration {}", quote(.text))]
    Invalid {
        /// The whole text that was given.
        text: String,
    },
    /// A number without a unit behind it.
    #[error("time: missing unit in duration {}", quote(.text))]
    MissingUnit {
        /// The whole text that was given.
        text: String,
    },
    /// A unit other than `ns us µs ms s m h`.
    #[error("time: unknown unit {} in duration {}", quote(.unit), quote(.text))]
    UnknownUnit {
        /// The unit as it was written.
        unit: String,
        /// The whole text that was given.
        text: String,
    },
}

/// Read a duration such as `1h2m`, `+1.5s`, `-300ms` or `0`; the result is in nanoseconds.
pub fn parse(text: &str) -> Result<i64, GoDurationError> {
    let invalid = || GoDurationError::Invalid { text: text.to_owned() };
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (term, after) = parse_term(text, rest)?;
        total = total.checked_add(term).filter(|total| *total <= LARGEST).ok_or_else(invalid)?;
        rest = after;
    }
    match (negative, i64::try_from(total)) {
        (false, Ok(ns)) => Ok(ns),
        (true, Ok(ns)) => Ok(-ns),
        (true, Err(_)) => Ok(i64::MIN),
        (false, Err(_)) => Err(invalid()),
    }
}

/// One `number unit` at the start of `rest`: its nanoseconds (at most 2^63) and what follows it.
fn parse_term<'a>(text: &str, rest: &'a str) -> Result<(u64, &'a str), GoDurationError> {
    let invalid = || GoDurationError::Invalid { text: text.to_owned() };
    let digits_end = |s: &str| s.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(s.len());

    let whole_end = digits_end(rest);
    let (whole, mut after) = rest.split_at(whole_end);
    let mut fraction = "";
    if let Some(behind_dot) = after.strip_prefix('.') {
        let (digits, behind) = behind_dot.split_at(digits_end(behind_dot));
        (fraction, after) = (digits, behind);
    }
    if whole.is_empty() && fraction.is_empty() {
        return Err(invalid());
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
    if whole > LARGEST {
        return Err(invalid());
    }

    let unit_end = after.bytes().position(|b| b == b'.' || b.is_ascii_digit()).unwrap_or(after.len());
    let (unit, after) = after.split_at(unit_end);
    if unit.is_empty() {
        return Err(GoDurationError::MissingUnit { text: text.to_owned() });
    }
    let scale = unit_ns(unit)
        .ok_or_else(|| GoDurationError::UnknownUnit { unit: unit.to_owned(), text: text.to_owned() })?;
    let ns = whole.checked_mul(scale).filter(|ns| *ns <= LARGEST).ok_or_else(invalid)?;
    let ns = ns + fraction_ns(fraction, scale);
    if ns > LARGEST {
        return Err(invalid());
    }
    Ok((ns, after))
}

fn unit_ns(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => NANOSECOND,
        // U+00B5 (micro sign) and U+03BC (Greek mu) look alike; both are accepted.
        "us" | "\u{b5}s" | "\u{3bc}s" => MICROSECOND,
        "ms" => MILLISECOND,
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        _ => return None,
    })
}

/// The nanoseconds of `.digits` in a unit. Digits beyond what 63 bits hold are dropped, and the product is taken in
/// floating point, because that is how Go rounds and the results are compared as text.
fn fraction_ns(digits: &str, scale: u64) -> u64 {
    let (mut value, mut divisor) = (0u64, 1f64);
    for digit in digits.bytes() {
        let Some(next) = value.checked_mul(10).and_then(|v| v.checked_add(u64::from(digit - b'0'))) else {
            break;
        };
        if next > LARGEST {
            break;
        }
        value = next;
        divisor *= 10.0;
    }
    (value as f64 * (scale as f64 / divisor)) as u64
}

/// Write nanoseconds as Go prints them: `1h30m0s`, `1.5s`, `10µs`, `0s`.
pub fn format(ns: i64) -> String {
    let magnitude = ns.unsigned_abs();
    let body = match magnitude {
        0 => "0s".to_owned(),
        n if n < MICROSECOND => format!("{n}ns"),
        n if n < MILLISECOND => format!("{}µs", decimal(n, MICROSECOND)),
        n if n < SECOND => format!("{}ms", decimal(n, MILLISECOND)),
        n => {
            let (hours, minutes) = (n / HOUR, n / MINUTE % 60);
            let seconds = decimal(n % MINUTE, SECOND);
            match (hours, minutes) {
                (0, 0) => format!("{seconds}s"),
                (0, m) => format!("{m}m{seconds}s"),
                (h, m) => format!("{h}h{m}m{seconds}s"),
            }
        }
    };
    if ns < 0 { format!("-{body}") } else { body }
}

/// `value / unit` with as many decimals as it needs and no trailing zero.
fn decimal(value: u64, unit: u64) -> String {
    let (whole, rest) = (value / unit, value % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    let digits = format!("{rest:0width$}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

/// Go's quoting in these messages: bytes outside printable ASCII become `\xNN`.
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints_as_go_does() {
        let table: &[(&str, i64, &str)] = &[
            ("0", 0, "0s"),
            ("+0", 0, "0s"),
            ("-0s", 0, "0s"),
            ("1.s", 1_000_000_000, "1s"),
            ("+1s", 1_000_000_000, "1s"),
            ("-1s", -1_000_000_000, "-1s"),
            ("1.5h", 5_400_000_000_000, "1h30m0s"),
            ("30m1h", 5_400_000_000_000, "1h30m0s"),
            ("1h1h", 7_200_000_000_000, "2h0m0s"),
            ("1us", 1_000, "1µs"),
            ("1µs", 1_000, "1µs"),
            ("1μs", 1_000, "1µs"),
            ("0.9ns", 0, "0s"),
            ("1.9ns", 1, "1ns"),
            ("100ms", 100_000_000, "100ms"),
            ("3.14159265358979s", 3_141_592_653, "3.141592653s"),
            ("-9223372036854775808ns", i64::MIN, "-2562047h47m16.854775808s"),
            ("2562047h47m16.854775807s", i64::MAX, "2562047h47m16.854775807s"),
            ("0.9223372036854775807h", 3_320_413_933_267, "55m20.413933267s"),
            ("0.100000000000000000000h", 360_000_000_000, "6m0s"),
            ("0.3333333333333333333h", 1_200_000_000_000, "20m0s"),
            ("0.830103483285477580700h", 2_988_372_539_827, "49m48.372539827s"),
            ("-.5m", -30_000_000_000, "-30s"),
            ("+.25h", 900_000_000_000, "15m0s"),
            ("1m1ms1us1ns", 60_001_001_001, "1m0.001001001s"),
            ("12h34m56.789s", 45_296_789_000_000, "12h34m56.789s"),
            ("720h", 2_592_000_000_000_000, "720h0m0s"),
            ("7.ms", 7_000_000, "7ms"),
            ("1.5µs", 1_500, "1.5µs"),
        ];
        for (text, ns, printed) in table {
            assert_eq!(parse(text), Ok(*ns), "{text}");
            assert_eq!(format(*ns), *printed, "{text}");
        }
    }

    #[test]
    fn refuses_what_go_refuses_with_its_words() {
        let table: &[(&str, &str)] = &[
            ("", r#"time: invalid duration """#),
            ("1", r#"time: missing unit in duration "1""#),
            ("-", r#"time: invalid duration "-""#),
            (".s", r#"time: invalid duration ".s""#),
            ("+-1s", r#"time: invalid duration "+-1s""#),
            ("1 s", r#"time: unknown unit " s" in duration "1 s""#),
            ("1h,30m", r#"time: unknown unit "h," in duration "1h,30m""#),
            ("2d", r#"time: unknown unit "d" in duration "2d""#),
            ("1.1.1s", r#"time: missing unit in duration "1.1.1s""#),
            ("1e3s", r#"time: unknown unit "e" in duration "1e3s""#),
            ("9223372036854775808ns", r#"time: invalid duration "9223372036854775808ns""#),
            ("-9223372036854775809ns", r#"time: invalid duration "-9223372036854775809ns""#),
            ("9223372036.854775808s", r#"time: invalid duration "9223372036.854775808s""#),
            ("99999999999999999999s", r#"time: invalid duration "99999999999999999999s""#),
            ("1é", r#"time: unknown unit "\xc3\xa9" in duration "1\xc3\xa9""#),
            ("1s\n", r#"time: unknown unit "s\x0a" in duration "1s\x0a""#),
            ("1h30", r#"time: missing unit in duration "1h30""#),
            ("infinity", r#"time: invalid duration "infinity""#),
        ];
        for (text, message) in table {
            assert_eq!(parse(text).map_err(|e| e.to_string()), Err((*message).to_owned()), "{text}");
        }
    }

    #[test]
    fn prints_single_values() {
        for (ns, printed) in [
            (1, "1ns"),
            (999, "999ns"),
            (1_010, "1.01µs"),
            (9_999_999, "9.999999ms"),
            (59_999_999_999, "59.999999999s"),
            (3_600_000_000_001, "1h0m0.000000001s"),
            (86_400_000_000_000, "24h0m0s"),
            (-604_800_000_000_000, "-168h0m0s"),
            (-12_345, "-12.345µs"),
        ] {
            assert_eq!(format(ns), printed);
            assert_eq!(parse(printed), Ok(ns));
        }
    }
}
