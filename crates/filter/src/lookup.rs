//! Following a selector's path through a datum. Decides nothing about what is found.

use crate::coerce;
use crate::datum::{Datum, View};
use crate::error::EvalError;
use crate::quote::quote;
use crate::shape::Shapes;

/// Where a path leads.
pub(crate) enum Found<'a> {
    Value(View<'a>),
    /// The last part is a key its map does not have, which is no error.
    NotPresent,
}

/// Follows `path` from `root`.
pub(crate) fn follow<'a>(
    root: &View<'a>,
    shapes: &'a Shapes,
    path: &[String],
) -> Result<Found<'a>, EvalError> {
    let mut current = root.clone();
    for (at, part) in path.iter().enumerate() {
        let failed = |reason: String| EvalError::Lookup(format!("{} at part {at}: {reason}", pointer(path)));
        let next = match current.datum() {
            Datum::Struct => current.field(shapes, part).ok_or_else(|| {
                failed(format!("couldn't find key: struct field with name {}", quote(part)))
            })?,
            Datum::Map(_) => match current.entry(part) {
                Some(next) => next,
                // A missing key is forgiven below the top, at the path's end.
                None if at > 0 && at + 1 == path.len() => return Ok(Found::NotPresent),
                None => return Err(failed(format!("couldn't find key {}", quote(part)))),
            },
            Datum::Bytes(length) => indexed(&current, part, length).map_err(failed)?,
            Datum::List(length) => indexed(&current, part, length.unwrap_or_default()).map_err(failed)?,
            Datum::Array(length) => indexed(&current, part, length).map_err(failed)?,
            other => {
                let kind = other.kind();
                let text = format!("{}: at part {at}, invalid value kind: {kind}", pointer(path));
                return Err(EvalError::Lookup(text));
            }
        };
        current = next;
    }
    Ok(Found::Value(current))
}

fn indexed<'a>(list: &View<'a>, part: &str, length: usize) -> Result<View<'a>, String> {
    let index =
        coerce::signed(part).map_err(|_| format!("couldn't convert value {} to type int", quote(part)))?;
    let item = usize::try_from(index).ok().and_then(|index| list.item(index));
    item.ok_or_else(|| format!("index {index} is out of range (length = {length})"))
}

/// A path as a JSON pointer.
pub(crate) fn pointer(path: &[String]) -> String {
    path.iter().map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1"))).collect()
}
