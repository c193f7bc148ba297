//! Operators.

use std::rc::Rc;

use crate::number::Number;
use crate::position::Range;
use crate::syntax::tree::{Expression, Operator};
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::equal::equal;
use crate::value::types::Type;

use super::scope::Scope;
use super::{Env, Out};

const FAILED: &str = "Operation failed";
const NULL: &str = "Error during operation: argument must not be null.";

impl Env<'_> {
    pub(super) fn unary(
        &self,
        operand: &Expression,
        want: &Type,
        range: Range,
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Value {
        let value = self.evaluate(operand, scope, out);
        let value = match convert(&value, want) {
            Ok(value) => value,
            Err(why) => {
                let detail = format!("Unsuitable value for unary operand: {why}.");
                self.report(out, operand.range, "Invalid operand", &detail);
                return Value::Unknown;
            }
        };
        match value {
            Value::Bool(flag) => Value::Bool(!flag),
            Value::Number(number) => Value::Number(number.negate()),
            Value::Null(_) => {
                self.report(out, range, FAILED, NULL);
                Value::Unknown
            }
            _ => Value::Unknown,
        }
    }

    pub(super) fn binary(
        &self,
        first: &Expression,
        rest: &[(Operator, Expression)],
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Value {
        let mut left = self.evaluate(first, scope, out);
        let mut left_range = first.range;
        for (operator, operand) in rest {
            let right = self.evaluate(operand, scope, out);
            let range = first.range.to(operand.range);
            left = self.operate(*operator, (left, left_range), (right, operand.range), range, out);
            left_range = range;
        }
        left
    }

    fn operate(
        &self,
        operator: Operator,
        left: (Value, Range),
        right: (Value, Range),
        range: Range,
        out: &mut Out,
    ) -> Value {
        if !self.spend(left.0.weight() + right.0.weight(), range, out) {
            return Value::Unknown;
        }
        let want = match operator {
            Operator::Or | Operator::And => Type::Bool,
            Operator::Equal | Operator::NotEqual => return equality(operator, &left.0, &right.0),
            _ => Type::Number,
        };
        let left = self.operand(&left.0, &want, "left", left.1, out);
        let right = self.operand(&right.0, &want, "right", right.1, out);
        let (Some(left), Some(right)) = (left, right) else { return Value::Unknown };
        if left.is_null() || right.is_null() {
            self.report(out, range, FAILED, NULL);
            return Value::Unknown;
        }
        match (left, right) {
            (Value::Bool(left), Value::Bool(right)) => {
                Value::Bool(if operator == Operator::Or { left || right } else { left && right })
            }
            (Value::Number(left), Value::Number(right)) => {
                calculate(operator, &left, &right).unwrap_or_else(|why| {
                    self.report(out, range, FAILED, &format!("Error during operation: {why}."));
                    Value::Unknown
                })
            }
            _ => Value::Unknown,
        }
    }

    fn operand(&self, value: &Value, want: &Type, side: &str, range: Range, out: &mut Out) -> Option<Value> {
        match convert(value, want) {
            Ok(value) => Some(value),
            Err(why) => {
                let detail = format!("Unsuitable value for {side} operand: {why}.");
                self.report(out, range, "Invalid operand", &detail);
                None
            }
        }
    }
}

fn equality(operator: Operator, left: &Value, right: &Value) -> Value {
    if !left.is_known() || !right.is_known() {
        return Value::Unknown;
    }
    Value::Bool(equal(left, right) == (operator == Operator::Equal))
}

fn calculate(operator: Operator, left: &Number, right: &Number) -> Result<Value, &'static str> {
    let number = match operator {
        Operator::Less => return Ok(Value::Bool(left < right)),
        Operator::LessEqual => return Ok(Value::Bool(left <= right)),
        Operator::Greater => return Ok(Value::Bool(left > right)),
        Operator::GreaterEqual => return Ok(Value::Bool(left >= right)),
        Operator::Add => left.add(right).ok_or("can't compute sum of opposing infinities"),
        Operator::Subtract => left.subtract(right).ok_or("can't subtract infinity from itself"),
        Operator::Multiply => left.multiply(right).ok_or("can't multiply zero by infinity"),
        Operator::Divide => left.divide(right).ok_or("can't divide zero by zero or infinity by infinity"),
        _ => left.modulo(right).ok_or("can't use modulo with zero or infinity"),
    };
    number.map(Value::Number)
}
