//! Neighbouring lines: their equals signs stand below each other, and so do the comments behind them.

use unicode_segmentation::UnicodeSegmentation;

use super::lines::{Line, Piece};

pub(super) fn align(lines: &mut [Line<'_>]) {
    chains(lines, Line::assignment);
    chains(lines, Line::comment);
}

/// In every run of lines that have such a column, give it the same place.
fn chains<'a>(lines: &mut [Line<'a>], column: fn(&Line<'a>) -> Option<usize>) {
    let mut rest = lines;
    while !rest.is_empty() {
        let skipped = rest.iter().take_while(|line| column(line).is_none()).count();
        let (_, from) = rest.split_at_mut(skipped);
        let length = from.iter().take_while(|line| column(line).is_some()).count();
        let (chain, behind) = from.split_at_mut(length);
        let starts: Vec<(usize, usize)> =
            chain.iter().filter_map(|line| column(line).map(|at| (at, width(&line.pieces[..at])))).collect();
        let widest = starts.iter().map(|(_, width)| *width).max().unwrap_or(0);
        for (line, (at, width)) in chain.iter_mut().zip(starts) {
            line.pieces[at].blanks = 1 + widest - width;
        }
        rest = behind;
    }
}

/// Columns that pieces take; of those with line feeds, their last line.
fn width(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().fold(0, |width, piece| match piece.text.rsplit_once('\n') {
        Some((_, last)) => last.graphemes(true).count(),
        None => width + piece.blanks + piece.text.graphemes(true).count(),
    })
}
