//! The grammar of expressions: or, and, not, grouping and collections. Comparisons are `comparison`'s.
//!
//! Alternatives that start alike are tried with their common start read once, so parsing stays linear; what a failed
//! parse reports is the same as if each had been tried from the beginning.

use crate::boundary::MAX_LENGTH;
use crate::comparison::comparison;
use crate::cursor::Cursor;
use crate::error::ParseError;
use crate::operand::{identifier, selector};
use crate::syntax::{Binding, Collection, Expression};

pub(crate) fn expression(text: &str) -> Result<Expression, ParseError> {
    if text.len() > MAX_LENGTH {
        return Err(ParseError::TooLong(text.len()));
    }
    let mut cursor = Cursor::new(text);
    cursor.space();
    let mut parsed = any_of(&mut cursor);
    if parsed.is_some() {
        cursor.space();
        if !cursor.end() {
            parsed = None;
        }
    }
    cursor.finish(parsed)
}

/// Alternatives joined by `or`. A collection ends the chain.
fn any_of(cursor: &mut Cursor<'_>) -> Option<Expression> {
    let mut parts = Vec::new();
    let Some(first) = all_of(cursor) else { return cursor.attempt(collection) };
    parts.push(first);
    loop {
        let next = cursor.attempt(|cursor| {
            if !cursor.word("or", "\"or\"", true) {
                return None;
            }
            match all_of(cursor) {
                Some(part) => Some((part, false)),
                None => collection(cursor).map(|part| (part, true)),
            }
        });
        let Some((part, last)) = next else { break };
        parts.push(part);
        if last {
            break;
        }
    }
    if parts.len() == 1 { parts.pop() } else { Some(Expression::Or(parts)) }
}

/// Conditions joined by `and`.
fn all_of(cursor: &mut Cursor<'_>) -> Option<Expression> {
    let mut parts = vec![negation(cursor)?];
    while let Some(part) =
        cursor.attempt(|cursor| if cursor.word("and", "\"and\"", true) { negation(cursor) } else { None })
    {
        parts.push(part);
    }
    if parts.len() == 1 { parts.pop() } else { Some(Expression::And(parts)) }
}

/// Any number of `not`, which cancel in pairs. `not` may also be a selector or value, so when what follows the last one
/// is no condition, the one before is tried as the start of one.
fn negation(cursor: &mut Cursor<'_>) -> Option<Expression> {
    let mut starts = vec![cursor.at];
    while cursor
        .attempt(|cursor| (cursor.literal("not", "\"not\"") && cursor.space()).then_some(()))
        .is_some()
    {
        starts.push(cursor.at);
    }
    while let Some(start) = starts.pop() {
        cursor.at = start;
        if let Some(found) = condition(cursor) {
            return Some(if starts.len() % 2 == 1 { Expression::Not(Box::new(found)) } else { found });
        }
    }
    None
}

/// A group in parentheses or a comparison.
fn condition(cursor: &mut Cursor<'_>) -> Option<Expression> {
    let start = cursor.at;
    let mut unmatched = None;
    if cursor.literal("(", "\"(\"") {
        cursor.space();
        if let Some(inner) = cursor.deeper(any_of) {
            cursor.space();
            if cursor.literal(")", "\")\"") {
                return Some(inner);
            }
            unmatched = Some(cursor.at);
        }
        cursor.at = start;
    }
    let found = cursor.attempt(comparison).map(Expression::Match);
    if let (None, Some(place)) = (&found, unmatched) {
        cursor.complain(place, "grouping", "Unmatched parentheses");
    }
    found
}

fn collection(cursor: &mut Cursor<'_>) -> Option<Expression> {
    let all = if cursor.literal("all", "\"all\"") {
        true
    } else if cursor.literal("any", "\"any\"") {
        false
    } else {
        return None;
    };
    if !cursor.space() {
        return None;
    }
    let selector = selector(cursor)?;
    if !cursor.word("as", "\"as\"", true) {
        return None;
    }
    let binding = binding(cursor)?;
    cursor.space();
    if !cursor.literal("{", "\"{\"") {
        return None;
    }
    cursor.space();
    let inner = cursor.deeper(any_of)?;
    cursor.space();
    let closed = cursor.literal("}", "\"}\"");
    closed.then(|| Expression::Collection(Box::new(Collection { all, selector, binding, inner })))
}

fn binding(cursor: &mut Cursor<'_>) -> Option<Binding> {
    let first = cursor.attempt(identifier);
    if first.is_none() && !cursor.literal("_", "\"_\"") {
        return None;
    }
    let second = cursor.attempt(|cursor| {
        cursor.space();
        if !cursor.literal(",", "\",\"") {
            return None;
        }
        cursor.space();
        match cursor.attempt(identifier) {
            Some(name) => Some(Some(name)),
            None => (first.is_some() && cursor.literal("_", "\"_\"")).then_some(None),
        }
    });
    match (first, second) {
        (Some(index), Some(Some(value))) => Some(Binding::Both(index, value)),
        (Some(index), Some(None)) => Some(Binding::Index(index)),
        (Some(name), None) => Some(Binding::Default(name)),
        (None, Some(Some(value))) => Some(Binding::Value(value)),
        (None, _) => None,
    }
}
