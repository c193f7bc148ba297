//! The filter itself: text in, verdicts out. Holds the parsed expression and refuses to keep anything between two items.

use crate::error::{EvalError, ParseError};
use crate::evaluate::Evaluation;
use crate::parse;
use crate::shape::{Shape, Shapes};
use crate::syntax::Expression;
use serde_json::Value;

/// The longest expression accepted, in bytes.
pub const MAX_LENGTH: usize = 16 * 1024;

/// How many parentheses and collection bodies may stand inside one another.
pub const MAX_DEPTH: usize = 64;

/// How many patterns an expression may have; each costs time to compile before the first item is looked at.
pub const MAX_PATTERNS: usize = 32;

/// How many items the collections of an expression may ask for one datum, nested ones counted each time.
pub const MAX_STEPS: usize = 1_000_000;

/// A parsed filter expression.
#[derive(Debug, Clone)]
pub struct Filter {
    expression: Expression,
}

impl Filter {
    /// Reads an expression.
    ///
    /// # Errors
    /// The text breaks the grammar (message `line:column (offset): …`), is longer than [`MAX_LENGTH`] bytes or nested
    /// deeper than [`MAX_DEPTH`], or has more than [`MAX_PATTERNS`] patterns.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::expression(text).map(|expression| Self { expression })
    }

    /// Decides about a datum of no declared type: objects are maps with any values, whole numbers are integers.
    ///
    /// # Errors
    /// A selector names nothing, or an operator or value does not suit the type found there, or collections take more than
    /// [`MAX_STEPS`] steps.
    pub fn matches(&self, datum: &Value) -> Result<bool, EvalError> {
        self.matches_as(datum, &Shapes::default(), &Shape::Any)
    }

    /// Decides about a datum whose declared type is `shape`; the structs it names are looked up in `shapes`.
    ///
    /// # Errors
    /// As [`Filter::matches`]; selectors naming a field the struct does not have fail too.
    pub fn matches_as(&self, datum: &Value, shapes: &Shapes, shape: &Shape) -> Result<bool, EvalError> {
        Evaluation::new(shapes, datum, shape).decide(&self.expression)
    }
}
