//! A text as lines of pieces: its tokens, and the comments between them.
//!
//! A line ends at a line feed that is a token of its own; a heredoc or a comment over several lines is one piece of one
//! line.

use crate::syntax::{Kind, Token};

/// What stands between blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Token(Kind),
    Comment,
}

#[derive(Debug)]
pub(super) struct Piece<'a> {
    pub(super) what: What,
    pub(super) text: &'a str,
    /// Blanks before it.
    pub(super) blanks: usize,
    /// Blanks that stood before it.
    pub(super) were: usize,
}

impl Piece<'_> {
    pub(super) fn is(&self, kind: Kind) -> bool {
        matches!(self.what, What::Token(own) if own.same(kind))
    }

    /// One more bracket is open behind it, or one less.
    pub(super) fn brackets(&self) -> isize {
        match self.what {
            What::Token(
                Kind::OpenBrace
                | Kind::OpenBracket
                | Kind::OpenParen
                | Kind::OpenQuote
                | Kind::OpenHeredoc { .. }
                | Kind::Interpolation { .. }
                | Kind::Directive { .. },
            ) => 1,
            What::Token(
                Kind::CloseBrace
                | Kind::CloseBracket
                | Kind::CloseParen
                | Kind::CloseQuote
                | Kind::CloseHeredoc
                | Kind::SequenceEnd { .. },
            ) => -1,
            _ => 0,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Line<'a> {
    pub(super) pieces: Vec<Piece<'a>>,
    /// Its line feed, or nothing at the end of the text.
    pub(super) end: &'a str,
}

impl Line<'_> {
    /// Where its assignment begins: the equals sign, if the brackets behind it are closed again.
    pub(super) fn assignment(&self) -> Option<usize> {
        let at = self.pieces.iter().skip(1).position(|piece| piece.is(Kind::Assign))? + 1;
        let open: isize = self.pieces[at..].iter().map(Piece::brackets).sum();
        (open == 0).then_some(at)
    }

    /// Where the comment behind everything else begins.
    pub(super) fn comment(&self) -> Option<usize> {
        let last = self.pieces.len().checked_sub(1).filter(|last| *last > 0)?;
        (self.pieces[last].what == What::Comment).then_some(last)
    }
}

/// Cut a text along its tokens.
pub(super) fn split<'a>(text: &'a str, tokens: &[Token]) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut at = 0;
    for token in tokens {
        let (start, end) = (token.range.start.byte, token.range.end.byte);
        let gap = text.get(at..start).unwrap_or_default();
        let words = text.get(start..end).unwrap_or_default();
        at = end;
        let after = between(&mut line, gap);
        let mut push = |what, text| line.pieces.push(Piece { what, text, blanks: 0, were: after });
        match token.kind {
            Kind::Newline => {
                let bare = words.trim_end_matches(['\n', '\r']);
                if !bare.is_empty() {
                    push(What::Comment, bare);
                }
                line.end = &words[bare.len()..];
                lines.push(std::mem::take(&mut line));
            }
            Kind::End => {}
            kind => push(What::Token(kind), words),
        }
    }
    if !line.pieces.is_empty() {
        lines.push(line);
    }
    lines
}

/// The comments in what the scanner passed over. Gives the blanks behind the last of them.
fn between<'a>(line: &mut Line<'a>, gap: &'a str) -> usize {
    let mut rest = gap;
    loop {
        let comment = rest.trim_start_matches([' ', '\t']);
        let were = rest.len() - comment.len();
        if comment.is_empty() {
            return were;
        }
        let length = match comment.strip_prefix("/*").and_then(|inner| inner.find("*/")) {
            Some(inner) => inner + 4,
            // The last line of the text may be a comment without a line feed.
            None => comment.len(),
        };
        line.pieces.push(Piece { what: What::Comment, text: &comment[..length], blanks: 0, were });
        rest = &comment[length..];
    }
}
