//! Templates and conditionals.

use std::rc::Rc;

use crate::position::Range;
use crate::syntax::tree::{Expression, Kind};
use crate::value::Value;
use crate::value::convert::{convert, mismatch};
use crate::value::types::Type;
use crate::value::unify::unify;

use super::scope::Scope;
use super::{Env, Out};

impl Env<'_> {
    pub(super) fn template(
        &self,
        parts: &[Expression],
        range: Range,
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Value {
        let mut text = String::new();
        let mut known = true;
        for part in parts {
            let value = self.evaluate(part, scope, out);
            known &= self.append(&value, part.range, &mut text, out);
        }
        if !known {
            return Value::Unknown;
        }
        let value = Value::text(&text);
        if self.spend(value.weight(), range, out) { value } else { Value::Unknown }
    }

    /// Puts a part behind the text. False when the part is unknown; what cannot be text is reported and left out.
    fn append(&self, value: &Value, range: Range, text: &mut String, out: &mut Out) -> bool {
        const SUMMARY: &str = "Invalid template interpolation value";
        if value.is_null() {
            self.report(
                out,
                range,
                SUMMARY,
                "The expression result is null. Cannot include a null value in a string template.",
            );
            return true;
        }
        match convert(value, &Type::String) {
            Ok(Value::String(part)) => {
                text.push_str(&part);
                true
            }
            Ok(_) => false,
            Err(why) => {
                let detail = format!("Cannot include the given value in a string template: {why}.");
                self.report(out, range, SUMMARY, &detail);
                true
            }
        }
    }

    /// `${…}`: a name that nobody declared stays exactly as it was written.
    pub(super) fn sequence(
        &self,
        inner: &Expression,
        whole: Range,
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Value {
        if let Kind::Root { name, .. } = &inner.kind
            && !scope.literal
            && scope.find(name).is_none()
        {
            let text = self.source(whole);
            if !text.contains('~') {
                return Value::text(&text);
            }
        }
        self.evaluate(inner, scope, out)
    }

    /// The strings of a `%{ for }` as one.
    pub(super) fn join(&self, inner: &Expression, range: Range, scope: &Rc<Scope>, out: &mut Out) -> Value {
        let value = self.evaluate(inner, scope, out);
        let Some(items) = value.elements() else { return Value::Unknown };
        let mut text = String::new();
        let mut known = true;
        for item in items {
            known &= self.append(item, range, &mut text, out);
        }
        if known { Value::text(&text) } else { Value::Unknown }
    }

    pub(super) fn conditional(
        &self,
        condition: &Expression,
        yes: &Expression,
        no: &Expression,
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Value {
        let (mut yes_out, mut no_out) = (Vec::new(), Vec::new());
        let yes_value = self.evaluate(yes, scope, &mut yes_out);
        let no_value = self.evaluate(no, scope, &mut no_out);
        let cost = yes_value.weight() + no_value.weight();
        if !self.spend(cost, yes.range, out) {
            return Value::Unknown;
        }
        let wanted = match self.common_type(&yes_value, &no_value) {
            Ok(wanted) => wanted,
            Err(why) => {
                let detail =
                    format!("The true and false result expressions must have consistent types. {why}.");
                self.report(out, yes.range.to(no.range), "Inconsistent conditional result types", &detail);
                return Value::Unknown;
            }
        };
        let value = self.evaluate(condition, scope, out);
        if value.is_null() {
            self.report(
                out,
                condition.range,
                "Null condition",
                "The condition value is null. Conditions must either be true or false.",
            );
            return Value::Unknown;
        }
        let chosen = match convert(&value, &Type::Bool) {
            Ok(Value::Bool(chosen)) => chosen,
            Ok(_) => return Value::Unknown,
            Err(_) => {
                self.report(
                    out,
                    condition.range,
                    "Incorrect condition type",
                    "The condition expression must be of type bool.",
                );
                return Value::Unknown;
            }
        };
        let (value, found, range) =
            if chosen { (yes_value, yes_out, yes.range) } else { (no_value, no_out, no.range) };
        out.extend(found);
        convert(&value, &wanted).unwrap_or_else(|why| {
            let side = if chosen { "true" } else { "false" };
            let detail = format!("The {side} result value has the wrong type: {why}.");
            self.report(out, range, "Inconsistent conditional result types", &detail);
            Value::Unknown
        })
    }

    fn common_type(&self, yes: &Value, no: &Value) -> Result<Type, String> {
        match (yes, no) {
            (Value::Unknown, _) | (_, Value::Unknown) => return Ok(Type::Dynamic),
            (Value::Null(Type::Dynamic), other) | (other, Value::Null(Type::Dynamic)) => {
                return Ok(other.type_of());
            }
            _ => {}
        }
        let (yes, no) = (yes.type_of(), no.type_of());
        unify(&[&yes, &no]).ok_or_else(|| difference(&yes, &no))
    }
}

/// What makes two types impossible to bring together.
fn difference(yes: &Type, no: &Type) -> String {
    match (yes, no) {
        (Type::Object(left), Type::Object(right)) => {
            for (name, kind) in left {
                match right.get(name) {
                    None => {
                        return format!(
                            "The 'true' value includes object attribute {name:?}, which is absent in the 'false' value"
                        );
                    }
                    Some(other) if unify(&[kind, other]).is_none() => {
                        return format!(
                            "Type mismatch for object attribute {name:?}: {}",
                            difference(kind, other)
                        );
                    }
                    Some(_) => {}
                }
            }
            match right.keys().find(|name| !left.contains_key(*name)) {
                Some(name) => format!(
                    "The 'false' value includes object attribute {name:?}, which is absent in the 'true' value"
                ),
                None => mismatch(yes, no),
            }
        }
        (Type::Tuple(left), Type::Tuple(right)) if left.len() != right.len() => {
            format!(
                "The 'true' tuple has length {}, but the 'false' tuple has length {}",
                left.len(),
                right.len()
            )
        }
        (Type::Tuple(left), Type::Tuple(right)) => {
            let mut pairs = left.iter().zip(right).enumerate();
            match pairs.find(|(_, (left, right))| unify(&[left, right]).is_none()) {
                Some((index, (left, right))) => {
                    format!("Type mismatch for tuple element {index}: {}", difference(left, right))
                }
                None => mismatch(yes, no),
            }
        }
        _ => format!("The 'true' value is {}, but the 'false' value is {}", yes.name(), no.name()),
    }
}
