//! Durations: nanoseconds, or text such as `1h30m`.

use std::rc::Rc;

use serde_json::Value as Json;

use crate::eval::scope::Scope;
use crate::eval::{Env, Out};
use crate::syntax::tree::Expression;
use crate::value::Value;

use super::attribute::{SUMMARY, UNKNOWN, signed};

const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Nanoseconds, or what is wrong with the text.
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (length, count, denominator) = quantity(rest).ok_or_else(invalid)?;
        rest = rest.get(length..).unwrap_or_default();
        let end = rest.find(|next: char| next == '.' || next.is_ascii_digit()).unwrap_or(rest.len());
        let unit = rest.get(..end).unwrap_or_default();
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {text:?}"));
        }
        let Some((_, size)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("time: unknown unit {unit:?} in duration {text:?}"));
        };
        rest = rest.get(end..).unwrap_or_default();
        let amount = count.checked_mul(*size).ok_or_else(invalid)? / denominator;
        total = total.checked_add(amount).filter(|total| *total <= 1 << 63).ok_or_else(invalid)?;
    }
    let signed = if negative { -total } else { total };
    i64::try_from(signed).map_err(|_| invalid())
}

/// The length of a number and the number itself, as digits over a power of ten.
fn quantity(text: &str) -> Option<(usize, i128, i128)> {
    let mut count: i128 = 0;
    let mut denominator: i128 = 1;
    let (mut digits, mut length, mut fraction) = (0, 0, false);
    for byte in text.bytes() {
        match byte {
            b'.' if !fraction => fraction = true,
            b'0'..=b'9' => {
                digits += 1;
                // Digits of the fraction past the eighteenth change nothing.
                if !fraction || denominator < 1_000_000_000_000_000_000 {
                    count = count.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                    denominator *= if fraction { 10 } else { 1 };
                }
                if count > 1 << 100 {
                    return None;
                }
            }
            _ => break,
        }
        length += 1;
    }
    (digits > 0).then_some((length, count, denominator))
}

impl Env<'_> {
    pub(super) fn decode_duration(
        &self,
        expression: &Expression,
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Option<Json> {
        let value = self.evaluate(expression, scope, out);
        let decoded = match &value {
            Value::Null(_) => {
                let range = expression.start_range();
                self.report(out, range, "Unsuitable value", "Unsuitable duration value: nil");
                return None;
            }
            Value::String(text) => match parse_duration(text) {
                Ok(nanoseconds) => return Some(Json::from(nanoseconds)),
                Err(why) => {
                    let detail = format!("Unsuitable duration value: {why}");
                    self.report(out, expression.start_range(), SUMMARY, &detail);
                    return None;
                }
            },
            Value::Number(number) => signed(number, 64),
            Value::Unknown => Err(UNKNOWN.to_owned()),
            other => Err(format!("expected a string but found {}", go_type(other))),
        };
        decoded.map_err(|why| self.unsuitable(expression, &why, out)).ok()
    }
}

/// The type of a value as the original happens to print it here.
fn go_type(value: &Value) -> String {
    match value {
        Value::Bool(_) => "{{{} %!s(cty.primitiveTypeKind=66)}}".to_owned(),
        other => other.type_of().name(),
    }
}
