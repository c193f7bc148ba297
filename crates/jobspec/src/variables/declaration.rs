//! `variable` and `variables` blocks.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::body::{Block, Body, Shape};
use crate::diagnostic::{Diagnostic, Subject};
use crate::eval::scope::Scope;
use crate::eval::{Env, Out};
use crate::syntax::tree::{Attribute, Expression, Kind};
use crate::syntax::{as_text, parse_expression};
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::types::Type;

use super::kind::parse_type;

/// Where a value came from, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Default,
    Environment,
    File,
    Argument,
}

/// A value's source and place.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) source: Source,
    pub(super) place: Subject,
}

#[derive(Debug)]
pub(super) struct Declaration {
    pub(super) kind: Type,
    pub(super) values: Vec<(Value, Origin)>,
    pub(super) validations: Vec<Block>,
}

impl Declaration {
    /// The value that counts: the last one of the strongest source.
    pub(super) fn winner(&self) -> Option<(&Value, &Origin)> {
        let best = self.values.iter().max_by_key(|(_, origin)| origin.source)?;
        Some((&best.0, &best.1))
    }
}

fn duplicate(name: &str) -> Diagnostic {
    let detail = format!("Duplicate {name} variable definition found.");
    Diagnostic::error(None, "Duplicate variable", &detail)
}

/// A letter or an underscore, then also digits and dashes.
fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && letters.all(|next| next == '_' || next == '-' || next.is_alphanumeric())
}

impl Env<'_> {
    pub(super) fn declare(&self, block: &Block, known: &mut BTreeMap<String, Declaration>, out: &mut Out) {
        let Some((name, name_range)) = block.labels.first().cloned() else { return };
        if known.contains_key(&name) {
            out.push(duplicate(&name));
            return;
        }
        if !is_name(&name) {
            self.report(out, name_range, "Invalid variable name", "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.");
        }
        let shape = Shape {
            attributes: vec![("default", false), ("description", false), ("type", false)],
            blocks: vec![("validation", Vec::new())],
            dynamic: false,
            quiet: Vec::new(),
        };
        let literal = Body { scope: Scope::literal(), ..block.body.clone() };
        let content = self.content(&literal, &shape, out);
        let find = |name: &str| content.attributes.iter().find(|attribute| attribute.name == name);
        if let Some(description) = find("description") {
            self.check_description(description, out);
        }
        let kind = match find("type") {
            Some(attribute) => self.variable_type(&attribute.value, out),
            None => Some(Type::Dynamic),
        };
        let mut values = Vec::new();
        if let (Some(attribute), Some(kind)) = (find("default"), &kind) {
            values.extend(self.default_value(attribute, kind, out));
        }
        let kind = kind.unwrap_or(Type::Dynamic);
        known.insert(name, Declaration { kind, values, validations: content.blocks });
    }

    /// A type, which JSON writes as a text.
    fn variable_type(&self, expression: &Expression, out: &mut Out) -> Option<Type> {
        let Kind::Literal(Value::String(_)) = &expression.kind else {
            return parse_type(self, expression, false, out);
        };
        let text: Rc<str> = as_text(expression).unwrap_or_default().into();
        let file: Rc<str> = self.subject(expression.range).file.as_str().into();
        let index = self.add_text(&text, &file);
        let (parsed, found) = parse_expression(&text, index, &file, expression.range.start);
        out.extend(found);
        parse_type(self, &parsed?, false, out)
    }

    fn check_description(&self, attribute: &Attribute, out: &mut Out) {
        let value = self.evaluate(&attribute.value, &Scope::literal(), out);
        if let Err(why) = convert(&value, &Type::String) {
            let detail = format!("Unsuitable value: {why}");
            self.report(out, attribute.value.start_range(), "Unsuitable value type", &detail);
        }
    }

    fn default_value(&self, attribute: &Attribute, kind: &Type, out: &mut Out) -> Option<(Value, Origin)> {
        let before = out.len();
        let range = attribute.value.range;
        let value = self.evaluate(&attribute.value, &Scope::literal(), out);
        if out.len() > before {
            return None;
        }
        let origin = Origin { source: Source::Default, place: self.subject(range) };
        match convert(&value, kind) {
            Ok(value) => Some((value, origin)),
            Err(why) => {
                let detail = format!(
                    "This default value is not compatible with the variable's type constraint: {why}."
                );
                self.report(out, range, "Invalid default value for variable", &detail);
                None
            }
        }
    }

    /// The older form, in which every attribute is a variable with a default.
    pub(super) fn declare_all(
        &self,
        block: &Block,
        known: &mut BTreeMap<String, Declaration>,
        out: &mut Out,
    ) {
        let literal = Body { scope: Scope::literal(), ..block.body.clone() };
        for attribute in self.just_attributes(&literal, out) {
            if known.contains_key(&attribute.name) {
                out.push(duplicate(&attribute.name));
                continue;
            }
            let Some((value, origin)) = self.default_value(&attribute, &Type::Dynamic, out) else { continue };
            let kind = value.type_of();
            let values = vec![(value, origin)];
            known.insert(attribute.name, Declaration { kind, values, validations: Vec::new() });
        }
    }
}
