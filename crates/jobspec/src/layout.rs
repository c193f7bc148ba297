//! The canonical layout of a text in this language, as HCL's own formatter lays it out.
//!
//! Only blanks between tokens change: two of them for each level of brackets at the beginning of a line, one or none
//! between tokens, and as many as it takes before the equals signs of neighbouring lines and before their comments.
//! Line feeds, comments, literal text and heredocs stay as they are, and so does the meaning. Laying out a result once
//! more changes nothing.

mod columns;
mod gaps;
mod indent;
mod lines;

use std::rc::Rc;

use crate::diagnostic::Diagnostics;
use crate::parse::check_size;
use crate::position::Position;
use crate::syntax::{parse_file, scan};
use lines::Line;

/// Lays out a text. `name` is what diagnostics call the file.
///
/// # Errors
///
/// What is wrong with its syntax; a text that cannot be understood is not touched.
pub fn layout(name: &str, text: &str) -> Result<String, Diagnostics> {
    check_size(name, text)?;
    let (source, file): (Rc<str>, Rc<str>) = (text.into(), name.into());
    let (_, found) = parse_file(&source, 0, &file);
    if !found.is_empty() {
        return Err(Diagnostics::lines(found));
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tokens = scan(body, 0, Position::START);
    let mut lines = lines::split(body, &tokens);
    gaps::set(&mut lines);
    indent::set(&mut lines);
    columns::align(&mut lines);
    let mut out = String::with_capacity(text.len());
    for line in &lines {
        write(line, &mut out);
    }
    Ok(out)
}

fn write(line: &Line<'_>, out: &mut String) {
    for piece in &line.pieces {
        out.extend(std::iter::repeat_n(' ', piece.blanks));
        out.push_str(piece.text);
    }
    out.push_str(line.end);
}

#[cfg(test)]
mod tests;
