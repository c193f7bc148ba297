//! Values for variables from outside of the job file.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::body::{Body, Form};
use crate::diagnostic::{Diagnostic, Subject};
use crate::eval::scope::Scope;
use crate::eval::{Env, Out};
use crate::options::Given;
use crate::position::Position;
use crate::syntax::{json, parse_expression, parse_file};
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::types::Type;

use super::declaration::{Declaration, Origin, Source};

/// Values from a command line have no place.
fn nowhere() -> Subject {
    let zero = Position { line: 0, column: 0, byte: 0 };
    Subject { file: String::new(), start: zero, end: zero }
}

/// The body of a text of values, HCL or JSON.
pub(crate) fn values_body(env: &Env<'_>, name: &str, text: &str) -> Result<Body, Vec<Diagnostic>> {
    let source: Rc<str> = text.into();
    let file: Rc<str> = name.into();
    let index = env.add_text(&source, &file);
    let form = if text.trim_start_matches([' ', '\t']).starts_with('{') {
        Form::Json(Rc::new(json::parse(text, index, name)?))
    } else {
        let (body, found) = parse_file(&source, index, &file);
        if !found.is_empty() {
            return Err(found);
        }
        Form::Native(Rc::new(body))
    };
    Ok(Body { form, scope: Scope::literal() })
}

impl Env<'_> {
    pub(super) fn take_given(&self, known: &mut BTreeMap<String, Declaration>, out: &mut Out) {
        for given in &self.options.given {
            match given {
                Given::Environment { name, value } => {
                    if let Some(declaration) = known.get_mut(name) {
                        self.take_text(name, value, Source::Environment, declaration, out);
                    }
                }
                Given::Argument { name, value } => match known.get_mut(name) {
                    Some(declaration) => self.take_text(name, value, Source::Argument, declaration, out),
                    None if self.options.undeclared_is_error => out.push(undeclared(name, true)),
                    None => {}
                },
                Given::File { name, text } => self.take_file(name, text, known, out),
            }
        }
    }

    fn take_file(&self, name: &str, text: &str, known: &mut BTreeMap<String, Declaration>, out: &mut Out) {
        // What does not parse was refused before.
        let Ok(body) = values_body(self, name, text) else { return };
        for attribute in self.just_attributes(&body, out) {
            let Some(declaration) = known.get_mut(&attribute.name) else {
                if self.options.undeclared_is_error {
                    out.push(undeclared(&attribute.name, false));
                }
                continue;
            };
            let before = out.len();
            let value = self.evaluate(&attribute.value, &body.scope, out);
            let place = self.subject(attribute.value.range);
            if out.len() > before {
                declaration.values.push((Value::Unknown, Origin { source: Source::File, place }));
                continue;
            }
            match convert(&value, &declaration.kind) {
                Ok(value) => declaration.values.push((value, Origin { source: Source::File, place })),
                Err(why) => {
                    let detail = format!(
                        "The value for {} is not compatible with the variable's type constraint: {why}.",
                        attribute.name
                    );
                    out.push(Diagnostic::error(Some(place.clone()), "Invalid value for variable", &detail));
                    declaration.values.push((Value::Unknown, Origin { source: Source::File, place }));
                }
            }
        }
    }

    /// A value given as a text of its own: taken as it is for texts, read as an expression for collections.
    fn take_text(
        &self,
        name: &str,
        text: &str,
        source: Source,
        declaration: &mut Declaration,
        out: &mut Out,
    ) {
        let plain = declaration.kind == Type::Dynamic || declaration.kind.is_primitive();
        let value =
            if plain { Some(Value::text(text)) } else { self.text_expression(name, text, source, out) };
        let place = nowhere();
        let Some(value) = value else {
            declaration.values.push((Value::Unknown, Origin { source, place }));
            return;
        };
        match convert(&value, &declaration.kind) {
            Ok(value) => declaration.values.push((value, Origin { source, place })),
            Err(why) => {
                let (summary, what) = match source {
                    Source::Argument => ("Invalid argument value for -var variable", "received arg value"),
                    _ => ("Invalid value for variable", "value"),
                };
                let detail = format!(
                    "The {what} for {name} is not compatible with the variable's type constraint: {why}."
                );
                out.push(Diagnostic::error(Some(place.clone()), summary, &detail));
                declaration.values.push((Value::Unknown, Origin { source, place }));
            }
        }
    }

    fn text_expression(&self, name: &str, text: &str, source: Source, out: &mut Out) -> Option<Value> {
        let from = if source == Source::Argument { "arguments" } else { "environment" };
        let file: Rc<str> = format!("<value for var.{name} from {from}>").into();
        let text: Rc<str> = text.into();
        let index = self.add_text(&text, &file);
        let (expression, found) = parse_expression(&text, index, &file, Position::START);
        let before = out.len();
        out.extend(found);
        if out.len() > before {
            return None;
        }
        let value = self.evaluate(&expression?, &Scope::literal(), out);
        (out.len() == before).then_some(value)
    }
}

fn undeclared(name: &str, argument: bool) -> Diagnostic {
    let (summary, how) = match argument {
        true => ("Undefined -var variable", "passed in the command line"),
        false => ("Undefined variable", "set"),
    };
    let detail = format!(
        "A {name:?} variable was {how} but was not found in known variables. To declare variable {name:?}, place this block in your job file"
    );
    Diagnostic::error(None, summary, &detail)
}
