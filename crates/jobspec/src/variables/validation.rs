//! `validation` blocks of variables.

use crate::body::{Block, Shape};
use crate::diagnostic::Diagnostic;
use crate::eval::scope::Scope;
use crate::eval::{Env, Out};
use crate::position::Range;
use crate::syntax::tree::{Expression, Kind, StepKind};
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::types::Type;

use super::declaration::{Declaration, Origin, Source};

const CONDITION: &str = "Invalid variable validation condition";

impl Env<'_> {
    /// Checks the value that counts against all validations.
    pub(super) fn validate(
        &self,
        name: &str,
        declaration: &Declaration,
        value: &Value,
        origin: &Origin,
        out: &mut Out,
    ) {
        for block in &declaration.validations {
            self.validate_one(name, block, value, origin, out);
        }
    }

    fn validate_one(&self, name: &str, block: &Block, value: &Value, origin: &Origin, out: &mut Out) {
        let shape = Shape {
            attributes: vec![("condition", true), ("error_message", true)],
            blocks: Vec::new(),
            dynamic: false,
            quiet: Vec::new(),
        };
        let content = self.content(&block.body, &shape, out);
        let find = |name: &str| content.attributes.iter().find(|attribute| attribute.name == name);
        let Some(condition) = find("condition") else { return };
        let condition = &condition.value;
        self.check_references(name, condition, out);
        let variable = Value::object([(name.to_owned(), value.clone())].into());
        let scope = Scope::root([("var".to_owned(), variable)].into());
        let message = find("error_message").map(|attribute| self.evaluate(&attribute.value, &scope, out));
        let mut found = Vec::new();
        let result = self.evaluate(condition, &scope, &mut found);
        let failed = !found.is_empty();
        out.extend(found);
        let bad = |why: &str| format!("Invalid validation condition result value: {why}.");
        const RESULT: &str = "Invalid variable validation result";
        match convert(&result, &Type::Bool) {
            Ok(Value::Bool(true)) => {}
            Ok(Value::Bool(false)) => {
                let message = match &message {
                    Some(Value::String(text)) => text.as_ref(),
                    _ => "",
                };
                let place = self.subject(block.header);
                let kind = match origin.source {
                    Source::Default => "default",
                    Source::Environment => "env",
                    Source::File => "varfile",
                    Source::Argument => "cmd",
                };
                let detail = format!("{message}\n\nThis was checked by the validation rule at {place}.");
                let summary = format!("Invalid value for {kind} variable");
                out.push(Diagnostic::error(Some(origin.place.clone()), &summary, &detail));
            }
            Ok(Value::Null(_)) => self.report(
                out,
                condition.range,
                RESULT,
                "Validation condition expression must return either true or false, not null.",
            ),
            Ok(_) if failed => {}
            Ok(_) => self.report(out, condition.range, RESULT, &bad("value must be known")),
            Err(why) => self.report(out, condition.range, RESULT, &bad(&why)),
        }
    }

    /// A condition must refer to its variable and to no other.
    fn check_references(&self, name: &str, condition: &Expression, out: &mut Out) {
        let mut references = Vec::new();
        collect(condition, &mut references);
        let mut own = false;
        for (reference, range) in references {
            if reference == name {
                own = true;
            } else {
                let detail = format!(
                    "The condition for variable {name:?} can only refer to the variable itself, using var.{name}."
                );
                self.report(out, range, "Invalid reference in variable validation", &detail);
            }
        }
        if !own {
            let detail = format!(
                "The condition for variable {name:?} must refer to var.{name} in order to test incoming values."
            );
            self.report(out, condition.range, CONDITION, &detail);
        }
    }
}

/// The variables that an expression refers to.
fn collect<'e>(expression: &'e Expression, found: &mut Vec<(&'e str, Range)>) {
    match &expression.kind {
        Kind::Root { name, steps, .. } if name == "var" => {
            if let Some(StepKind::Attribute(variable)) = steps.first().map(|step| &step.kind) {
                found.push((variable, expression.range));
            }
        }
        Kind::Template(items) | Kind::Tuple { items, .. } => {
            items.iter().for_each(|item| collect(item, found))
        }
        Kind::Wrap(inner) | Kind::Join(inner) | Kind::Paren(inner) | Kind::Sequence { inner, .. } => {
            collect(inner, found)
        }
        Kind::Not { operand, .. } | Kind::Negate { operand, .. } => collect(operand, found),
        Kind::Conditional { condition, yes, no } => {
            for part in [condition, yes, no] {
                collect(part, found);
            }
        }
        Kind::Binary { first, rest } => {
            collect(first, found);
            rest.iter().for_each(|(_, operand)| collect(operand, found));
        }
        Kind::Object { items, .. } => {
            for (key, value) in items {
                collect(&key.expression, found);
                collect(value, found);
            }
        }
        Kind::For(parts) => {
            let some =
                [Some(&parts.collection), parts.key.as_ref(), Some(&parts.value), parts.condition.as_ref()];
            some.into_iter().flatten().for_each(|part| collect(part, found));
        }
        Kind::Relative { source, .. } => collect(source, found),
        Kind::Index { source, key, .. } => {
            collect(source, found);
            collect(key, found);
        }
        Kind::Splat { source, each, .. } => {
            collect(source, found);
            collect(each, found);
        }
        Kind::Call(call) => call.arguments.iter().for_each(|argument| collect(argument, found)),
        Kind::Literal(_) | Kind::Root { .. } | Kind::Anonymous => {}
    }
}
