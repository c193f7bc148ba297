//! `dynamic` blocks: one block for each element of a collection.

use std::rc::Rc;

use crate::eval::scope::Scope;
use crate::eval::static_form::{static_list, static_reference};
use crate::eval::{Env, Out};
use crate::position::Range;
use crate::syntax::tree::{Attribute, Expression};
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::types::Type;

use super::{Block, Body, Content, Shape};

const FOR_EACH: &str = "Invalid dynamic for_each value";

impl Env<'_> {
    /// Adds the blocks that a `dynamic` block makes.
    pub(super) fn expand(&self, block: &Block, shape: &Shape<'_>, made: &mut Vec<Block>, out: &mut Out) {
        if !self.check_labels(block, &["type"], out) {
            return;
        }
        let Some((kind, kind_range)) = block.labels.first().cloned() else { return };
        let Some(labels) = shape.labels(&kind) else {
            let detail = format!("Blocks of type {kind:?} are not expected here.");
            self.report(out, kind_range, "Unsupported block type", &detail);
            return;
        };
        let before = out.len();
        let mut attributes = vec![("for_each", true), ("iterator", false)];
        if !labels.is_empty() {
            attributes.push(("labels", true));
        }
        let inner =
            Shape { attributes, blocks: vec![("content", Vec::new())], dynamic: false, quiet: Vec::new() };
        let content = self.content(&block.body, &inner, out);
        if out.len() > before {
            return;
        }
        self.expand_content(block, &content, (&kind, kind_range, labels.len()), made, out);
    }

    fn expand_content(
        &self,
        block: &Block,
        content: &Content,
        (kind, kind_range, wanted): (&str, Range, usize),
        made: &mut Vec<Block>,
        out: &mut Out,
    ) {
        let Some(inner) = self.content_block(block, content, out) else { return };
        let find = |name: &str| content.attributes.iter().find(|attribute| attribute.name == name);
        let Some(iterator) = self.iterator(find("iterator"), kind, out) else { return };
        let label_list = match find("labels") {
            Some(attribute) => match self.label_list(attribute, kind, wanted, out) {
                Some(list) => list,
                None => return,
            },
            None => &[],
        };
        let pairs = find("for_each").and_then(|attribute| self.for_each(attribute, &block.body, out));
        for (key, value) in pairs.unwrap_or_default() {
            if !self.spend_block(kind_range, out) {
                return;
            }
            let element = Value::object([("key".to_owned(), key), ("value".to_owned(), value)].into());
            let scope = block.body.scope.child([(iterator.clone(), element)]);
            let labels: Option<Vec<(String, Range)>> =
                label_list.iter().map(|label| self.block_label(label, &scope, out)).collect();
            let Some(labels) = labels else { continue };
            let body = Body { form: inner.body.form.clone(), scope };
            let (header, open) = (inner.header, inner.open);
            made.push(Block { kind: kind.to_owned(), kind_range, labels, header, open, body });
        }
    }

    fn content_block<'c>(&self, block: &Block, content: &'c Content, out: &mut Out) -> Option<&'c Block> {
        match content.blocks.as_slice() {
            [one] => Some(one),
            [] => {
                self.report(out, block.body.missing_range(), "Missing dynamic content block", "A dynamic block must have a nested block of type \"content\" to describe the body of each generated block.");
                None
            }
            [_, second, ..] => {
                self.report(
                    out,
                    second.header,
                    "Extraneous dynamic content block",
                    "Only one nested content block is allowed for each dynamic block.",
                );
                None
            }
        }
    }

    fn iterator(&self, attribute: Option<&Attribute>, kind: &str, out: &mut Out) -> Option<String> {
        let Some(attribute) = attribute else { return Some(kind.to_owned()) };
        match static_reference(&attribute.value) {
            Some((name, 0)) => return Some(name.to_owned()),
            Some(_) => self.report(
                out,
                attribute.value.range,
                "Invalid dynamic iterator name",
                "Dynamic iterator must be a single variable name.",
            ),
            None => self.report(out, attribute.value.range, "Invalid expression", "A single static variable reference is required: only attribute access and indexing with constant keys. No calculations, function calls, template expressions, etc are allowed here."),
        }
        None
    }

    fn label_list<'a>(
        &self,
        attribute: &'a Attribute,
        kind: &str,
        wanted: usize,
        out: &mut Out,
    ) -> Option<&'a [Expression]> {
        let Some(list) = static_list(&attribute.value) else {
            let range = attribute.value.start_range();
            self.report(out, range, "Invalid expression", "A static list expression is required.");
            return None;
        };
        let detail = format!("Blocks of type {kind:?} require {wanted} label(s).");
        if let Some(extra) = list.get(wanted) {
            self.report(out, extra.range, "Extraneous dynamic block label", &detail);
            return None;
        }
        if list.len() < wanted {
            self.report(out, attribute.value.range, "Insufficient dynamic block labels", &detail);
            return None;
        }
        Some(list)
    }

    fn for_each(&self, attribute: &Attribute, body: &Body, out: &mut Out) -> Option<Vec<(Value, Value)>> {
        let range = attribute.value.range;
        let value = self.evaluate(&attribute.value, &body.scope, out);
        if value.is_null() {
            self.report(out, range, FOR_EACH, "Cannot use a null value in for_each.");
            return None;
        }
        if value.is_unknown() {
            return None;
        }
        let pairs = value.pairs();
        if pairs.is_none() {
            let kind = value.type_of().name();
            let detail =
                format!("Cannot use a {kind} value in for_each. An iterable collection is required.");
            self.report(out, range, FOR_EACH, &detail);
        }
        pairs
    }

    fn block_label(&self, label: &Expression, scope: &Rc<Scope>, out: &mut Out) -> Option<(String, Range)> {
        const SUMMARY: &str = "Invalid dynamic block label";
        let value = self.evaluate(label, scope, out);
        if value.is_null() {
            self.report(out, label.range, SUMMARY, "Cannot use a null value as a dynamic block label.");
            return None;
        }
        match convert(&value, &Type::String) {
            Ok(Value::String(text)) => Some((text.to_string(), label.range)),
            Ok(_) => None,
            Err(why) => {
                let detail = format!("Cannot use this value as a dynamic block label: {why}.");
                self.report(out, label.range, SUMMARY, &detail);
                None
            }
        }
    }
}
