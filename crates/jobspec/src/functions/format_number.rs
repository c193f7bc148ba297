//! Digits of numbers for `format`, without signs.

use num_bigint::BigUint;

use crate::number::Number;

/// With so many digits behind the point.
pub(super) fn fixed(number: &Number, places: usize) -> String {
    if number.is_infinite() {
        return "Inf".to_owned();
    }
    let digits = number.scaled(i64::try_from(places).unwrap_or_default()).to_string();
    if places == 0 {
        return digits;
    }
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    format!("{whole}.{fraction}")
}

/// The digits of a number without zeros at the ends, and the power of ten of the first one.
fn decimal(number: &Number) -> (String, i64) {
    let text = number.abs().text();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let skipped = i64::try_from(all.len() - digits.len()).unwrap_or_default();
    let exponent = i64::try_from(whole.len()).unwrap_or_default() - 1 - skipped;
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() { ("0".to_owned(), 0) } else { (digits.to_owned(), exponent) }
}

/// So many digits in all, rounded, and the power of ten of the first one.
fn rounded(number: &Number, count: usize) -> (String, i64) {
    let (_, exponent) = decimal(number);
    let count = i64::try_from(count).unwrap_or(1);
    let scaled = number.scaled(count - 1 - exponent);
    let digits = scaled.to_string();
    let longer = i64::try_from(digits.len()).unwrap_or_default() > count;
    if longer && scaled != BigUint::ZERO {
        let digits = digits.get(..digits.len() - 1).unwrap_or_default().to_owned();
        return (digits, exponent + 1);
    }
    (digits, exponent)
}

fn with_exponent(digits: &str, exponent: i64) -> String {
    let (first, rest) = digits.split_at(digits.len().min(1));
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{:02}", exponent.abs())
}

/// With an exponent and so many digits behind the point.
pub(super) fn scientific(number: &Number, places: usize) -> String {
    if number.is_infinite() {
        return "Inf".to_owned();
    }
    let (digits, exponent) = rounded(number, places + 1);
    let digits = format!("{digits:0<width$}", width = places + 1);
    with_exponent(&digits, exponent)
}

/// With an exponent where that is shorter; all digits unless a precision is given.
pub(super) fn general(number: &Number, precision: Option<usize>) -> String {
    if number.is_infinite() {
        return "Inf".to_owned();
    }
    let (digits, exponent) = match precision {
        Some(count) => {
            let (digits, exponent) = rounded(number, count.max(1));
            let short = digits.trim_end_matches('0').to_owned();
            (if short.is_empty() { "0".to_owned() } else { short }, exponent)
        }
        None => decimal(number),
    };
    let limit = precision.map_or(6, |given| i64::try_from(given.max(1)).unwrap_or(i64::MAX));
    if exponent < -4 || exponent >= limit {
        return with_exponent(&digits, exponent);
    }
    if exponent < 0 {
        let zeros = usize::try_from(-exponent - 1).unwrap_or_default();
        return format!("0.{}{digits}", "0".repeat(zeros));
    }
    let whole = usize::try_from(exponent + 1).unwrap_or_default();
    if digits.len() <= whole {
        return format!("{digits:0<whole$}");
    }
    let (head, tail) = digits.split_at(whole);
    format!("{head}.{tail}")
}
