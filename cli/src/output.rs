//! How results look: tables, aligned blocks, short ids, relative times.
//!
//! Only text is made here; the commands print it. Column gaps, empty cells and units are the original's, because
//! scripts cut these columns.

mod json;
mod monitor;
mod paint;
mod table;
mod template;
mod time;
mod whole;

pub use json::pretty;
pub use monitor::monitor_line;
pub use paint::{Color, Paint};
pub use table::{key_values, list, list_with_blanks};
pub use template::{TemplateError, render};
pub use time::{absolute, absolute_text, difference, timestamp};
pub use whole::complete;

/// Characters of a short id.
const SHORT_ID: usize = 8;

/// An id as it is shown: the first eight characters, or all of it with `-verbose`.
pub fn id(id: &str, verbose: bool) -> &str {
    if verbose { id } else { id.get(..SHORT_ID).unwrap_or(id) }
}

/// The text, or `<none>` when it is empty.
pub fn or_none(text: &str) -> &str {
    if text.is_empty() { table::NONE } else { text }
}
