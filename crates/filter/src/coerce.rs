//! A value's text as the type it is compared with, by Go's rules for numbers and booleans. Hexadecimal floats are refused.

use crate::quote::quote;
use thiserror::Error;

/// Why a text is not of a type: which reading was tried, the quoted text, and what was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("strconv.{function}: parsing {text}: {}", if *out_of_range { "value out of range" } else { "invalid syntax" })]
pub struct CoerceError {
    function: &'static str,
    text: String,
    /// The text is a number of the kind, but too large.
    pub out_of_range: bool,
}

fn error(function: &'static str, text: &str, out_of_range: bool) -> CoerceError {
    CoerceError { function, text: quote(text), out_of_range }
}

pub(crate) fn boolean(text: &str) -> Result<bool, CoerceError> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(error("ParseBool", text, false)),
    }
}

pub(crate) fn signed(text: &str) -> Result<i64, CoerceError> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let refuse = |out_of_range| error("ParseInt", text, out_of_range);
    let magnitude = i128::from(magnitude(digits).map_err(refuse)?);
    i64::try_from(if negative { -magnitude } else { magnitude }).map_err(|_| refuse(true))
}

pub(crate) fn unsigned(text: &str) -> Result<u64, CoerceError> {
    magnitude(text).map_err(|out_of_range| error("ParseUint", text, out_of_range))
}

/// A whole number in any base Go writes, with `_` between digits; the error tells whether it was only too large.
fn magnitude(text: &str) -> Result<u64, bool> {
    let mut lead = text.chars();
    let (radix, digits, prefixed) = match (lead.next(), lead.next().map(|c| c.to_ascii_lowercase())) {
        (Some('0'), Some('x')) => (16, &text[2..], true),
        (Some('0'), Some('o')) => (8, &text[2..], true),
        (Some('0'), Some('b')) => (2, &text[2..], true),
        (Some('0'), Some(_)) => (8, &text[1..], true),
        _ => (10, text, false),
    };
    let bare = if prefixed { digits.strip_prefix('_').unwrap_or(digits) } else { digits };
    if bare.is_empty() || bare.starts_with('_') || bare.ends_with('_') || bare.contains("__") {
        return Err(false);
    }
    let mut number = Some(0u64);
    for c in bare.chars().filter(|c| *c != '_') {
        let digit = c.to_digit(radix).ok_or(false)?;
        number = number.and_then(|n| n.checked_mul(u64::from(radix))?.checked_add(u64::from(digit)));
    }
    number.ok_or(true)
}

pub(crate) fn float64(text: &str) -> Result<f64, CoerceError> {
    float(text, f64::is_infinite)
}

pub(crate) fn float32(text: &str) -> Result<f32, CoerceError> {
    float(text, f32::is_infinite)
}

fn float<F: std::str::FromStr + Copy>(text: &str, infinite: fn(F) -> bool) -> Result<F, CoerceError> {
    let signed_nan = text.strip_prefix(['+', '-']).is_some_and(|rest| rest.eq_ignore_ascii_case("nan"));
    match text.parse::<F>() {
        Ok(number) if !signed_nan => {
            let overflow = infinite(number) && text.bytes().any(|b| b.is_ascii_digit());
            if overflow { Err(error("ParseFloat", text, true)) } else { Ok(number) }
        }
        _ => Err(error("ParseFloat", text, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        assert_eq!(signed("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(signed("0x_1F"), Ok(31));
        assert_eq!(signed("0_7"), Ok(7));
        assert!(!signed("1__0").unwrap_err().out_of_range);
        assert!(signed("9223372036854775808").unwrap_err().out_of_range);
        assert!(!unsigned("08").unwrap_err().out_of_range);
        assert_eq!(float64("Infinity"), Ok(f64::INFINITY));
        assert!(float32("1e60").unwrap_err().out_of_range);
        assert!(float64("-nan").is_err());
        assert!(float64("1_0.5").is_err());
    }
}
