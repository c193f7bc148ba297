//! Deciding an expression over one datum: logic and comparisons. `any` and `all` are `collection`'s.

use crate::boundary::MAX_STEPS;
use crate::collection::Variable;
use crate::datum::{Datum, View};
use crate::equality::{contains, empty, equal, nil};
use crate::error::EvalError;
use crate::lookup::{Found, follow, pointer};
use crate::shape::{Shape, Shapes};
use crate::syntax::{Expression, Match, Selector, Test};
use serde_json::Value;
use std::borrow::Cow;

static TEXT: Shape = Shape::String;
static INDEX: Shape = Shape::Int("int");

/// One datum under evaluation, with the names collections have bound so far, the innermost last.
pub(crate) struct Evaluation<'a> {
    shapes: &'a Shapes,
    root: View<'a>,
    pub(crate) variables: Vec<Variable>,
    steps: usize,
}

impl<'a> Evaluation<'a> {
    pub(crate) fn new(shapes: &'a Shapes, datum: &'a Value, shape: &'a Shape) -> Self {
        Self { shapes, root: View::new(datum, shape), variables: Vec::new(), steps: 0 }
    }

    pub(crate) fn decide(&mut self, expression: &Expression) -> Result<bool, EvalError> {
        match expression {
            Expression::And(parts) => {
                for part in parts {
                    if !self.decide(part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expression::Or(parts) => {
                for part in parts {
                    if self.decide(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Expression::Not(inner) => self.decide(inner).map(|verdict| !verdict),
            Expression::Match(one) => self.compare(one),
            Expression::Collection(collection) => self.decide_collection(collection),
        }
    }

    /// Counts one item asked by a collection.
    pub(crate) fn step(&mut self) -> Result<(), EvalError> {
        self.steps += 1;
        if self.steps > MAX_STEPS { Err(EvalError::TooManySteps) } else { Ok(()) }
    }

    /// What a selector finds, bound names first.
    pub(crate) fn find(&self, selector: &Selector) -> Result<Found<'a>, EvalError> {
        let mut path = Cow::Borrowed(&selector.path);
        for variable in self.variables.iter().rev() {
            if path.first() != Some(variable.name()) {
                continue;
            }
            let (value, shape, kind) = match variable {
                Variable::Path(_, to) => {
                    path = Cow::Owned(to.iter().chain(&path[1..]).cloned().collect());
                    continue;
                }
                Variable::Key(_, key) => (Value::from(key.as_str()), &TEXT, "string"),
                Variable::Index(_, index) => (Value::from(*index), &INDEX, "int"),
            };
            if path.len() > 1 {
                return Err(EvalError::LeafVariable {
                    name: pointer(&path[..1]),
                    kind,
                    path: pointer(&path),
                });
            }
            return Ok(Found::Value(View { value: Cow::Owned(value), shape }));
        }
        follow(&self.root, self.shapes, &path)
    }

    fn compare(&self, one: &Match) -> Result<bool, EvalError> {
        let verdict = match self.find(&one.selector)? {
            Found::NotPresent => matches!(one.test, Test::IsEmpty | Test::IsNil),
            Found::Value(view) => match &one.test {
                Test::Equal(raw) => equal(&view.datum(), raw)?.ok_or(EvalError::NotComparable)?,
                Test::In(raw) => contains(&view, raw, &one.selector)?,
                Test::Matches(pattern) => match view.datum() {
                    Datum::Text(text) => pattern.is_match(text.as_bytes())?,
                    Datum::Bytes(_) => pattern.is_match(&view.bytes())?,
                    _ => return Err(EvalError::NotText(view.type_name())),
                },
                Test::IsEmpty => empty(&view, &one.selector)?,
                Test::IsNil => nil(&view, &one.selector)?,
            },
        };
        Ok(verdict != one.negated)
    }
}
