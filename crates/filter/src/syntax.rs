//! What an expression is after parsing. Pure data; deciding is `evaluate`'s.

use crate::pattern::Pattern;
use std::fmt;

/// A whole expression or a part of one. Chains are flat so that their length costs no stack.
#[derive(Debug, Clone)]
pub(crate) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Match(Match),
    Collection(Box<Collection>),
}

/// One comparison of what a selector finds.
#[derive(Debug, Clone)]
pub(crate) struct Match {
    pub(crate) selector: Selector,
    pub(crate) test: Test,
    /// The operator was written in its `not` form.
    pub(crate) negated: bool,
}

/// The operator with its value, in positive form.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Equal(String),
    In(String),
    Matches(Pattern),
    IsEmpty,
    IsNil,
}

/// Where in the datum to look.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Selector {
    pub(crate) path: Vec<String>,
    /// Written as a JSON pointer, which only changes how it is shown.
    pub(crate) pointer: bool,
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path.join(if self.pointer { "/" } else { "." }))
    }
}

/// `any` or `all` over the items of a list or map.
#[derive(Debug, Clone)]
pub(crate) struct Collection {
    pub(crate) all: bool,
    pub(crate) selector: Selector,
    pub(crate) binding: Binding,
    pub(crate) inner: Expression,
}

/// The names an item gets inside a collection's braces.
#[derive(Debug, Clone)]
pub(crate) enum Binding {
    /// One name: the value of a list's item, the key of a map's.
    Default(String),
    Index(String),
    Value(String),
    Both(String, String),
}
