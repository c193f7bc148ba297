//! The tree of a text: bodies, blocks, attributes and expressions, each with its place.

use std::rc::Rc;

use crate::position::Range;
use crate::value::Value;

/// What stands between braces, or the whole file.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) blocks: Vec<Block>,
    /// From the opening brace; the whole text for a file.
    pub(crate) range: Range,
}

#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) name_range: Range,
    pub(crate) range: Range,
    pub(crate) value: Rc<Expression>,
}

#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) kind: String,
    pub(crate) kind_range: Range,
    pub(crate) labels: Vec<(String, Range)>,
    pub(crate) open: Range,
    pub(crate) body: Rc<Body>,
}

#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) kind: Kind,
    pub(crate) range: Range,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Literal(Value),
    /// Parts of a text, put together as a string.
    Template(Vec<Expression>),
    /// A text that is one sequence only: its value as it is.
    Wrap(Box<Expression>),
    /// `${…}` within a template; the range is that of the expression, this one that of the whole.
    Sequence {
        inner: Box<Expression>,
        whole: Range,
    },
    /// The strings of a `%{ for }`, put together.
    Join(Box<Expression>),
    Conditional {
        condition: Box<Expression>,
        yes: Box<Expression>,
        no: Box<Expression>,
    },
    /// Operators of one precedence, from left to right.
    Binary {
        first: Box<Expression>,
        rest: Vec<(Operator, Expression)>,
    },
    Not {
        symbol: Range,
        operand: Box<Expression>,
    },
    Negate {
        symbol: Range,
        operand: Box<Expression>,
    },
    Paren(Box<Expression>),
    Tuple {
        open: Range,
        items: Vec<Expression>,
    },
    Object {
        open: Range,
        items: Vec<(Key, Expression)>,
    },
    For(Box<For>),
    /// A name and the way from it.
    Root {
        name: String,
        name_range: Range,
        steps: Vec<Step>,
    },
    /// A way from something else than a name.
    Relative {
        source: Box<Expression>,
        steps: Vec<Step>,
    },
    Index {
        source: Box<Expression>,
        key: Box<Expression>,
        open: Range,
        bracket: Range,
    },
    Splat {
        source: Box<Expression>,
        each: Box<Expression>,
        marker: Range,
    },
    /// The element a splat is at.
    Anonymous,
    Call(Box<Call>),
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) name_range: Range,
    pub(crate) open: Range,
    pub(crate) close: Range,
    pub(crate) arguments: Vec<Expression>,
    /// The last argument is a list of arguments.
    pub(crate) expand: bool,
}

#[derive(Debug)]
pub(crate) struct For {
    pub(crate) open: Range,
    pub(crate) key_name: Option<String>,
    pub(crate) value_name: String,
    pub(crate) collection: Expression,
    /// Present when an object is built.
    pub(crate) key: Option<Expression>,
    pub(crate) value: Expression,
    pub(crate) condition: Option<Expression>,
    pub(crate) group: bool,
}

/// The key of an object's item.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) expression: Expression,
    /// In parentheses: a bare name is a reference then.
    pub(crate) forced: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) kind: StepKind,
    pub(crate) range: Range,
}

#[derive(Debug, Clone)]
pub(crate) enum StepKind {
    Attribute(String),
    Index(Value),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Expression {
    /// The start, as narrow as diagnostics point at it.
    pub(crate) fn start_range(&self) -> Range {
        let mut at = self;
        for _ in 0..=crate::limits::MAX_NESTING * 4 {
            at = match &at.kind {
                Kind::Template(parts) => match parts.first() {
                    Some(first) => first,
                    None => return at.range,
                },
                Kind::Sequence { inner, .. } => inner,
                Kind::Join(inner) => inner,
                Kind::Conditional { condition, .. } => condition,
                Kind::Binary { first, .. } => first,
                Kind::Not { symbol, .. } | Kind::Negate { symbol, .. } => return *symbol,
                Kind::Tuple { open, .. } | Kind::Object { open, .. } | Kind::Index { open, .. } => {
                    return *open;
                }
                Kind::For(inner) => return inner.open,
                Kind::Splat { marker, .. } => return *marker,
                Kind::Call(call) => return call.name_range.to(call.open),
                _ => return at.range,
            };
        }
        at.range
    }

    /// The bare word this is, if it is one.
    pub(crate) fn keyword(&self) -> Option<&str> {
        match &self.kind {
            Kind::Root { name, steps, .. } if steps.is_empty() => Some(name),
            _ => None,
        }
    }

    /// The text this is, when it is a quoted one without sequences.
    pub(crate) fn plain_text(&self) -> Option<&str> {
        let Kind::Template(parts) = &self.kind else { return None };
        match parts.as_slice() {
            [Expression { kind: Kind::Literal(Value::String(text)), .. }] => Some(text),
            _ => None,
        }
    }
}
