//! Places in a text: lines and columns as people count them, bytes as the parser does.

use unicode_segmentation::UnicodeSegmentation;

/// A place in a text. Lines and columns start at one; a column is one character as it is seen (a grapheme cluster).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from one.
    pub line: usize,
    /// The column, from one.
    pub column: usize,
    /// The byte offset, from zero.
    pub byte: usize,
}

impl Position {
    pub(crate) const START: Self = Self { line: 1, column: 1, byte: 0 };

    /// The place behind `text`, which begins here.
    pub(crate) fn after(self, text: &str) -> Self {
        let byte = self.byte + text.len();
        if text.bytes().all(|byte| byte.is_ascii() && byte != b'\n') {
            return Self { line: self.line, column: self.column + text.len(), byte };
        }
        let mut place = Self { byte, ..self };
        for cluster in text.graphemes(true) {
            if cluster == "\n" || cluster == "\r\n" {
                place.line += 1;
                place.column = 1;
            } else {
                place.column += 1;
            }
        }
        place
    }
}

/// From where to where, within one of the texts of a parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    /// Which text, as an index into the list of the parse.
    pub(crate) text: usize,
    pub(crate) start: Position,
    pub(crate) end: Position,
}

impl Range {
    /// From the start of this one to the end of another.
    pub(crate) fn to(self, other: Self) -> Self {
        Self { end: other.end, ..self }
    }

    /// The empty range where this one starts.
    pub(crate) fn at_start(self) -> Self {
        Self { end: self.start, ..self }
    }
}
