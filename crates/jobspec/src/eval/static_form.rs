//! Expressions that are read as they stand instead of being evaluated: keywords, lists of expressions, type names.

use crate::syntax::tree::{Expression, Kind};

/// The expressions of a list that is written out.
pub(crate) fn static_list(expression: &Expression) -> Option<&[Expression]> {
    match &expression.kind {
        Kind::Tuple { items, .. } => Some(items),
        _ => None,
    }
}

/// The name and the number of steps of a reference that is written out.
pub(crate) fn static_reference(expression: &Expression) -> Option<(&str, usize)> {
    match &expression.kind {
        Kind::Root { name, steps, .. } => Some((name, steps.len())),
        _ => None,
    }
}
