//! `format` and `formatlist`.

use unicode_segmentation::UnicodeSegmentation;

use super::format_number::{fixed, general, scientific};
use super::{Answer, Failure, json, text};
use crate::number::Number;
use crate::options::Options;
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::types::Type;

const WIDTH_MAX: usize = 10_000;

/// One verb of a format.
struct Verb {
    /// As it is written, and where.
    raw: String,
    offset: usize,
    letter: char,
    /// The argument it formats, from zero.
    argument: usize,
    plus: bool,
    space: bool,
    minus: bool,
    zero: bool,
    sharp: bool,
    width: usize,
    precision: Option<usize>,
}

enum Part {
    Text(String),
    Verb(Verb),
}

fn fail(why: String) -> Failure {
    Failure::Call(why)
}

/// Splits a format; arguments are counted from left to right unless a verb names one.
fn parse(format: &str) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    let mut next_argument = 0;
    let mut rest = format;
    while !rest.is_empty() {
        let plain = rest.find('%').unwrap_or(rest.len());
        if plain > 0 {
            parts.push(Part::Text(rest.get(..plain).unwrap_or_default().to_owned()));
            rest = rest.get(plain..).unwrap_or_default();
            continue;
        }
        if let Some(behind) = rest.strip_prefix("%%") {
            parts.push(Part::Text("%".to_owned()));
            rest = behind;
            continue;
        }
        let offset = format.len() - rest.len();
        let verb = parse_verb(rest, offset, &mut next_argument)?;
        rest = rest.get(verb.raw.len()..).unwrap_or_default();
        parts.push(Part::Verb(verb));
    }
    Ok(parts)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn bounded(text: &str) -> usize {
    text.parse().unwrap_or(WIDTH_MAX).min(WIDTH_MAX)
}

fn parse_verb(source: &str, offset: usize, next_argument: &mut usize) -> Result<Verb, Failure> {
    let mut verb = Verb {
        raw: String::new(),
        offset,
        letter: ' ',
        argument: *next_argument,
        plus: false,
        space: false,
        minus: false,
        zero: false,
        sharp: false,
        width: 0,
        precision: None,
    };
    let mut at = 1;
    let rest = |at: usize| source.get(at..).unwrap_or_default();
    while let Some(flag) = rest(at).chars().next().filter(|flag| "+ -0#".contains(*flag)) {
        match flag {
            '+' => verb.plus = true,
            ' ' => verb.space = true,
            '-' => verb.minus = true,
            '0' => verb.zero = true,
            _ => verb.sharp = true,
        }
        at += 1;
    }
    if let Some(inner) = rest(at).strip_prefix('[') {
        let count = digits(inner);
        let index = inner.get(..count).and_then(|digits| digits.parse::<usize>().ok()).unwrap_or(0);
        if !rest(at + 1 + count).starts_with(']') || index == 0 {
            return Err(fail(format!("unrecognized format character '[' at offset {}", offset + at)));
        }
        verb.argument = index - 1;
        at += count + 2;
    }
    let count = digits(rest(at));
    verb.width = if count > 0 { bounded(rest(at).get(..count).unwrap_or_default()) } else { 0 };
    at += count;
    if rest(at).starts_with('.') {
        let count = digits(rest(at + 1));
        verb.precision = Some(rest(at + 1).get(..count).filter(|text| !text.is_empty()).map_or(0, bounded));
        at += 1 + count;
    }
    let Some(letter) = rest(at).chars().next() else {
        return Err(fail(format!("unterminated format sequence at offset {offset}")));
    };
    if !letter.is_ascii_alphabetic() {
        return Err(fail(format!("unrecognized format character '{letter}' at offset {}", offset + at)));
    }
    verb.letter = letter;
    verb.raw = source.get(..=at).unwrap_or_default().to_owned();
    *next_argument = verb.argument + 1;
    Ok(verb)
}

fn run(parts: &[Part], values: &[Value]) -> Result<String, Failure> {
    let mut shown = String::new();
    let mut used = 0;
    for part in parts {
        match part {
            Part::Text(text) => shown.push_str(text),
            Part::Verb(verb) => {
                let Some(value) = values.get(verb.argument) else {
                    let (raw, at) = (&verb.raw, verb.offset);
                    let (need, have) = (verb.argument + 1, values.len());
                    return Err(fail(format!(
                        "not enough arguments for {raw:?} at {at}: need index {need} but have {have} total"
                    )));
                };
                used = used.max(verb.argument + 1);
                shown.push_str(&one(verb, value)?);
            }
        }
    }
    if used < values.len() {
        let why = match used {
            0 => "too many arguments; no verbs in format string".to_owned(),
            used => format!("too many arguments; only {used} used by format string"),
        };
        return Err(Failure::Argument(used + 1, why));
    }
    Ok(shown)
}

