//! Numbers.

use num_bigint::BigUint;

use super::{Answer, Failure, number, text};
use crate::number::Number;
use crate::options::Options;
use crate::value::Value;

const RANGE_MAX: usize = 1024;

pub(super) fn abs(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::Number(number(values, 0).abs()))
}

pub(super) fn ceil(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::Number(number(values, 0).ceil()))
}

pub(super) fn floor(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::Number(number(values, 0).floor()))
}

fn from_float(value: f64) -> Answer {
    let number = Number::from_f64(value);
    number.map(Value::Number).ok_or_else(|| Failure::Call("the result is not a number".to_owned()))
}

pub(super) fn log(values: &[Value], _: &Options<'_>) -> Answer {
    from_float(number(values, 0).to_f64().ln() / number(values, 1).to_f64().ln())
}

pub(super) fn pow(values: &[Value], _: &Options<'_>) -> Answer {
    from_float(number(values, 0).to_f64().powf(number(values, 1).to_f64()))
}

fn best(values: &[Value], better: fn(&Number, &Number) -> bool) -> Answer {
    let mut found: Option<Number> = None;
    for index in 0..values.len() {
        let next = number(values, index);
        if found.as_ref().is_none_or(|best| better(&next, best)) {
            found = Some(next);
        }
    }
    found.map(Value::Number).ok_or_else(|| Failure::Call("must pass at least one number".to_owned()))
}

pub(super) fn max(values: &[Value], _: &Options<'_>) -> Answer {
    best(values, |next, best| next > best)
}

pub(super) fn min(values: &[Value], _: &Options<'_>) -> Answer {
    best(values, |next, best| next < best)
}

pub(super) fn signum(values: &[Value], _: &Options<'_>) -> Answer {
    let number = number(values, 0);
    let Some(whole) = number.to_i64() else {
        let (low, high) = (i64::MIN, i64::MAX);
        return Err(Failure::Call(format!("value must be a whole number, between {low} and {high}")));
    };
    Ok(Value::Number(Number::from_i64(whole.signum())))
}

/// What a digit is worth; beyond base 36 small and capital letters differ.
fn digit(letter: char, base: u32) -> Option<u32> {
    let worth = match letter {
        '0'..='9' | 'a'..='z' => letter.to_digit(36)?,
        'A'..='Z' if base <= 36 => letter.to_digit(36)?,
        'A'..='Z' => letter.to_digit(36)? + 26,
        _ => return None,
    };
    (worth < base).then_some(worth)
}

pub(super) fn parseint(values: &[Value], _: &Options<'_>) -> Answer {
    let Some(Value::String(_)) = values.first() else {
        let kind = values.first().map(|value| value.type_of().name()).unwrap_or_default();
        return Err(Failure::Argument(0, format!("first argument must be a string, not {kind}")));
    };
    let base = number(values, 1).to_u64().and_then(|base| u32::try_from(base).ok());
    let Some(base) = base.filter(|base| (2..=62).contains(base)) else {
        return Err(Failure::Argument(
            1,
            "base must be a whole number between 2 and 62 inclusive".to_owned(),
        ));
    };
    let given = text(values, 0);
    let (negative, digits) = match given.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, given.strip_prefix('+').unwrap_or(given)),
    };
    let bad = || Failure::Argument(0, format!("cannot parse {given:?} as a base {base} integer"));
    if digits.is_empty() || digits.len() > 4096 {
        return Err(bad());
    }
    let mut whole = BigUint::ZERO;
    for letter in digits.chars() {
        whole = whole * base + digit(letter, base).ok_or_else(bad)?;
    }
    Ok(Value::Number(Number::from_big(negative, whole)))
}

pub(super) fn range(values: &[Value], _: &Options<'_>) -> Answer {
    let zero = Number::zero();
    let (start, end, step) = match values.len() {
        1 => (zero.clone(), number(values, 0), None),
        2 => (number(values, 0), number(values, 1), None),
        3 => (number(values, 0), number(values, 1), Some(number(values, 2))),
        _ => return Err(Failure::Call("must have one, two, or three arguments".to_owned())),
    };
    let step = step.unwrap_or_else(|| Number::from_i64(if end < start { -1 } else { 1 }));
    if step.is_zero() {
        return Err(Failure::Argument(2, "step must not be zero".to_owned()));
    }
    let down = step < zero;
    if down && end > start {
        return Err(Failure::Argument(1, "end must be less than start when step is negative".to_owned()));
    }
    if !down && end < start {
        return Err(Failure::Argument(1, "end must be greater than start when step is positive".to_owned()));
    }
    let mut items = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if items.len() >= RANGE_MAX {
            let why = format!(
                "more than {RANGE_MAX} values were generated; either decrease the difference between start and end or use a smaller step"
            );
            return Err(Failure::Call(why));
        }
        items.push(Value::Number(next.clone()));
        next = next.add(&step).unwrap_or_else(|| end.clone());
    }
    Ok(Value::list(crate::value::types::Type::Number, items))
}
