//! The grammar of operands: selectors, numbers and strings.

use crate::cursor::Cursor;
use crate::quote::unquote;
use crate::syntax::Selector;
use regex::Regex;
use std::sync::LazyLock;

static POINTER_LETTER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{N}]$").ok());

const POINTER_CLASS: &str = r"[\pL\pN-_.~:|]";

/// A name: a letter, then letters, digits, `_` and `/`.
pub(crate) fn identifier(cursor: &mut Cursor<'_>) -> Option<String> {
    let start = cursor.at;
    if !cursor.class("[a-zA-Z]", |c| c.is_ascii_alphabetic()) {
        return None;
    }
    cursor.class_run("[a-zA-Z0-9_/]", |c| c.is_ascii_alphanumeric() || c == '_' || c == '/');
    Some(cursor.since(start).to_owned())
}

/// `A.b["k"].0` or `"/A/b/k/0"`.
pub(crate) fn selector(cursor: &mut Cursor<'_>) -> Option<Selector> {
    if let Some(first) = cursor.attempt(identifier) {
        let mut path = vec![first];
        while let Some(part) = cursor.attempt(part) {
            path.push(part);
        }
        return Some(Selector { path, pointer: false });
    }
    cursor.attempt(pointer)
}

fn part(cursor: &mut Cursor<'_>) -> Option<String> {
    let start = cursor.at;
    if cursor.literal(".", "\".\"") {
        if let Some(name) = cursor.attempt(identifier) {
            return Some(name);
        }
        if cursor.class_run("[0-9]", |c| c.is_ascii_digit()) {
            return Some(cursor.since(start + 1).to_owned());
        }
        return None;
    }
    if !cursor.literal("[", "\"[\"") {
        return None;
    }
    cursor.space();
    let place = cursor.at;
    let Some(key) = cursor.attempt(string) else {
        cursor.complain(place, "index", "Invalid index");
        return None;
    };
    cursor.space();
    if cursor.literal("]", "\"]\"") {
        return Some(key);
    }
    let place = cursor.at;
    cursor.complain(place, "index", "Unclosed index expression");
    None
}

fn pointer(cursor: &mut Cursor<'_>) -> Option<Selector> {
    if !cursor.literal("\"", r#""\"""#) {
        return None;
    }
    let mut path = Vec::new();
    while let Some(segment) = cursor.attempt(segment) {
        path.push(segment);
    }
    if path.is_empty() {
        // An empty pointer is read as the one key of no characters.
        path.push(String::new());
    }
    cursor.literal("\"", r#""\"""#).then_some(Selector { path, pointer: true })
}

fn segment(cursor: &mut Cursor<'_>) -> Option<String> {
    if !cursor.literal("/", "\"/\"") {
        return None;
    }
    let start = cursor.at;
    cursor
        .class_run(POINTER_CLASS, pointer_character)
        .then(|| cursor.since(start).replace("~1", "/").replace("~0", "~"))
}

fn pointer_character(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | ':' | '|');
    }
    POINTER_LETTER.as_ref().is_some_and(|letter| letter.is_match(c.encode_utf8(&mut [0; 4])))
}

/// What a selector is compared with. A text that could be a selector is one, which for a JSON pointer means that its
/// first `/` is lost: the original compares with the joined path as well.
pub(crate) fn value(cursor: &mut Cursor<'_>) -> Option<String> {
    if let Some(found) = selector(cursor) {
        return Some(found.to_string());
    }
    cursor.attempt(number).or_else(|| cursor.attempt(string))
}

fn number(cursor: &mut Cursor<'_>) -> Option<String> {
    let start = cursor.at;
    cursor.literal("-", "\"-\"");
    if !cursor.literal("0", "\"0\"") {
        if !cursor.class("[1-9]", |c| matches!(c, '1'..='9')) {
            return None;
        }
        cursor.class_run("[0-9]", |c| c.is_ascii_digit());
    }
    cursor.attempt(|cursor| {
        (cursor.literal(".", "\".\"") && cursor.class_run("[0-9]", |c| c.is_ascii_digit())).then_some(())
    });
    let stop = cursor.at;
    let ended = cursor.space() || cursor.end() || cursor.literal(")", "\")\"");
    cursor.at = stop;
    if !ended {
        cursor.complain(stop, "number", "Invalid number literal");
        return None;
    }
    Some(cursor.since(start).to_owned())
}

fn string(cursor: &mut Cursor<'_>) -> Option<String> {
    let start = cursor.at;
    let quote = if cursor.literal("`", "\"`\"") {
        '`'
    } else if cursor.literal("\"", r#""\"""#) {
        '"'
    } else {
        return None;
    };
    let Some(length) = cursor.rest().find(quote) else {
        let end = start + 1 + cursor.rest().len();
        cursor.complain(end, "string", "Unterminated string literal");
        return None;
    };
    cursor.at += length + 1;
    let content = cursor.since(start + 1);
    let text = unquote(&content[..length], quote == '`');
    if text.is_none() {
        // The rule itself matched; the mistake alone makes the parse fail.
        cursor.complain(start, "string", "invalid syntax");
    }
    Some(text.unwrap_or_default())
}