fn one(verb: &Verb, value: &Value) -> Result<String, Failure> {
    let unsupported = |why: String| {
        let (raw, at) = (&verb.raw, verb.offset);
        fail(format!("unsupported value for {raw:?} at {at}: {why}"))
    };
    if value.is_null() && verb.letter != 'v' {
        return Err(unsupported("null value cannot be formatted".to_owned()));
    }
    let wanted = match verb.letter {
        'v' => return Ok(pad(verb, &plain(verb, value), false)),
        't' => Type::Bool,
        'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' => Type::Number,
        's' | 'q' => Type::String,
        letter => {
            let (raw, at) = (&verb.raw, verb.offset);
            return Err(fail(format!("unsupported format verb '{letter}' in {raw:?} at offset {at}")));
        }
    };
    match convert(value, &wanted).map_err(unsupported)? {
        Value::Bool(flag) => Ok(pad(verb, &flag.to_string(), false)),
        Value::Number(number) => {
            let digits = number_digits(verb, &number)
                .ok_or_else(|| unsupported("an integer is required".to_owned()))?;
            Ok(signed(verb, &number, &digits))
        }
        Value::String(text) => {
            let text = match verb.precision {
                Some(length) => text.graphemes(true).take(length).collect(),
                None => text.to_string(),
            };
            Ok(pad(verb, &if verb.letter == 'q' { quote(&text) } else { text }, false))
        }
        _ => Err(unsupported("a known value is required".to_owned())),
    }
}

/// `%v`: text as it is, everything else as JSON.
fn plain(verb: &Verb, value: &Value) -> String {
    match value {
        Value::String(text) if !verb.sharp => text.to_string(),
        Value::Number(number) if !verb.sharp => {
            let sign = if number.is_negative() { "-" } else { "" };
            format!("{sign}{}", general(number, None))
        }
        other => {
            let mut shown = String::new();
            json::write(other, &mut shown);
            shown
        }
    }
}

fn quote(text: &str) -> String {
    let mut shown = String::new();
    json::write(&Value::text(text), &mut shown);
    shown
}

/// The digits of a number without its sign; None when it would have to be a whole one.
fn number_digits(verb: &Verb, number: &Number) -> Option<String> {
    let whole = |radix| number.magnitude().map(|size| size.to_str_radix(radix));
    match verb.letter {
        'd' => whole(10),
        'b' => whole(2),
        'o' => whole(8),
        'x' => whole(16),
        'X' => whole(16).map(|digits| digits.to_uppercase()),
        'f' => Some(fixed(number, verb.precision.unwrap_or(6))),
        'e' => Some(scientific(number, verb.precision.unwrap_or(6))),
        'E' => Some(scientific(number, verb.precision.unwrap_or(6)).to_uppercase()),
        'g' => Some(general(number, verb.precision)),
        _ => Some(general(number, verb.precision).to_uppercase()),
    }
}

fn signed(verb: &Verb, number: &Number, digits: &str) -> String {
    let sign = match (number.is_negative() && !number.is_zero(), verb.plus, verb.space) {
        (true, _, _) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    if verb.zero && !verb.minus {
        let width = verb.width.saturating_sub(sign.len());
        return format!("{sign}{digits:0>width$}");
    }
    pad(verb, &format!("{sign}{digits}"), true)
}

fn pad(verb: &Verb, text: &str, number: bool) -> String {
    let missing = verb.width.saturating_sub(text.graphemes(true).count());
    let fill = if verb.zero && !verb.minus && !number { "0" } else { " " }.repeat(missing);
    if verb.minus { format!("{text}{fill}") } else { format!("{fill}{text}") }
}

pub(super) fn format(values: &[Value], _: &Options<'_>) -> Answer {
    let parts = parse(text(values, 0))?;
    Ok(Value::text(&run(&parts, values.get(1..).unwrap_or_default())?))
}

pub(super) fn formatlist(values: &[Value], _: &Options<'_>) -> Answer {
    let parts = parse(text(values, 0))?;
    let arguments = values.get(1..).unwrap_or_default();
    let mut rows: Option<(usize, usize)> = None;
    for (index, value) in arguments.iter().enumerate() {
        let Some(items) = value.elements() else { continue };
        match rows {
            None => rows = Some((index + 1, items.len())),
            Some((first, count)) if count != items.len() => {
                let (this, length) = (index + 1, items.len());
                let why = format!(
                    "argument {this} has length {length}, which is inconsistent with argument {first} of length {count}"
                );
                return Err(Failure::Argument(this, why));
            }
            Some(_) => {}
        }
    }
    let count = rows.map_or(1, |(_, count)| count);
    super::check_growth(count, text(values, 0).len())?;
    let mut shown = Vec::new();
    for row in 0..count {
        let pick = |value: &Value| match value.elements() {
            Some(items) => items.get(row).cloned().unwrap_or(Value::Unknown),
            None => value.clone(),
        };
        let picked: Vec<Value> = arguments.iter().map(pick).collect();
        shown.push(run(&parts, &picked).map_err(|failure| match failure {
            Failure::Call(why) => fail(format!("error on format iteration {row}: {why}")),
            other => other,
        })?);
    }
    Ok(super::text::texts(shown.into_iter()))
}
