//! Bodies written in JSON: what a property means depends on the schema.

use std::rc::Rc;

use crate::eval::{Env, Out};
use crate::number::Number;
use crate::position::Range;
use crate::syntax::json::{Node, NodeKind, Property};
use crate::syntax::parse_template;
use crate::syntax::tree::{Attribute, Expression, Key, Kind};
use crate::value::Value;

use super::{Block, Body, Content, Form, Shape, hint_any};

const BODY: &str =
    "Either a JSON object or JSON array of objects is required here, to define arguments and child blocks.";

impl Env<'_> {
    pub(super) fn json_content(
        &self,
        node: &Rc<Node>,
        body: &Body,
        shape: &Shape<'_>,
        out: &mut Out,
    ) -> Content {
        let mut content = Content::default();
        for object in self.objects(node, BODY, out) {
            for property in properties(&object) {
                self.json_property(property, body, shape, &mut content, out);
            }
        }
        for (name, required) in &shape.attributes {
            if *required && !content.attributes.iter().any(|attribute| attribute.name == *name) {
                self.missing_argument(name, node.range, out);
            }
        }
        content
    }

    fn json_property(
        &self,
        property: &Property,
        body: &Body,
        shape: &Shape<'_>,
        content: &mut Content,
        out: &mut Out,
    ) {
        if shape.has_attribute(&property.name) {
            content.attributes.push(self.json_attribute(property, body, out));
        } else if let Some(labels) = shape.labels(&property.name) {
            let head = Block {
                kind: property.name.clone(),
                kind_range: property.name_range,
                labels: Vec::new(),
                header: property.name_range,
                open: property.value.range.at_start(),
                body: body.clone(),
            };
            self.json_blocks(&property.value, labels, &head, &mut content.blocks, out);
        } else {
            let hint = hint_any(&property.name, shape);
            let detail = format!("No argument or block type is named {:?}.{hint}", property.name);
            self.report(out, property.name_range, "Extraneous JSON object property", &detail);
        }
    }

    fn json_attribute(&self, property: &Property, body: &Body, out: &mut Out) -> Attribute {
        let value = self.json_expression(&property.value, body.scope.literal, out);
        let range = property.name_range.to(property.value.range);
        Attribute {
            name: property.name.clone(),
            name_range: property.name_range,
            range,
            value: Rc::new(value),
        }
    }

    fn objects(&self, node: &Rc<Node>, detail: &str, out: &mut Out) -> Vec<Rc<Node>> {
        match &node.kind {
            NodeKind::Object(_) => return vec![node.clone()],
            NodeKind::Null => return Vec::new(),
            NodeKind::Array(items) if items.iter().all(|item| matches!(item.kind, NodeKind::Object(_))) => {
                return items.clone();
            }
            _ => {}
        }
        self.report(out, node.range.at_start(), "Incorrect JSON value type", detail);
        Vec::new()
    }

    /// The blocks of one kind: properties are labels until there are enough of them.
    fn json_blocks(
        &self,
        node: &Rc<Node>,
        labels: &[&str],
        head: &Block,
        made: &mut Vec<Block>,
        out: &mut Out,
    ) {
        let kind = &head.kind;
        let Some((label, rest)) = labels.split_first() else {
            let detail = format!(
                "Either a JSON object or a JSON array is required, representing the contents of one or more {kind:?} blocks."
            );
            for object in self.objects(node, &detail, out) {
                let body = Body { form: Form::Json(object.clone()), scope: head.body.scope.clone() };
                made.push(Block { open: object.range.at_start(), body, ..head.clone() });
            }
            return;
        };
        let detail = format!(
            "Either a JSON object or a JSON array of objects is required here, to specify {kind:?} blocks by {label}."
        );
        for object in self.objects(node, &detail, out) {
            for property in properties(&object) {
                let mut labelled = head.clone();
                labelled.labels.push((property.name.clone(), property.name_range));
                labelled.header = head.kind_range.to(property.name_range);
                self.json_blocks(&property.value, rest, &labelled, made, out);
            }
        }
    }

    pub(super) fn json_attributes(&self, node: &Rc<Node>, body: &Body, out: &mut Out) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        let detail = "A JSON object is required here, defining the arguments for this block.";
        for object in self.objects(node, detail, out) {
            for property in properties(&object) {
                attributes.push(self.json_attribute(property, body, out));
            }
        }
        attributes
    }

    /// A JSON value as an expression. Texts are templates, unless everything must be literal here.
    pub(crate) fn json_expression(&self, node: &Node, literal: bool, out: &mut Out) -> Expression {
        let range = node.range;
        let value = |value: Value| Expression { kind: Kind::Literal(value), range };
        match &node.kind {
            NodeKind::Null => value(Value::null()),
            NodeKind::Bool(flag) => value(Value::Bool(*flag)),
            NodeKind::Number(text) => value(Number::parse(text).map_or(Value::Unknown, Value::Number)),
            NodeKind::Text(text) if literal => value(Value::text(text)),
            NodeKind::Text(text) => self.json_text(text, range, out),
            NodeKind::Array(items) => {
                let items = items.iter().map(|item| self.json_expression(item, literal, out)).collect();
                Expression { kind: Kind::Tuple { open: range, items }, range }
            }
            NodeKind::Object(properties) => {
                let mut items = Vec::new();
                for property in properties {
                    let place = property.name_range;
                    let expression = match literal {
                        true => Expression { kind: Kind::Literal(Value::text(&property.name)), range: place },
                        false => self.json_text(&property.name, place, out),
                    };
                    let value = self.json_expression(&property.value, literal, out);
                    items.push((Key { expression, forced: true }, value));
                }
                let object = Expression { kind: Kind::Object { open: range, items }, range };
                Expression { kind: Kind::Paren(Box::new(object)), range }
            }
        }
    }

    fn json_text(&self, text: &str, range: Range, out: &mut Out) -> Expression {
        let plain = Expression { kind: Kind::Literal(Value::text(text)), range };
        if !text.contains("${") && !text.contains("%{") {
            return plain;
        }
        let source: Rc<str> = text.into();
        let file: Rc<str> = self.subject(range).file.as_str().into();
        let index = self.add_text(&source, &file);
        let mut start = range.start;
        start.column += 1;
        let (expression, found) = parse_template(&source, index, &file, start);
        out.extend(found);
        expression.unwrap_or(plain)
    }
}

/// The properties of an object, comments left out.
fn properties(node: &Node) -> impl Iterator<Item = &Property> {
    let properties = match &node.kind {
        NodeKind::Object(properties) => properties.as_slice(),
        _ => &[],
    };
    properties.iter().filter(|property| property.name != "//")
}
