//! Blanks at the beginning of lines: two for each level.
//!
//! A line that opens brackets makes one level, however many they are, and the lines behind it are one level deeper until
//! as many are closed. A line that closes more than it opens is as deep as what comes behind it.

use super::lines::{Line, Piece};

/// Blanks of a level.
const STEP: usize = 2;

pub(super) fn set(lines: &mut [Line<'_>]) {
    // How many brackets each level has open.
    let mut levels: Vec<usize> = Vec::new();
    for line in lines {
        let net: isize = line.pieces.iter().map(Piece::brackets).sum();
        if net < 0 {
            close(&mut levels, net.unsigned_abs());
        }
        if let Some(first) = line.pieces.first_mut() {
            first.blanks = STEP * levels.len();
        }
        if net > 0 {
            levels.push(net.unsigned_abs());
        }
    }
}

fn close(levels: &mut Vec<usize>, mut count: usize) {
    while let Some(open) = levels.last_mut().filter(|_| count > 0) {
        let closed = count.min(*open);
        *open -= closed;
        count -= closed;
        if *open == 0 {
            levels.pop();
        }
    }
}
