//! Text.

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

use super::{Answer, Failure, text, whole};
use crate::options::Options;
use crate::value::Value;
use crate::value::types::Type;

pub(super) fn texts(items: impl Iterator<Item = String>) -> Value {
    Value::list(Type::String, items.map(|item| Value::text(&item)).collect())
}

pub(super) fn chomp(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::text(text(values, 0).trim_end_matches(['\r', '\n'])))
}

pub(super) fn indent(values: &[Value], _: &Options<'_>) -> Answer {
    let spaces = whole(values, 0)?.clamp(0, 10_000);
    let pad = format!("\n{}", " ".repeat(usize::try_from(spaces).unwrap_or_default()));
    let lines = text(values, 1).matches('\n').count();
    super::check_growth(lines, pad.len())?;
    Ok(Value::text(&text(values, 1).replace('\n', &pad)))
}

pub(super) fn join(values: &[Value], _: &Options<'_>) -> Answer {
    if values.len() < 2 {
        return Err(Failure::Call("at least one list is required".to_owned()));
    }
    let mut parts: Vec<&str> = Vec::new();
    for (index, list) in values.iter().enumerate().skip(1) {
        for (at, item) in list.elements().unwrap_or_default().iter().enumerate() {
            let Value::String(part) = item else {
                let why = format!("element {at} is null; cannot concatenate null values");
                return Err(Failure::Argument(index, why));
            };
            parts.push(part);
        }
    }
    super::check_growth(parts.len(), text(values, 0).len())?;
    Ok(Value::text(&parts.join(text(values, 0))))
}

/// One letter for one letter: what would become several letters stays.
fn map_letters(given: &str, map: fn(char) -> String) -> String {
    let mut mapped = String::with_capacity(given.len());
    for letter in given.chars() {
        let other = map(letter);
        match other.chars().count() {
            1 => mapped.push_str(&other),
            _ => mapped.push(letter),
        }
    }
    mapped
}

pub(super) fn lower(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::text(&map_letters(text(values, 0), |letter| letter.to_lowercase().collect())))
}

pub(super) fn upper(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::text(&map_letters(text(values, 0), |letter| letter.to_uppercase().collect())))
}

pub(super) fn title(values: &[Value], _: &Options<'_>) -> Answer {
    let separates = |letter: char| match letter.is_ascii() {
        true => !letter.is_ascii_alphanumeric() && letter != '_',
        false => letter.is_whitespace(),
    };
    let mut titled = String::new();
    let mut at_start = true;
    for letter in text(values, 0).chars() {
        match at_start {
            true => {
                titled.push_str(&map_letters(&letter.to_string(), |letter| letter.to_uppercase().collect()))
            }
            false => titled.push(letter),
        }
        at_start = separates(letter);
    }
    Ok(Value::text(&titled))
}

pub(super) fn replace(values: &[Value], _: &Options<'_>) -> Answer {
    let (given, old, new) = (text(values, 0), text(values, 1), text(values, 2));
    super::check_growth(given.matches(old).count(), new.len())?;
    Ok(Value::text(&given.replace(old, new)))
}

pub(super) fn regex_replace(values: &[Value], _: &Options<'_>) -> Answer {
    let (given, pattern, new) = (text(values, 0), text(values, 1), text(values, 2));
    let built = regex::RegexBuilder::new(pattern).size_limit(1 << 20).build();
    let regex: Regex = built.map_err(|error| Failure::Call(regex_error(pattern, &error)))?;
    let found = regex.find_iter(given).count();
    super::check_growth(found, new.len() + new.matches('$').count().saturating_mul(given.len()))?;
    Ok(Value::text(&regex.replace_all(given, new)))
}

/// The words of the original for the usual mistakes.
fn regex_error(pattern: &str, error: &regex::Error) -> String {
    let shown = error.to_string();
    let last = shown.lines().last().unwrap_or_default().trim_start_matches("error: ");
    let (what, part) = match last {
        "unclosed character class" => ("missing closing ]", pattern.get(pattern.rfind('[').unwrap_or(0)..)),
        "unclosed group" => ("missing closing )", Some(pattern)),
        "unopened group" => ("unexpected )", Some(pattern)),
        "repetition operator missing expression" => {
            let at = pattern.find(['*', '+', '?']).unwrap_or(0);
            ("missing argument to repetition operator", pattern.get(at..=at))
        }
        other => (other, Some(pattern)),
    };
    format!("error parsing regexp: {what}: `{}`", part.unwrap_or(pattern))
}

pub(super) fn split(values: &[Value], _: &Options<'_>) -> Answer {
    let (separator, given) = (text(values, 0), text(values, 1));
    if separator.is_empty() {
        return Ok(texts(given.chars().map(String::from)));
    }
    Ok(texts(given.split(separator).map(str::to_owned)))
}

pub(super) fn strlen(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::integer(text(values, 0).graphemes(true).count()))
}

pub(super) fn strrev(values: &[Value], _: &Options<'_>) -> Answer {
    let reversed: String = text(values, 0).graphemes(true).rev().collect();
    Ok(Value::text(&reversed))
}

pub(super) fn substr(values: &[Value], _: &Options<'_>) -> Answer {
    let letters: Vec<&str> = text(values, 0).graphemes(true).collect();
    let (offset, length) = (whole(values, 1)?, whole(values, 2)?);
    let count = i64::try_from(letters.len()).unwrap_or(i64::MAX);
    let start = if offset < 0 { offset.saturating_add(count).max(0) } else { offset };
    let end = if length < 0 { count } else { start.saturating_add(length).min(count) };
    let bounds = (usize::try_from(start).unwrap_or_default(), usize::try_from(end).unwrap_or_default());
    let part = letters.get(bounds.0..bounds.1).unwrap_or_default();
    Ok(Value::text(&part.concat()))
}

pub(super) fn trim(values: &[Value], _: &Options<'_>) -> Answer {
    let cut: Vec<char> = text(values, 1).chars().collect();
    Ok(Value::text(text(values, 0).trim_matches(cut.as_slice())))
}

pub(super) fn trimprefix(values: &[Value], _: &Options<'_>) -> Answer {
    let given = text(values, 0);
    Ok(Value::text(given.strip_prefix(text(values, 1)).unwrap_or(given)))
}

pub(super) fn trimsuffix(values: &[Value], _: &Options<'_>) -> Answer {
    let given = text(values, 0);
    Ok(Value::text(given.strip_suffix(text(values, 1)).unwrap_or(given)))
}

pub(super) fn trimspace(values: &[Value], _: &Options<'_>) -> Answer {
    Ok(Value::text(text(values, 0).trim()))
}
