//! Blanks between the tokens of a line: one, or none where they belong together.

use crate::syntax::Kind;

use super::lines::{Line, Piece, What};

/// Words that stand before an expression, and are no names of functions or lists there.
const KEYWORDS: [&str; 3] = ["in", "if", "for"];

pub(super) fn set(lines: &mut [Line<'_>]) {
    // What a closing brace ends may have begun lines before: true inside of `${` and `%{`.
    let mut open: Vec<bool> = Vec::new();
    for line in lines {
        for at in 0..line.pieces.len() {
            let blanks = match at {
                0 => 0,
                _ => usize::from(apart(&line.pieces, at, open.last() == Some(&true))),
            };
            let blanks = kept(&line.pieces, at).unwrap_or(blanks);
            line.pieces[at].blanks = blanks;
            match line.pieces[at].brackets() {
                1.. => open.push(line.pieces[at].is(Kind::Directive { trim: false })),
                ..0 => drop(open.pop()),
                0 => {}
            }
        }
    }
}

/// Directives keep the blanks that people like to give them: `%{ if x ~}`.
fn kept(pieces: &[Piece<'_>], at: usize) -> Option<usize> {
    let before = pieces.get(at.checked_sub(1)?)?;
    before.is(Kind::Directive { trim: false }).then(|| pieces[at].were.min(1))
}

/// Whether a blank stands before the piece; `directive` says that it is inside of `%{`.
fn apart(pieces: &[Piece<'_>], at: usize, directive: bool) -> bool {
    let (before, piece) = (&pieces[at - 1], &pieces[at]);
    let (What::Token(left), What::Token(right)) = (before.what, piece.what) else { return true };
    match (left, right) {
        (_, Kind::SequenceEnd { .. }) if directive => piece.were > 0,
        // Literal text and what it is made of.
        (Kind::OpenQuote | Kind::QuotedText | Kind::OpenHeredoc { .. } | Kind::HeredocText, _)
        | (_, Kind::CloseQuote | Kind::QuotedText | Kind::HeredocText | Kind::CloseHeredoc)
        | (Kind::Interpolation { .. } | Kind::SequenceEnd { .. }, _)
        | (_, Kind::SequenceEnd { .. } | Kind::Interpolation { .. } | Kind::Directive { .. }) => false,
        // Names with their steps and arguments.
        (_, Kind::Comma | Kind::Dot | Kind::Ellipsis | Kind::DoubleColon)
        | (Kind::Dot | Kind::DoubleColon | Kind::Bang, _) => false,
        (Kind::Minus, _) => !unary(pieces, at - 1),
        (Kind::Ident, Kind::OpenParen | Kind::OpenBracket) => keyword(pieces, at - 1),
        (Kind::CloseBracket | Kind::CloseParen | Kind::CloseQuote | Kind::Number, Kind::OpenBracket) => false,
        (Kind::OpenBracket | Kind::OpenParen, _)
        | (_, Kind::CloseBracket | Kind::CloseParen)
        | (Kind::OpenBrace, Kind::CloseBrace) => false,
        _ => true,
    }
}

/// A sign of the number behind it, not the difference of two.
fn unary(pieces: &[Piece<'_>], minus: usize) -> bool {
    let Some(at) = minus.checked_sub(1) else { return true };
    let splat = at.checked_sub(1).is_some_and(|dot| pieces[dot].is(Kind::Dot));
    let ends_a_value = match pieces[at].what {
        What::Token(Kind::Ident) => !keyword(pieces, at),
        What::Token(Kind::Star) => splat,
        What::Token(
            Kind::Number | Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParen | Kind::CloseQuote,
        ) => true,
        _ => false,
    };
    !ends_a_value
}

/// A word of an expression; behind a dot it is a name.
fn keyword(pieces: &[Piece<'_>], at: usize) -> bool {
    let behind_dot = at.checked_sub(1).is_some_and(|before| pieces[before].is(Kind::Dot));
    KEYWORDS.contains(&pieces[at].text) && !behind_dot
}
