//! The last lines of what arrives in pieces, for `-tail`.

use std::collections::VecDeque;

/// Lines of `-tail` without `-n`.
pub(super) const TAIL_LINES: i64 = 10;
/// Bytes read from the end for each line of `-tail`; a line is rarely longer.
pub(super) const BYTES_PER_LINE: i64 = 120;

/// The last lines of a text that arrives in pieces.
pub(super) struct Tail {
    lines: VecDeque<Vec<u8>>,
    open: Vec<u8>,
    most: usize,
}

impl Tail {
    pub(super) fn new(most: usize) -> Tail {
        Tail { lines: VecDeque::new(), open: Vec::new(), most }
    }

    /// That many lines; a negative number stands for none.
    pub(super) fn of(lines: i64) -> Tail {
        Tail::new(usize::try_from(lines).unwrap_or(0))
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.open.push(*byte);
            if *byte == b'\n' {
                self.lines.push_back(std::mem::take(&mut self.open));
                if self.lines.len() > self.most {
                    self.lines.pop_front();
                }
            }
        }
    }

    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        if !self.open.is_empty() {
            self.lines.push_back(self.open);
            if self.lines.len() > self.most {
                self.lines.pop_front();
            }
        }
        self.lines.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_keeps_the_last_lines_over_pieces() {
        let mut tail = Tail::new(2);
        for piece in ["one\ntw", "o\nth", "ree\nfo"] {
            tail.push(piece.as_bytes());
        }
        assert_eq!(tail.into_bytes(), b"three\nfo");
        let mut none = Tail::new(0);
        none.push(b"x\ny");
        assert_eq!(none.into_bytes(), b"");
    }
}
