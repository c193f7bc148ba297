//! The tokens of the language.

use crate::position::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Ident,
    Number,
    OpenQuote,
    CloseQuote,
    OpenHeredoc {
        flush: bool,
    },
    CloseHeredoc,
    /// Literal text inside quotes.
    QuotedText,
    /// Literal text inside a heredoc: at most one line.
    HeredocText,
    /// `${`, with `~` to trim before it.
    Interpolation {
        trim: bool,
    },
    /// `%{`, with `~` to trim before it.
    Directive {
        trim: bool,
    },
    /// `}` of one of those, with `~` to trim behind it.
    SequenceEnd {
        trim: bool,
    },
    /// A line feed inside quotes, which is not allowed.
    QuotedNewline,
    Newline,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParen,
    CloseParen,
    Dot,
    Comma,
    Colon,
    DoubleColon,
    Question,
    Ellipsis,
    Arrow,
    Assign,
    Star,
    Slash,
    Percent,
    Plus,
    Minus,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Bang,
    BitAnd,
    BitOr,
    BitXor,
    BitNot,
    Backtick,
    Apostrophe,
    Semicolon,
    Invalid,
    End,
}

impl Kind {
    /// What closes a bracket of this kind.
    pub(crate) fn closer(self) -> Option<Kind> {
        match self {
            Kind::OpenBrace => Some(Kind::CloseBrace),
            Kind::OpenBracket => Some(Kind::CloseBracket),
            Kind::OpenParen => Some(Kind::CloseParen),
            Kind::OpenQuote => Some(Kind::CloseQuote),
            Kind::OpenHeredoc { .. } => Some(Kind::CloseHeredoc),
            Kind::Interpolation { .. } | Kind::Directive { .. } => Some(Kind::SequenceEnd { trim: false }),
            _ => None,
        }
    }

    /// The same kind, trimming left aside.
    pub(crate) fn same(self, other: Kind) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) range: Range,
}
