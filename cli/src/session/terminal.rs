//! The terminal this program is talked to through.

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use std::io::{IsTerminal, stdin, stdout};

/// Lines and columns of a terminal that does not say.
pub const SIZE_DEFAULT: (u16, u16) = (24, 80);

/// A terminal that hands every key on at once and as it is. Dropped, it is as it was before.
#[derive(Debug)]
pub struct Raw {
    before: Termios,
}

impl Raw {
    /// Make the terminal of standard input raw; nothing where it is none.
    pub fn enter() -> Option<Raw> {
        let before = tcgetattr(stdin()).ok()?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Now, &raw).ok()?;
        Some(Raw { before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        let _gone = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }
}

/// Whether both directions go through a terminal.
pub fn both_ways() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// Lines and columns; nothing where there is no terminal, or one without a size.
pub fn size() -> Option<(u16, u16)> {
    let size = tcgetwinsize(stdout()).or_else(|_| tcgetwinsize(stdin())).ok()?;
    (size.ws_row > 0 && size.ws_col > 0).then_some((size.ws_row, size.ws_col))
}
