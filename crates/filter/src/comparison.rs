//! The grammar of comparisons: which operators there are and how they are written.

use crate::cursor::Cursor;
use crate::operand::{selector, value};
use crate::pattern::Pattern;
use crate::syntax::{Match, Test};

/// What a value is compared by, before the value is known.
#[derive(Clone, Copy)]
enum Operator {
    Equal,
    In,
    Matches,
}

/// A selector with its test, or a value sought in a selector.
pub(crate) fn comparison(cursor: &mut Cursor<'_>) -> Option<Match> {
    cursor
        .attempt(|cursor| {
            let selector = selector(cursor)?;
            let (test, negated) = match cursor.attempt(value_test) {
                Some(found) => found,
                None => cursor.attempt(bare_test)?,
            };
            Some(Match { selector, test, negated })
        })
        .or_else(|| cursor.attempt(value_first))
}

fn value_test(cursor: &mut Cursor<'_>) -> Option<(Test, bool)> {
    let (operator, negated) = value_operator(cursor)?;
    let raw = value(cursor)?;
    let test = match operator {
        Operator::Equal => Test::Equal(raw),
        Operator::In => Test::In(raw),
        Operator::Matches => {
            cursor.pattern()?;
            Test::Matches(Pattern::new(raw))
        }
    };
    Some((test, negated))
}

fn value_operator(cursor: &mut Cursor<'_>) -> Option<(Operator, bool)> {
    for (sign, wanted, negated) in [("==", "\"==\"", false), ("!=", "\"!=\"", true)] {
        let found = cursor.attempt(|cursor| {
            cursor.space();
            cursor.literal(sign, wanted).then(|| cursor.space())
        });
        if found.is_some() {
            return Some((Operator::Equal, negated));
        }
    }
    for (word, wanted, operator) in
        [("contains", "\"contains\"", Operator::In), ("matches", "\"matches\"", Operator::Matches)]
    {
        for negated in [false, true] {
            if optionally_not(cursor, negated, word, wanted) {
                return Some((operator, negated));
            }
        }
    }
    None
}

/// `word` or, negated, `not word`, with space around.
fn optionally_not(cursor: &mut Cursor<'_>, negated: bool, word: &str, wanted: &'static str) -> bool {
    let found = cursor.attempt(|cursor| {
        ((!negated || cursor.word("not", "\"not\"", false)) && cursor.word(word, wanted, true)).then_some(())
    });
    found.is_some()
}

fn bare_test(cursor: &mut Cursor<'_>) -> Option<(Test, bool)> {
    if !cursor.word("is", "\"is\"", false) {
        return None;
    }
    for (word, wanted, test) in [("empty", "\"empty\"", Test::IsEmpty), ("nil", "\"nil\"", Test::IsNil)] {
        for negated in [false, true] {
            let found = cursor.attempt(|cursor| {
                ((!negated || cursor.word("not", "\"not\"", false)) && cursor.word(word, wanted, false))
                    .then_some(())
            });
            if found.is_some() {
                return Some((test, negated));
            }
        }
    }
    None
}

fn value_first(cursor: &mut Cursor<'_>) -> Option<Match> {
    let raw = value(cursor)?;
    let negated =
        [false, true].into_iter().find(|negated| optionally_not(cursor, *negated, "in", "\"in\""))?;
    let place = cursor.at;
    match cursor.attempt(selector) {
        Some(selector) => Some(Match { selector, test: Test::In(raw), negated }),
        None => {
            cursor.complain(place, "match", "Invalid selector");
            None
        }
    }
}
