//! What can go wrong, in the words clients of the API already know. The texts are part of the contract.

use crate::boundary::{MAX_DEPTH, MAX_LENGTH, MAX_PATTERNS, MAX_STEPS};
use crate::coerce::CoerceError;
use thiserror::Error;

/// Why an expression was refused before any item was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseError {
    /// The grammar was broken; the text carries line, column and offset, one message a line.
    #[error("{0}")]
    Syntax(String),
    /// The expression has more bytes than [`MAX_LENGTH`].
    #[error("filter expression of {0} bytes is longer than {MAX_LENGTH}")]
    TooLong(usize),
    /// Parentheses or collections stand inside one another more than [`MAX_DEPTH`] times.
    #[error("filter expression is nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// More than [`MAX_PATTERNS`] patterns.
    #[error("filter expression has more than {MAX_PATTERNS} patterns")]
    TooManyPatterns,
}

/// Why an expression could not be decided for one item.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvalError {
    /// The selector leads nowhere; the text names the pointer and the part that failed.
    #[error("error finding value in datum: {0}")]
    Lookup(String),
    /// A key or index of a collection was used as if it had parts.
    #[error("{name} references a {kind} so {path} is invalid")]
    LeafVariable {
        /// Pointer of the variable alone.
        name: String,
        /// `string` for a key, `int` for an index.
        kind: &'static str,
        /// Pointer as written.
        path: String,
    },
    /// The value of the expression cannot be read as the type found.
    #[error("error getting match value in expression: {0}")]
    Value(#[from] CoerceError),
    /// The type found has no equality.
    #[error("unable to find suitable primitive comparison function for matching")]
    NotComparable,
    /// The items of the list found have no equality.
    #[error("unable to find suitable primitive comparison function for \"in\" comparison")]
    ItemNotComparable,
    /// An item of a mixed list has no equality; carries its kind.
    #[error(
        "unable to find suitable primitive comparison function for \"in\" comparison in interface slice: {0}"
    )]
    MixedItemNotComparable(String),
    /// The value is out of range for an item of a mixed list.
    #[error("error getting interface slice match value in expression")]
    MixedItemValue,
    /// The operator does not work on the kind found; the selector is quoted.
    #[error("cannot perform {operation} operations on type {kind} for selector: {selector}")]
    Unsuited {
        /// `in/contains`, `is-empty` or `is-nil`.
        operation: &'static str,
        /// The kind found.
        kind: String,
        /// The quoted selector.
        selector: String,
    },
    /// `matches` was asked of something that is not text; carries the type's name.
    #[error("value of type {0} is not convertible to []byte")]
    NotText(String),
    /// The pattern of `matches` cannot be used.
    #[error("failed to compile regular expression {pattern}: error parsing regexp: {reason}")]
    Pattern {
        /// The quoted pattern.
        pattern: String,
        /// Which part of it is wrong, and how.
        reason: String,
    },
    /// `is nil` was asked of an array of fixed length.
    #[error("reflect: call of reflect.Value.IsNil on array Value")]
    NilOfArray,
    /// `any` or `all` over something without items; carries the selector.
    #[error("{0} is not a list or a map")]
    NotCollection(String),
    /// Both names of a collection are the same; carries the quoted name.
    #[error("{0} cannot be used as a placeholder for both the index and the value")]
    SamePlaceholder(String),
    /// Collections asked more than [`MAX_STEPS`] items.
    #[error("filter expression takes more than {MAX_STEPS} steps")]
    TooManySteps,
}
